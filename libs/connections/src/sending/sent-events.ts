import {
  type AdapterErrorDetails,
  type Bounce,
  type EmailEvent,
  type EmailMessage,
  needsSmtpUtf8,
  type ParsedEvent,
  rejectionClass,
  type RejectedRecipient,
  type SendResult,
} from '@score-crm/adapter-kit';
import { type OurIds, ourMetadata } from './our-ids.ts';

/** What became of each recipient, as events: `sent` to those whom the vendor accepted, `rejected` to the others. */
export function sentEvents(message: EmailMessage, result: SendResult, ids: OurIds, now: Date): readonly ParsedEvent[] {
  const common = {
    occurredAt: now,
    messageId: result.messageId,
    ...(message.tags === undefined ? {} : { tags: message.tags }),
    metadata: { ...message.metadata, ...ourMetadata(ids) },
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
