import { recipientsOf, type SendResult } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { Caller } from '../audit/caller.ts';
import { defaultSender } from '../connections/connection-input.ts';
import { ConnectionDisabledError, ConnectionLoader } from '../connections/connection-loader.ts';
import { RunningWork } from '../database/unit-of-work.ts';
import { inSpan, type Span } from '../telemetry/tracing.ts';
import { ConnectionLimits } from './connection-limits.ts';
import { HandOver } from './hand-over.ts';
import { KeyedMessages } from './keyed-messages.ts';
import { withIds } from './message-ids.ts';
import { type MessageInput, readMessage } from './message-input.ts';
import { SentEvents } from './sent-events.ts';
import { SuppressedRecipients } from './suppressed-recipients.ts';

export interface SendOptions {
  /**
   * Of several calls with the same key, one sends the message, and the others return its result for 24 hours: 1 to 255 visible
   * ASCII characters, unique within the connection.
   */
  readonly idempotencyKey?: string | undefined;
}

export interface SentMessage extends SendResult {
  /** This is the result of an earlier call with the same idempotency key. */
  readonly replayed?: true;
}

/** Sends messages through connections, and keeps what became of each recipient as events. */
@Injectable()
export class EmailSender {
  constructor(
    private readonly loader: ConnectionLoader,
    private readonly keyed: KeyedMessages,
    private readonly suppressed: SuppressedRecipients,
    private readonly limits: ConnectionLimits,
    private readonly handOver: HandOver,
    private readonly events: SentEvents,
    private readonly work: RunningWork,
  ) {}

  /**
   * Hands a message over to the connection's vendor, for the recipients that are not suppressed. It never sends twice by itself.
   * @param input validated here, from any source
   * @returns the vendor's id, which the events of the message will carry; some recipients may have been rejected
   * @throws SendFailedError if no recipient was accepted; RecipientSuppressedError, SendingLimitExceededError, LimitsUnavailableError,
   *   ConnectionNotFoundError, ConnectionDisabledError, InvalidInputError, SecretsUnreadableError, UnknownVendorError,
   *   DatabaseUnavailableError before anything was sent; with an idempotency key also IdempotencyKeyReusedError,
   *   RequestInProgressError, OutcomeUnknownError
   */
  async send(
    caller: Caller,
    connectionId: string,
    input: MessageInput,
    options: SendOptions = {},
  ): Promise<SentMessage> {
    return this.work.track(
      inSpan('message send', {}, async (span) => this.sendTracked(caller, connectionId, input, options, span)),
    );
  }

  /** The steps of a message, each in a file of its own. */
  private async sendTracked(
    caller: Caller,
    connectionId: string,
    input: MessageInput,
    { idempotencyKey: key }: SendOptions,
    span: Pick<Span, 'setAttribute'>,
  ): Promise<SentMessage> {
    const connection = await this.loader.load(caller.organization, connectionId);
    const { row, adapter } = connection;
    span.setAttribute('score.vendor', row.vendor);
    const sender = defaultSender(row);
    const message = readMessage(input, sender, row.allowedSenderDomains);
    const ids = { connectionId: row.id, messageId: uuid() };
    if (key !== undefined) {
      const keyed = { key, message, namesSender: message.from !== sender, ids };
      const earlier = await this.keyed.begin(caller, row, keyed);
      if (earlier !== undefined) return { ...earlier, replayed: true };
    }
    let result: SendResult;
    try {
      // Not earlier: a message that was sent before has its result.
      if (row.disabledAt !== null) throw new ConnectionDisabledError();
      const { allowed, suppressed } = await this.suppressed.remove(row, message);
      const outgoing = withIds(allowed, ids, adapter.capabilities);
      const emails = recipientsOf(outgoing).length;
      const sent = await this.limits.within(row, emails, () => this.handOver.send(connection, outgoing));
      result = { ...sent, rejected: [...sent.rejected, ...suppressed] };
    } catch (error) {
      if (key !== undefined) await this.keyed.fail(row, ids, error);
      throw error;
    }
    const ending = key === undefined ? undefined : await this.keyed.ending(ids, message, result);
    await this.events.record(row, message, result, ids, ending);
    return result;
  }
}
