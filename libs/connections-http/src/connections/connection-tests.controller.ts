import { ConnectionTester, type TestConnectionInput, type TestUnsavedConnectionInput } from '@score-crm/connections';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertMayUse } from '../routes/access.guard.ts';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, ForRestrictedCallers, Requires, TestsConnection } from '../callers/caller.ts';
import { ConnectionTestList, ConnectionTestResponse, UnsavedConnectionTestResponse } from './connection-test.dto.ts';

@ApiTags('Tests')
@ApiRoutes()
@Controller('connections')
export class ConnectionTestsController {
  constructor(private readonly tester: ConnectionTester) {}

  @Post('test')
  @ForRestrictedCallers()
  @TestsConnection()
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({
    summary: 'Test settings before you store them',
    description:
      'Send `connectionId` to test changes to a stored connection with its stored secrets. A failed test is a successful request: see `diagnosis`.',
    operationId: 'testUnsavedConnection',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/TestUnsavedConnection' } })
  @ApiOkResponse({ type: UnsavedConnectionTestResponse })
  async testUnsaved(
    @CurrentCaller() caller: ApiCaller,
    @Body() body: TestUnsavedConnectionInput,
  ): Promise<UnsavedConnectionTestResponse> {
    // Values that belong to none of its connections are not for a restricted key.
    if (caller.connectionIds !== null)
      assertMayUse(caller, (body as Partial<TestUnsavedConnectionInput> | null | undefined)?.connectionId);
    return this.tester.testUnsaved(caller, body);
  }

  @Post(':id/test')
  @TestsConnection()
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({
    summary: 'Test a connection',
    description: 'A failed test is a successful request: see `diagnosis`.',
    operationId: 'testConnection',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/TestConnection' }, required: false })
  @ApiOkResponse({ type: ConnectionTestResponse })
  async test(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    // Undefined for a request without a body.
    @Body() body: TestConnectionInput | undefined,
  ): Promise<ConnectionTestResponse> {
    return this.tester.test(caller, id, body);
  }

  @Get(':id/tests')
  @Requires('read')
  @ApiOperation({ summary: 'List the last 50 tests of a connection', operationId: 'listConnectionTests' })
  @ApiOkResponse({ type: ConnectionTestList })
  async history(@CurrentCaller() caller: ApiCaller, @Param('id') id: string): Promise<ConnectionTestList> {
    return { data: await this.tester.history(caller, id) };
  }
}
