import {
  type BatchOutcome,
  EmailSender,
  type MessageInput,
  readBatch,
  safeMessage,
  type SendBatchInput,
  toProblem,
} from '@score-crm/connections';
import { Body, Controller, HttpCode, Logger, Param, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiRoutes } from '../routes/api-routes.ts';
import { type ApiCaller, CurrentCaller, Requires } from '../callers/caller.ts';
import type { HttpResponse } from '../http/messages.ts';
import { JsonBody } from '../bodies/json-bodies.ts';
import { SentMessageResponse } from '../connections/connection-test.dto.ts';
import { IDEMPOTENCY_KEY, IdempotencyKey, withoutReplay } from '../connections/idempotency-key.ts';
import { HTTP_ERROR_CODES } from '../problems/error-codes.ts';
import { hasCode } from '../problems/problem.filter.ts';
import { ApiError, FrameworkError } from '../problems/api.errors.ts';
import { BatchOutcomeList, type BatchOutcomeResponse } from './batch.dto.ts';

// Attachments are base64 in it.
const BODY = { bytes: 30 << 20, milliseconds: 60_000 } as const;
/** 100 for each of 1,000 messages. */
const BATCH_TOKENS = 100_000;
/** How long messages of a batch are started: with `SEND_TIMEOUT_MS` of the last one, below a minute. */
const BATCH_START_MS = 15_000;

/** The messages before it took too long. It was not sent. */
class BatchTimeoutError extends ApiError {
  readonly code = 'batch_timeout';

  constructor() {
    super('The message was not sent, because the messages before it took too long. Send it again.');
  }
}

@ApiTags('Messages')
@ApiRoutes()
@Controller('connections/:id/messages')
export class MessagesController {
  private readonly logger = new Logger(MessagesController.name);

  constructor(private readonly sender: EmailSender) {}

  @Post()
  @HttpCode(202)
  @Requires('send')
  @JsonBody(BODY)
  @ApiOperation({
    summary: 'Send a message through a connection',
    description:
      'The service passes the message to the vendor once and never retries. If that fails, `code` is `send_failed` and `error` has the details: `error.retryable` is true if the same message may be accepted later. After a 502, 503 or 504 with `error.stage` equal to `message`, the vendor may have sent the message. To repeat requests safely, send an `Idempotency-Key`: then the message is sent once.',
    operationId: 'sendMessage',
  })
  @ApiHeader(
    IDEMPOTENCY_KEY(
      'Sends the message once, however often the request is repeated. For 24 hours, the response of the first request is returned again, with the header `Idempotency-Replayed`, also if the connection was deleted in the meantime.',
    ),
  )
  @ApiBody({ schema: { $ref: '#/components/schemas/SendMessage' } })
  @ApiAcceptedResponse({
    type: SentMessageResponse,
    description: 'The vendor accepted the message for at least one recipient.',
  })
  async send(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Body() body: MessageInput,
    @Res({ passthrough: true }) response: HttpResponse,
  ): Promise<SentMessageResponse> {
    return withoutReplay(response, await this.sender.send(caller, id, body, { idempotencyKey }));
  }

  @Post('batch')
  @HttpCode(200)
  @Requires('send')
  @JsonBody({ ...BODY, tokens: BATCH_TOKENS })
  @ApiOperation({
    summary: 'Send up to 1,000 messages through a connection',
    description:
      'Each message has an outcome of its own: one that is not valid, or that the vendor rejects, does not affect the others. The response is 200 also if no message was sent. Messages wait for the limits of the connection per second and minute. Those that could not be started within 15 seconds were not sent (`batch_timeout` or `sending_limit_exceeded`). To repeat a batch safely, give each message an `idempotencyKey`; the header `Idempotency-Key` is for single messages. A request counts once against the rate limit of the API.',
    operationId: 'sendMessageBatch',
  })
  @ApiBody({ schema: { $ref: '#/components/schemas/SendBatch' } })
  @ApiOkResponse({ type: BatchOutcomeList })
  async sendBatch(
    @CurrentCaller() caller: ApiCaller,
    @Param('id') id: string,
    @Body() body: SendBatchInput,
  ): Promise<BatchOutcomeList> {
    const messages = readBatch(body);
    const signal = AbortSignal.timeout(BATCH_START_MS);
    const data: BatchOutcomeResponse[] = [];
    try {
      for await (const outcome of this.sender.sendBatch(caller, id, messages, { signal })) {
        data.push(this.presentOutcome(outcome));
      }
    } catch (error) {
      if (error !== signal.reason) throw error;
      for (let index = data.length; index < messages.length; index++) {
        data.push(this.presentOutcome({ index, ok: false, error: new BatchTimeoutError() }));
      }
    }
    return { data };
  }

  private presentOutcome(outcome: BatchOutcome): BatchOutcomeResponse {
    const { index } = outcome;
    if (outcome.ok) {
      const { replayed, ...message } = outcome.result;
      return replayed === true ? { index, message, replayed } : { index, message };
    }
    const { error } = outcome;
    if (!hasCode(error)) this.logger.error(`A message of a batch failed: ${safeMessage(error)}`);
    const known = hasCode(error) ? error : new FrameworkError(error);
    const { body, headers } = toProblem(known, HTTP_ERROR_CODES);
    const retryAfter = headers['retry-after'];
    return { index, problem: retryAfter === undefined ? body : { ...body, retryAfter: Number(retryAfter) } };
  }
}
