import { EmailSender } from '@score-crm/connections';
import { Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
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
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentPrincipal, type Principal } from '../auth/principal.ts';
import { Requires } from '../auth/requires.decorator.ts';
import { Problem } from '../problems/problem.ts';
import { MessageBodies } from './message-bodies.ts';
import { SendMessage, SentMessage } from './message.dto.ts';
import { MESSAGES_PATH } from './message-route.ts';

@ApiTags('messages')
@Controller(MESSAGES_PATH)
export class MessagesController {
  constructor(
    private readonly sender: EmailSender,
    private readonly bodies: MessageBodies,
  ) {}

  @Post()
  @HttpCode(202)
  @Requires('send')
  @ApiOperation({
    summary: 'Send a message through a connection',
    description:
      'It never sends twice by itself. A failure has the code send_failed, and under error what the vendor said: error.retryable tells whether the same message may be sent later. After a 502, 503 or 504 of the stage message it is not certain that nothing was sent.',
    operationId: 'sendMessage',
  })
  @ApiBody({ type: SendMessage })
  @ApiAcceptedResponse({
    type: SentMessage,
    description: 'The vendor accepted the message, for some of its recipients at least.',
  })
  @ApiNotFoundResponse({ type: Problem })
  @ApiPayloadTooLargeResponse({ type: Problem, description: 'The body is larger than 30 MiB.' })
  @ApiUnprocessableEntityResponse({
    type: Problem,
    description: 'The message, a recipient, the sender or the connection’s settings are at fault.',
  })
  @ApiTooManyRequestsResponse({ type: Problem, description: 'Vendor rate limit or quota exceeded.' })
  @ApiBadGatewayResponse({ type: Problem, description: 'The vendor failed for good.' })
  @ApiServiceUnavailableResponse({
    type: Problem,
    description: 'The vendor has trouble or cannot be reached, or too much is being sent at this moment.',
  })
  @ApiGatewayTimeoutResponse({ type: Problem, description: 'The vendor took too long.' })
  async send(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SentMessage> {
    return this.sender.send(caller, id, await this.bodies.read(request, reply, caller.organisation));
  }
}
