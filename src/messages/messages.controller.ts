import { ConnectionsModule, EmailSender, type MessageInput } from '@score-crm/connections';
import { Body, Controller, HttpCode, Module, Param, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal } from '../auth/bearer.guard.ts';
import { type Principal, Requires } from '../auth/principal.ts';
import { JsonBody } from '../bodies/bodies.interceptor.ts';
import { SentMessageResponse } from '../connections/connection-test.dto.ts';
import { IDEMPOTENCY_KEY, IdempotencyKey, withoutReplay } from '../connections/idempotency-key.ts';

@ApiTags('Messages')
@Controller('connections/:id/messages')
export class MessagesController {
  constructor(private readonly sender: EmailSender) {}

  @Post()
  @HttpCode(202)
  @Requires('send')
  // Attachments are base64 in it.
  @JsonBody({ bytes: 30 << 20, milliseconds: 60_000 })
  @ApiOperation({
    summary: 'Send a message through a connection',
    description:
      'The service passes the message to the vendor once and never retries. If that fails, `code` is `send_failed` and `error` has the details: `error.retryable` is true if the same message may be accepted later. After a 502, 503 or 504 with `error.stage` equal to `message`, the vendor may have sent the message. To repeat requests safely, send an `Idempotency-Key`: then the message is sent once.',
    operationId: 'sendMessage',
  })
  @ApiHeader(
    IDEMPOTENCY_KEY(
      'Sends the message once, however often the request is repeated. For 24 hours, the response of the first request is returned again, with the header `Idempotency-Replayed`.',
    ),
  )
  @ApiBody({ schema: { $ref: '#/components/schemas/SendMessage' } })
  @ApiAcceptedResponse({
    type: SentMessageResponse,
    description: 'The vendor accepted the message for at least one recipient.',
  })
  async send(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Body() body: MessageInput,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SentMessageResponse> {
    return withoutReplay(reply, await this.sender.send(caller, id, body, { idempotencyKey }));
  }
}

@Module({ imports: [ConnectionsModule], controllers: [MessagesController] })
export class MessagesModule {}
