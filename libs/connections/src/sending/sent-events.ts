import {
  type AdapterErrorDetails,
  type Bounce,
  type EmailEvent,
  type EmailMessage,
  needsSmtpUtf8,
  type ParsedEvent,
  type RejectedRecipient,
  rejectionClass,
  type SendResult,
} from '@score-crm/adapter-kit';
import { Injectable, Logger } from '@nestjs/common';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { batchRecords } from '../events/event-record.ts';
import { EventWriter, type IncomingBatch } from '../events/event-writer.ts';
import type { AttemptEnding } from '../idempotency/idempotency-keys.repository.ts';
import { idMetadata, type MessageIds } from './message-ids.ts';
import { UnstoredEvents } from './unstored-events.ts';

/** Stores what became of each recipient of a sent message as events. */
@Injectable()
export class SentEvents {
  private readonly logger = new Logger(SentEvents.name);

  constructor(
    private readonly writer: EventWriter,
    private readonly unstored: UnstoredEvents,
  ) {}

  /**
   * Never fails: the message is on its way, and an error would make the caller send it twice.
   * @param ending what ends the attempt of its idempotency key, in the same commit
   */
  async record(
    row: ConnectionRow,
    message: EmailMessage,
    result: SendResult,
    ids: MessageIds,
    ending?: AttemptEnding,
  ): Promise<void> {
    const what = `Message ${result.messageId} (${ids.messageId}) of connection ${row.id} was sent, but that`;
    const now = new Date();
    const items = sentEvents(message, result, ids, now);
    const source = items.flatMap((item) => (item.ok ? item.event : []));
    let batch: IncomingBatch = {
      connection: row,
      source,
      events: [],
      eventCount: 0,
      ...(ending === undefined ? {} : { ending }),
    };
    try {
      const events = [...batchRecords(items, { connection: row, receivedAt: now }).events];
      batch = { ...batch, events, eventCount: events.length };
      await this.writer.write(batch);
    } catch (error) {
      if (this.unstored.add({ batch, what }, error)) {
        this.logger.error(`${what} could not be stored yet: ${safeMessage(error)} The service tries again.`);
        return;
      }
      this.logger.error(`${what} could not be stored: ${safeMessage(error)}`);
    }
  }
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
