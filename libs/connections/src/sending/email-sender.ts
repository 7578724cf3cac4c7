import { createScrubber, type EmailMessage, type SendResult, withCredentialHint } from '@score-crm/adapter-kit';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { scrubbedDetails, reportedDetails, unexpectedFailure } from '../adapters/failure-details.ts';
import { withTimeout } from '../adapters/with-timeout.ts';
import type { Caller } from '../caller.ts';
import { ConnectionLoader, type ResolvedConnection } from '../connections/connection-loader.ts';
import { defaultSender } from '../connections/default-sender.ts';
import { MODULE_OPTIONS_TOKEN } from '../connections.module-definition.ts';
import type { ConnectionsModuleOptions } from '../connections.module-options.ts';
import { batchRecords } from '../events/event-record.ts';
import { EventWriter } from '../events/event-writer.ts';
import { RunningWork } from '../running-work.ts';
import type { NewEvent } from '../persistence/events.repository.ts';
import { type MessageInput, readMessage } from './message-input.ts';
import { type OurIds, withOurIds } from './our-ids.ts';
import { SendFailedError } from './send-failed.error.ts';
import { readSendResult } from './send-result.ts';
import { sentEvents } from './sent-events.ts';
import { safeMessage } from '../safe-message.ts';
import { UnstoredEvents } from './unstored-events.ts';

/** Below the minute after which proxies commonly give up. */
const DEFAULT_TIMEOUT_MS = 45_000;
const INTERNAL_ERROR =
  'Sending failed because of an internal error. The message may have been sent: see the service log before you try again.';

/** Sends messages through connections, and keeps what became of each recipient as events. */
@Injectable()
export class EmailSender {
  private readonly logger = new Logger(EmailSender.name);
  private readonly timeoutMs: number;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly loader: ConnectionLoader,
    private readonly writer: EventWriter,
    private readonly work: RunningWork,
    private readonly unstored: UnstoredEvents,
  ) {
    this.timeoutMs = options.sendTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  /**
   * Hands a message over to the connection's vendor. It never sends twice by itself.
   * @param input validated here, from any source
   * @returns the vendor's id, which the events of the message will carry; some recipients may have been rejected
   * @throws SendFailedError if no recipient was accepted; ConnectionNotFoundError, InvalidInputError, SecretsUnreadableError,
   *   UnknownVendorError, DatabaseUnavailableError before anything was sent
   */
  async send(caller: Caller, connectionId: string, input: MessageInput): Promise<SendResult> {
    return this.work.track(this.sendTracked(caller, connectionId, input));
  }

  private async sendTracked(caller: Caller, connectionId: string, input: MessageInput): Promise<SendResult> {
    const open = await this.loader.open(caller.organization, connectionId);
    const message = readMessage(input, defaultSender(open.row), open.row.allowedSenderDomains);
    const ids = { connectionId: open.row.id, messageId: uuid() };
    const result = await this.handOver(open, withOurIds(message, ids, open.adapter.capabilities));
    await this.keep(open, message, result, ids);
    return result;
  }

  private async handOver(connection: ResolvedConnection, message: EmailMessage): Promise<SendResult> {
    const { adapter, identity, settings, secrets, poolKey } = connection;
    const scrub = createScrubber(Object.values(secrets));
    try {
      const answer = await withTimeout(identity.vendor, this.timeoutMs, (signal) =>
        adapter.send(message, settings, { signal, poolKey }),
      );
      return readSendResult(answer, scrub);
    } catch (error) {
      const reported = reportedDetails(error);
      if (reported === undefined)
        this.logger.error(scrub(`Sending through ${identity.vendor} failed unexpectedly: ${safeMessage(error)}`));
      const details =
        reported === undefined ? unexpectedFailure('message', INTERNAL_ERROR) : withCredentialHint(reported, settings);
      throw new SendFailedError(scrubbedDetails(details, scrub));
    }
  }

  /** Never fails: the message is on its way, and an error would make the caller send it twice. */
  private async keep(
    { row }: ResolvedConnection,
    message: EmailMessage,
    result: SendResult,
    ids: OurIds,
  ): Promise<void> {
    const name = `Message ${result.messageId} (${ids.messageId}) of connection ${row.id}`;
    let events: readonly NewEvent[] = [];
    try {
      const now = new Date();
      const records = batchRecords(sentEvents(message, result, ids, now), {
        requestId: ids.messageId,
        connectionId: row.id,
        organization: row.organization,
        receivedAt: now,
      });
      events = [...records.events];
      await this.writer.write({ connectionId: row.id, row: null, events, eventCount: events.length });
    } catch (error) {
      if (this.unstored.add({ connectionId: row.id, events, name }, error)) {
        this.logger.error(
          `${name} was sent, but that could not be stored yet: ${safeMessage(error)} The service tries again.`,
        );
        return;
      }
      this.logger.error(`${name} was sent, but that could not be stored: ${safeMessage(error)}`);
    }
  }
}
