import type {
  Bounce,
  EmailEvent,
  EmailMessage,
  ParsedEvent,
  RejectedRecipient,
  SendResult,
} from '@score-crm/adapter-kit';
import { type OurIds, ourMetadata } from './our-ids.ts';

// RFC 3463, 3.2: no such mailbox, no such system, bad syntax, moved away; RFC 7505: a domain without mail.
const DEAD = /^5\.1\.(?:1|2|3|6|10)$/;

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
    identity: [ids.messageId, own.kind, own.recipient],
  });
  return [
    ...result.accepted.map((recipient) => event({ kind: 'sent', recipient })),
    ...result.rejected.map((rejected) =>
      event({ kind: 'rejected', recipient: rejected.recipient, bounce: bounceOf(rejected) }),
    ),
  ];
}

function bounceOf({ error }: RejectedRecipient): Bounce {
  const { smtpCode, enhancedCode, reply, hint, code } = error;
  return {
    class: bounceClass(error),
    ...(smtpCode === undefined ? {} : { code: smtpCode }),
    ...(enhancedCode === undefined ? {} : { enhancedCode }),
    reason: reply ?? hint,
    rule: code,
  };
}

/** `hard` only where the server said that the address is dead: whoever hears of it never writes there again. */
function bounceClass({ retryable, fault, enhancedCode = '' }: RejectedRecipient['error']): Bounce['class'] {
  if (retryable) return 'soft';
  if (fault !== 'recipient') return 'policy';
  return DEAD.test(enhancedCode) ? 'hard' : 'unknown';
}
