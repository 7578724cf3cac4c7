import {
  type AdapterCapabilities,
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
import { CONNECTION_ID_METADATA } from '../events/event-record.ts';

/** The metadata of a message with the service's own id of it. */
export const MESSAGE_ID_METADATA = 'score_message_id';
const MESSAGE_ID_HEADER = 'X-Score-Message-Id';

export interface MessageIds {
  readonly connectionId: string;
  /** UUIDv7, in addition to the vendor's id. */
  readonly messageId: string;
}

export function isReservedMetadata(name: string): boolean {
  return name.toLowerCase().startsWith('score_');
}

export function isReservedHeader(name: string): boolean {
  return name.toLowerCase().startsWith('x-score-');
}

/** What the events of a sent message contain in addition to the sender's metadata. */
function idMetadata({ connectionId, messageId }: MessageIds): Readonly<Record<string, string>> {
  return { [CONNECTION_ID_METADATA]: connectionId, [MESSAGE_ID_METADATA]: messageId };
}

/** Adds the service's ids: as metadata, which the vendor returns with the events, otherwise as a header. */
export function withIds(message: EmailMessage, ids: MessageIds, capabilities: AdapterCapabilities): EmailMessage {
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
    class: isFormRefused(recipient, error) ? 'policy' : rejectionClass(error),
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
