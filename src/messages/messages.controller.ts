import { EmailSender } from '@score-crm/connections';
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadGatewayResponse,
  ApiBody,
  ApiGatewayTimeoutResponse,
  ApiNotFoundResponse,
  ApiOperation,
  ApiPayloadTooLargeResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '../auth/principal.ts';
import { Requires } from '../auth/requires.decorator.ts';
import { BodyLimits } from '../bodies/body-limits.decorator.ts';
import { Problem } from '../problems/problem.ts';
import { SentMessageResponse } from '../connections/connection-test.dto.ts';
import { SendMessage } from './message.dto.ts';

@ApiTags('messages')
@Controller('connections/:id/messages')
export class MessagesController {
  constructor(private readonly sender: EmailSender) {}

  @Post()
  @HttpCode(202)
  @Requires('send')
  // Attachments are base64 in it.
  @BodyLimits({ bytes: 30 << 20, milliseconds: 60_000 })
  @ApiOperation({
    summary: 'Send a message through a connection',
    description:
      'It never sends twice by itself. A failure has the code send_failed, and under error what the vendor said: error.retryable tells whether the same message may be sent later. After a 502, 503 or 504 of the stage message it is not certain that nothing was sent.',
    operationId: 'sendMessage',
  })
  @ApiBody({ type: SendMessage })
  @ApiAcceptedResponse({
    type: SentMessageResponse,
    description: 'The vendor accepted the message, for some of its recipients at least.',
  })
  @ApiNotFoundResponse({ type: Problem })
  @ApiPayloadTooLargeResponse({
    type: Problem,
    description: 'The body is larger than 30 MiB, or its JSON has too many levels or values.',
  })
  @ApiUnprocessableEntityResponse({
    type: Problem,
    description: 'The message, a recipient, the sender or the connection’s settings are at fault.',
  })
  @ApiTooManyRequestsResponse({ type: Problem, description: 'Vendor rate limit or quota exceeded.' })
  @ApiBadGatewayResponse({ type: Problem, description: 'Permanent vendor error.' })
  @ApiServiceUnavailableResponse({
    type: Problem,
    description: 'Temporary vendor error, or the service is overloaded.',
  })
  @ApiGatewayTimeoutResponse({ type: Problem, description: 'Vendor timeout.' })
  async send(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<SentMessageResponse> {
    return this.sender.send(caller, id, body);
  }
}
