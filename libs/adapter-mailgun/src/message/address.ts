import { encodedWords, isAscii, type Mailbox } from '@score-crm/adapter-kit';

// RFC 5322, 3.2.3: what may stand in a name without quotes. Letters beyond ASCII are encoded by Mailgun.
const PLAIN_NAME = /^[\w !#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+$/u;

/** A mailbox as the parameters have it: `"Lovelace, Ada" <ada@example.com>`. */
export function address({ email, name = '' }: Mailbox): string {
  return name === '' ? email : `${PLAIN_NAME.test(name) ? name : quoted(name)} <${email}>`;
}

/** A mailbox in a header that Mailgun uses unchanged: characters beyond ASCII are encoded. */
export function headerAddress({ email, name = '' }: Mailbox): string {
  return isAscii(name) ? address({ email, name }) : `${encodedWords(name)} <${email}>`;
}

function quoted(name: string): string {
  return `"${name.replace(/["\\]/g, '\\$&')}"`;
}
