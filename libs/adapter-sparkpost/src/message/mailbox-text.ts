import { encodedWords, isAscii, type Mailbox } from '@score-crm/adapter-kit';

/** Mailboxes as a header has them (RFC 5322, 3.4), in ASCII: the vendor does not document whether it encodes names in headers. */
export function mailboxTexts(mailboxes: readonly Mailbox[], separator = ', '): string {
  return mailboxes.map(mailboxText).join(separator);
}

function mailboxText({ email, name = '' }: Mailbox): string {
  if (!isAscii(name)) return `${encodedWords(name)} <${email}>`;
  return name === '' ? email : `"${name.replace(/["\\]/g, String.raw`\$&`)}" <${email}>`;
}
