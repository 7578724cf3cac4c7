import { encodedWords, isAscii, type Mailbox } from '@score-crm/adapter-kit';

/**
 * Returns mailboxes as in a header (RFC 5322, 3.4), in ASCII: whether the vendor encodes names in headers is
 * undocumented.
 */
export function mailboxTexts(mailboxes: readonly Mailbox[], separator = ', '): string {
  return mailboxes.map(mailboxText).join(separator);
}

function mailboxText({ email, name = '' }: Mailbox): string {
  if (!isAscii(name)) return `${encodedWords(name)} <${email}>`;
  return name === '' ? email : `"${name.replace(/["\\]/g, String.raw`\$&`)}" <${email}>`;
}
