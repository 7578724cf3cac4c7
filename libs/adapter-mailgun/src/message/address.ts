import { domainToASCII } from 'node:url';
import type { Mailbox } from '@score-crm/adapter-kit';

// RFC 5322, 3.2.3: what may stand in a name without quotes. Letters beyond ASCII are encoded by Mailgun.
const PLAIN_NAME = /^[\w !#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+$/u;

/** A mailbox as the parameters have it: `"Lovelace, Ada" <ada@example.com>`. */
export function address({ email, name = '' }: Mailbox): string {
  const [local = '', domain = ''] = email.split('@');
  // A domain in letters of its own is told as its DNS name.
  const bare = `${local}@${domainToASCII(domain) || domain}`;
  return name === '' ? bare : `${PLAIN_NAME.test(name) ? name : quoted(name)} <${bare}>`;
}

function quoted(name: string): string {
  return `"${name.replace(/["\\]/g, '\\$&')}"`;
}
