import {
  type AdapterCapabilities,
  type AdapterErrorDetails,
  type Bounce,
  createScrubber,
  type EmailEvent,
  type EmailMessage,
  type FieldError,
  type Mailbox,
  needsSmtpUtf8,
  type ParsedEvent,
  recipientsOf,
  type RejectedRecipient,
  rejectionClass,
  type Scrubber,
  type SendResult,
  withCredentialHint,
} from '@score-crm/adapter-kit';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import {
  reportedDetails,
  scrubbedDetails,
  scrubbedDetailsList,
  unexpectedFailure,
  withTimeout,
} from '../adapters/adapter.registry.ts';
import type { Caller } from '../audit/caller.ts';
import { defaultSender } from '../connections/connection-input.ts';
import { ConnectionLoader, type ResolvedConnection } from '../connections/connection-loader.ts';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { RunningWork } from '../database/unit-of-work.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { batchRecords, CONNECTION_ID_METADATA } from '../events/event-record.ts';
import { EventWriter, type IncomingBatch } from '../events/event-writer.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import { type ConnectionsMetrics, guardedMetrics } from '../telemetry/connections-metrics.ts';
import { inSpan, type Span } from '../telemetry/tracing.ts';
import type { SuppressionReason } from '../suppression/suppression-rules.ts';
import { SuppressionsService } from '../suppression/suppressions.service.ts';
import { type MessageInput, readMessage } from './message-input.ts';
import { UnstoredEvents } from './unstored-events.ts';

/** The vendor accepted no recipient, or did not respond; `details.hint` says which. No event is stored. */
export class SendFailedError extends ConnectionsError {
  readonly code = 'send_failed';
  /** The part of the message that caused the error, if the vendor names one. */
  override readonly errors?: readonly FieldError[];

  /** @param details without secrets */
  constructor(override readonly details: AdapterErrorDetails) {
    super(`The message was not sent: ${details.code} (${details.stage}). ${details.hint}`);
    const { code, hint, pointer } = details;
    if (pointer !== undefined) this.errors = [{ pointer, code, message: hint }];
  }

  override get detail(): string {
    return this.details.hint;
  }
}

/** No recipient in `to` is left without the suppressed ones. Nothing was sent, and no event is stored. */
export class RecipientSuppressedError extends ConnectionsError {
  readonly code = 'recipient_suppressed';

  /** @param errors the suppressed recipients */
  constructor(override readonly errors: readonly FieldError[]) {
    super('The message was not sent: all its recipients are suppressed. Remove the suppressions, or send to others.');
  }
}

/** Below the minute after which proxies commonly give up. */
const DEFAULT_TIMEOUT_MS = 45_000;
const INTERNAL_ERROR =
  'Sending failed because of an internal error. The message may have been sent: see the service log before you try again.';

