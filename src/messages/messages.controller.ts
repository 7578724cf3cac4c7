import { ConnectionsModule, EmailSender, type MessageInput } from '@score-crm/connections';
import { Body, Controller, HttpCode, Module, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal } from '../auth/bearer.guard.ts';
import { type Principal, Requires } from '../auth/principal.ts';
import { JsonBody } from '../bodies/bodies.interceptor.ts';
import { SentMessageResponse } from '../connections/connection-test.dto.ts';

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
      'The service passes the message to the vendor once and never retries. If that fails, `code` is `send_failed` and `error` has the details: `error.retryable` is true if the same message may be accepted later. After a 502, 503 or 504 with `error.stage` equal to `message`, the vendor may have sent the message.',
    operationId: 'sendMessage',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/SendMessage' } })
  @ApiAcceptedResponse({
    type: SentMessageResponse,
    description: 'The vendor accepted the message for at least one recipient.',
  })
  async send(
    @CurrentPrincipal() caller: Principal,
    @Param('id') id: string,
    @Body() body: MessageInput,
  ): Promise<SentMessageResponse> {
    return this.sender.send(caller, id, body);
  }
}

@Module({ imports: [ConnectionsModule], controllers: [MessagesController] })
export class MessagesModule {}
