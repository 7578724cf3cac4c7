import { type EraseRecipientInput, ErasureService } from '@score-crm/connections';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, Requires } from '../callers/caller.ts';
import { ErasureResponse } from './erasure.dto.ts';

@ApiTags('Data protection')
@ApiRoutes()
@Controller('erasures')
export class ErasuresController {
  constructor(private readonly erasures: ErasureService) {}

  @Post()
  @HttpCode(202)
  @Requires('manage')
  @ApiOperation({
    summary: 'Erase the address of a recipient',
    description:
      'Starts to remove an email address from everything that is stored about the recipients of your organization: events, bodies of webhook requests and sent messages, and test results. The events remain without their recipient. The address is also removed from webhook requests that arrive later. Requesting the same address again runs the same erasure again.',
    operationId: 'eraseRecipient',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/EraseRecipient' } })
  @ApiAcceptedResponse({ type: ErasureResponse })
  async erase(@CurrentCaller() caller: ApiCaller, @Body() body: EraseRecipientInput): Promise<ErasureResponse> {
    return this.erasures.request(caller, body);
  }

  @Get(':id')
  @Requires('manage')
  @ApiOperation({
    summary: 'Get an erasure',
    description: 'Returns its state and the numbers of changed rows, without the address.',
    operationId: 'getErasure',
  })
  @ApiOkResponse({ type: ErasureResponse })
  async get(@CurrentCaller() caller: ApiCaller, @Param('id') id: string): Promise<ErasureResponse> {
    return this.erasures.get(caller, id);
  }
}
