import {
  checkAttachments,
  checkHeaders,
  checkLine,
  checkMailboxes,
  type EmailMessage,
  refuseMember,
} from '@score-crm/adapter-kit';

const INEXPRESSIBLE = { tags: 'tags', metadata: 'metadata', sendAt: 'scheduled sending' } as const;

/**
 * Rejects what SMTP does not support, instead of dropping it, and what would break out of a header.
 * @throws AdapterError `unsupported` or `invalid_request`, with the pointer of the member
 */
export function checkMessage(message: EmailMessage): void {
  for (const [member, feature] of Object.entries(INEXPRESSIBLE)) {
    if (isEmpty(message[member as keyof typeof INEXPRESSIBLE])) continue;
    refuseMember('unsupported', [member], `SMTP does not support ${feature}. Remove ${member} from the message.`);
  }
  checkMailboxes(message);
  checkLine(message.subject, ['subject']);
  checkHeaders(message);
  checkAttachments(message);
}

function isEmpty(value: readonly string[] | Readonly<Record<string, string>> | Date | undefined): boolean {
  return value === undefined || (!(value instanceof Date) && Object.keys(value).length === 0);
}