/** Sends messages through connections, and keeps what became of each recipient as events. */
@Injectable()
export class EmailSender {
  private readonly logger = new Logger(EmailSender.name);
  private readonly timeoutMs: number;
  private readonly metrics: ConnectionsMetrics;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly loader: ConnectionLoader,
    private readonly writer: EventWriter,
    private readonly work: RunningWork,
    private readonly unstored: UnstoredEvents,
    private readonly suppressions: SuppressionsService,
  ) {
    this.timeoutMs = options.sendTimeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.metrics = guardedMetrics(options);
  }

  /**
   * Hands a message over to the connection's vendor, for the recipients that are not suppressed. It never sends twice by itself.
   * @param input validated here, from any source
   * @returns the vendor's id, which the events of the message will carry; some recipients may have been rejected
   * @throws SendFailedError if no recipient was accepted; RecipientSuppressedError, ConnectionNotFoundError, InvalidInputError,
   *   SecretsUnreadableError, UnknownVendorError, DatabaseUnavailableError before anything was sent
   */
  async send(caller: Caller, connectionId: string, input: MessageInput): Promise<SendResult> {
    return this.work.track(
      inSpan('message send', {}, async (span) => this.sendTracked(caller, connectionId, input, span)),
    );
  }

  private async sendTracked(
    caller: Caller,
    connectionId: string,
    input: MessageInput,
    span: Pick<Span, 'setAttribute'>,
  ): Promise<SendResult> {
    const connection = await this.loader.load(caller.organization, connectionId);
    span.setAttribute('score.vendor', connection.row.vendor);
    const message = readMessage(input, defaultSender(connection.row), connection.row.allowedSenderDomains);
    const ids = { connectionId: connection.row.id, messageId: uuid() };
    const { allowed, suppressed } = await this.withoutSuppressed(connection.row, message);
    const sent = await this.handOver(connection, withIds(allowed, ids, connection.adapter.capabilities));
    const result = { ...sent, rejected: [...sent.rejected, ...suppressed] };
    await this.storeEvents(connection, message, result, ids);
    return result;
  }

  /** @throws RecipientSuppressedError if no recipient is left in `to`: copies are not sent alone */
  private async withoutSuppressed(
    { organization, checkSuppressions }: ConnectionRow,
    message: EmailMessage,
  ): Promise<{ readonly allowed: EmailMessage; readonly suppressed: readonly RejectedRecipient[] }> {
    if (!checkSuppressions) return { allowed: message, suppressed: [] };
    const reasons = await this.suppressions.reasonsOf(organization, recipientsOf(message));
    if (reasons.size === 0) return { allowed: message, suppressed: [] };
    const suppressed = RECIPIENT_LISTS.flatMap((list) => suppressedIn(list, message[list] ?? [], reasons));
    const allowedIn = (list: readonly Mailbox[] = []): Mailbox[] => list.filter(({ email }) => !reasons.has(email));
    const allowed = { ...message, to: allowedIn(message.to), cc: allowedIn(message.cc), bcc: allowedIn(message.bcc) };
    if (allowed.to.length > 0) return { allowed, suppressed };
    const errors = suppressed.map(({ error: { pointer = '', code, hint } }) => ({ pointer, code, message: hint }));
    throw new RecipientSuppressedError(errors);
  }

  private async handOver(connection: ResolvedConnection, message: EmailMessage): Promise<SendResult> {
    const { adapter, identity, settings, secrets, poolKey } = connection;
    // Made when there is something to scrub: most messages are accepted.
    const scrub: Scrubber = (value) => createScrubber(Object.values(secrets))(value);
    const { vendor } = identity;
    const begun = performance.now();
    try {
      const answer = await withTimeout(vendor, this.timeoutMs, (signal) =>
        adapter.send(message, settings, { signal, poolKey }),
      );
      const durationMs = performance.now() - begun;
      const sent = readSendResult(answer, scrub);
      const result = sent.rejected.length === 0 ? 'accepted' : 'partly_accepted';
      this.metrics.messageSent({ vendor, result, fault: undefined, durationMs });
      return sent;
    } catch (error) {
      const reported = reportedDetails(error);
      if (reported === undefined)
        this.logger.error(scrub(`Sending through ${vendor} failed unexpectedly: ${safeMessage(error)}`));
      const details =
        reported === undefined ? unexpectedFailure('message', INTERNAL_ERROR) : withCredentialHint(reported, settings);
      const { fault } = details;
      this.metrics.messageSent({ vendor, result: 'failed', fault, durationMs: performance.now() - begun });
      throw new SendFailedError(scrubbedDetails(details, scrub));
    }
  }

  /** Never fails: the message is on its way, and an error would make the caller send it twice. */
  private async storeEvents(
    { row }: ResolvedConnection,
    message: EmailMessage,
    result: SendResult,
    ids: MessageIds,
  ): Promise<void> {
    const name = `Message ${result.messageId} (${ids.messageId}) of connection ${row.id}`;
    const now = new Date();
    const items = sentEvents(message, result, ids, now);
    const source = items.flatMap((item) => (item.ok ? item.event : []));
    let batch: IncomingBatch = { connection: row, source, events: [], eventCount: 0 };
    try {
      const events = [...batchRecords(items, { connection: row, receivedAt: now }).events];
      batch = { ...batch, events, eventCount: events.length };
      await this.writer.write(batch);
    } catch (error) {
      if (this.unstored.add({ batch, name }, error)) {
        this.logger.error(
          `${name} was sent, but that could not be stored yet: ${safeMessage(error)} The service tries again.`,
        );
        return;
      }
      this.logger.error(`${name} was sent, but that could not be stored: ${safeMessage(error)}`);
    }
  }
}

/**
 * Returns the result of an adapter as plain data, without secrets in the replies of servers. Addresses and the id are not
 * scrubbed: a short secret may be a part of them by chance.
 * @throws TypeError if it is not a result
 */
