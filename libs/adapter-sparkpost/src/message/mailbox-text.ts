import type { Mailbox } from '@score-crm/adapter-kit';

/** Mailboxes as they stand in a header (RFC 5322, 3.4). The vendor encodes what is not ASCII. */
export function mailboxTexts(mailboxes: readonly Mailbox[], separator = ', '): string {
  return mailboxes.map(mailboxText).join(separator);
}

function mailboxText({ email, name = '' }: Mailbox): string {
  return name === '' ? email : `"${name.replace(/["\\]/g, String.raw`\$&`)}" <${email}>`;
}
