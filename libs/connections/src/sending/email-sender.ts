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
import { withIds } from './message-ids.ts';
import { type MessageInput, readMessage } from './message-input.ts';
import { SentEvents } from './sent-events.ts';
import { SuppressedRecipients } from './suppressed-recipients.ts';

/** Sends messages through connections, and keeps what became of each recipient as events. */
@Injectable()
export class EmailSender {
  constructor(
    private readonly loader: ConnectionLoader,
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
   *   DatabaseUnavailableError before anything was sent
   */
  async send(caller: Caller, connectionId: string, input: MessageInput): Promise<SendResult> {
    return this.work.track(
      inSpan('message send', {}, async (span) => this.sendTracked(caller, connectionId, input, span)),
    );
  }

  /** The steps of a message, each in a file of its own. */
  private async sendTracked(
    caller: Caller,
    connectionId: string,
    input: MessageInput,
    span: Pick<Span, 'setAttribute'>,
  ): Promise<SendResult> {
    const connection = await this.loader.load(caller.organization, connectionId);
    const { row, adapter } = connection;
    if (row.disabledAt !== null) throw new ConnectionDisabledError();
    span.setAttribute('score.vendor', row.vendor);
    const message = readMessage(input, defaultSender(row), row.allowedSenderDomains);
    const ids = { connectionId: row.id, messageId: uuid() };
    const { allowed, suppressed } = await this.suppressed.remove(row, message);
    const outgoing = withIds(allowed, ids, adapter.capabilities);
    const emails = recipientsOf(outgoing).length;
    const sent = await this.limits.within(row, emails, () => this.handOver.send(connection, outgoing));
    const result = { ...sent, rejected: [...sent.rejected, ...suppressed] };
    await this.events.record(row, message, result, ids);
    return result;
  }
}