function readSendResult(answer: unknown, scrub: Scrubber): SendResult {
  const { messageId, accepted, rejected } = (answer ?? {}) as Partial<SendResult>;
  if (typeof messageId !== 'string' || !Array.isArray(accepted) || !Array.isArray(rejected)) {
    throw new TypeError('The adapter did not return a result of sending.');
  }
  const refusals = rejected as SendResult['rejected'];
  const details = refusals.map(({ error }) => error);
  const errors = details.length === 0 ? [] : scrubbedDetailsList(details, scrub);
  return {
    messageId,
    accepted: (accepted as unknown[]).map(String),
    rejected: errors.map((error, index) => ({ recipient: refusals[index]?.recipient ?? '', error })),
  };
}

const RECIPIENT_LISTS = ['to', 'cc', 'bcc'] as const;

function suppressedIn(
  list: (typeof RECIPIENT_LISTS)[number],
  mailboxes: readonly Mailbox[],
  reasons: ReadonlyMap<string, SuppressionReason>,
): RejectedRecipient[] {
  return mailboxes.flatMap(({ email }, index) => {
    const reason = reasons.get(email);
    if (reason === undefined) return [];
    const error = {
      stage: 'recipient',
      code: 'recipient_suppressed',
      fault: 'recipient',
      retryable: false,
      hint: `Suppressed: ${reason}. Remove the suppression to send to this address again.`,
      pointer: `/${list}/${String(index)}/email`,
    } as const;
    return [{ recipient: email, error }];
  });
}

/** The metadata of a message with the service's own id of it. */
export const MESSAGE_ID_METADATA = 'score_message_id';
const MESSAGE_ID_HEADER = 'X-Score-Message-Id';

interface MessageIds {
  readonly connectionId: string;
  /** UUIDv7, in addition to the vendor's id. */
  readonly messageId: string;
}

/** What the events of a sent message contain in addition to the sender's metadata. */
function idMetadata({ connectionId, messageId }: MessageIds): Readonly<Record<string, string>> {
  return { [CONNECTION_ID_METADATA]: connectionId, [MESSAGE_ID_METADATA]: messageId };
}

/** Adds the service's ids: as metadata, which the vendor returns with the events, otherwise as a header. */
function withIds(message: EmailMessage, ids: MessageIds, capabilities: AdapterCapabilities): EmailMessage {
  if (capabilities.metadata) return { ...message, metadata: { ...message.metadata, ...idMetadata(ids) } };
  if (!capabilities.customHeaders) return message;
  return { ...message, headers: { ...message.headers, [MESSAGE_ID_HEADER]: ids.messageId } };
}

/** What became of each recipient, as events: `sent` to those whom the vendor accepted, `rejected` to the others. */
export function sentEvents(
  message: EmailMessage,
  result: SendResult,
  ids: MessageIds,
  now: Date,
): readonly ParsedEvent[] {
  const common = {
    occurredAt: now,
    messageId: result.messageId,
    ...(message.tags === undefined ? {} : { tags: message.tags }),
    metadata: { ...message.metadata, ...idMetadata(ids) },
    raw: null,
  };
  const event = (own: Pick<EmailEvent, 'kind' | 'bounce'> & { readonly recipient: string }): ParsedEvent => ({
    ok: true,
    event: { ...common, ...own },
    deduplicationKey: [ids.messageId, own.kind, own.recipient],
    deduplicationTime: now,
  });
  return [
    ...result.accepted.map((recipient) => event({ kind: 'sent', recipient })),
    ...result.rejected.map((rejected) =>
      event({ kind: 'rejected', recipient: rejected.recipient, bounce: bounceOf(rejected) }),
    ),
  ];
}

function bounceOf({ recipient, error }: RejectedRecipient): Bounce {
  const { smtpCode, enhancedCode, reply, hint, code } = error;
  return {
    class: code === 'recipient_suppressed' || isFormRefused(recipient, error) ? 'policy' : rejectionClass(error),
    ...(smtpCode === undefined ? {} : { code: smtpCode }),
    ...(enhancedCode === undefined ? {} : { enhancedCode }),
    reason: reply ?? hint,
    rule: code,
  };
}

/**
 * Whether a server may have rejected the letters of an address beyond ASCII, and not the mailbox: servers that do not support
 * them call such an address malformed (RFC 6531, 3.6).
 */
function isFormRefused(recipient: string, { enhancedCode, smtpCode = 0 }: AdapterErrorDetails): boolean {
  if (!needsSmtpUtf8(recipient)) return false;
  return enhancedCode === undefined ? [501, 553].includes(smtpCode) : /^5\.(?:1\.3|5\.\d|6\.7)$/.test(enhancedCode);
}
