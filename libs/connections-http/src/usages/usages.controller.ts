import { type ClaimUsageInput, type MoveUsagesInput, USAGE_CONSUMERS, UsagesService } from '@score-crm/connections';
import { applyDecorators, Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { assertMayUse } from '../routes/access.guard.ts';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, Requires } from '../callers/caller.ts';
import type { HttpResponse } from '../http/messages.ts';
import { UsageList, UsageResponse } from './usage.dto.ts';

const PATH = 'usages/:consumer/:ref';

/** The parameters that name one usage. */
function ApiUsageParams(): MethodDecorator {
  return applyDecorators(
    ApiParam({ name: 'consumer', enum: USAGE_CONSUMERS }),
    ApiParam({
      name: 'ref',
      description: 'The ID of the campaign or journey in your system: visible ASCII characters without a slash.',
      schema: { type: 'string', minLength: 1, maxLength: 64 },
    }),
  );
}

@ApiTags('Usages')
@ApiRoutes()
@Controller('connections/:id')
export class UsagesController {
  constructor(private readonly usages: UsagesService) {}

  @Get('usages')
  @Requires('read')
  @ApiOperation({
    summary: 'List the campaigns and journeys that use a connection, active ones first, then by name',
    operationId: 'listUsages',
  })
  @ApiOkResponse({ type: UsageList })
  async list(@CurrentCaller() caller: ApiCaller, @Param('id') id: string): Promise<UsageList> {
    return { data: await this.usages.list(caller, id) };
  }

  @Put(PATH)
  @Requires('send')
  @ApiOperation({
    summary: 'Claim a connection for a campaign or journey',
    description: 'Call it again to update the name or status of the campaign or journey.',
    operationId: 'claimConnection',
  })
  @ApiUsageParams()
  @ApiBody({ schema: { $ref: '#/components/schemas/ClaimUsage' } })
  @ApiOkResponse({ type: UsageResponse, description: 'The usage existed and is updated.' })
  @ApiCreatedResponse({ type: UsageResponse, description: 'The usage is created.' })
  async claim(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Param('consumer') consumer: string,
    @Param('ref') ref: string,
    @Body() body: ClaimUsageInput,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<UsageResponse> {
    const { usage, created } = await this.usages.claim(caller, id, consumer, ref, body);
    response.status(created ? 201 : 200);
    return usage;
  }

  @Delete(PATH)
  @HttpCode(204)
  @Requires('send')
  @ApiOperation({
    summary: 'Release a connection from a campaign or journey',
    description: 'Succeeds even if the campaign or journey has not claimed the connection.',
    operationId: 'releaseConnection',
  })
  @ApiUsageParams()
  @ApiNoContentResponse()
  async release(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Param('consumer') consumer: string,
    @Param('ref') ref: string,
  ): Promise<void> {
    await this.usages.release(caller, id, consumer, ref);
  }

  @Post('move-usages')
  @HttpCode(200)
  @Requires('manage')
  @ApiOperation({
    summary: 'Move the active campaigns and journeys of a connection to another one',
    description:
      'Afterwards the connection can be deleted or disabled. Returns the usages as the other connection has them: your campaigns and journeys must send through it from now on. One that has claimed both connections keeps its usage of the other.',
    operationId: 'moveUsages',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/MoveUsages' } })
  @ApiOkResponse({ type: UsageList })
  async move(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Body() body: MoveUsagesInput,
  ): Promise<UsageList> {
    // The other connection must be one of a restricted key as well.
    if (caller.connectionIds !== null) assertMayUse(caller, (body as Partial<MoveUsagesInput> | null | undefined)?.to);
    return { data: await this.usages.move(caller, id, body) };
  }
}
