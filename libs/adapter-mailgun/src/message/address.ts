import { encodedWords, isAscii, type Mailbox } from '@score-crm/adapter-kit';

// RFC 5322, 3.2.3: the characters of a name that needs no quotes. Mailgun encodes non-ASCII letters.
const PLAIN_NAME = /^[\w !#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+$/u;

/** Returns a mailbox in the form of the parameters: `"Lovelace, Ada" <ada@example.com>`. */
export function address({ email, name = '' }: Mailbox): string {
  return name === '' ? email : `${PLAIN_NAME.test(name) ? name : quoted(name)} <${email}>`;
}

/** Returns a mailbox for a header that Mailgun uses unchanged: non-ASCII characters are encoded. */
export function headerAddress({ email, name = '' }: Mailbox): string {
  return isAscii(name) ? address({ email, name }) : `${encodedWords(name)} <${email}>`;
}

function quoted(name: string): string {
  return `"${name.replace(/["\\]/g, '\\$&')}"`;
}
