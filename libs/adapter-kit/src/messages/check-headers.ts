import { checkLine } from './check-line.ts';
import type { EmailMessage } from './email-message.ts';
import { refuseMember } from './refuse-member.ts';

// RFC 5322, 3.6.8
const HEADER_NAME = /^[\x21-\x39\x3b-\x7e]+$/;

/**
 * @param isReserved whether the vendor writes a header of this name, in lower case, itself
 * @throws AdapterError `invalid_request`, with the pointer of the header
 */
export function checkHeaders({ headers = {} }: EmailMessage, isReserved: (name: string) => boolean): void {
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const path = ['headers', name];
    const lower = name.toLowerCase();
    if (!HEADER_NAME.test(name)) {
      refuseMember('invalid_request', path, 'A header name is of printable ASCII without a colon.');
    }
    if (isReserved(lower)) {
      const hint = 'This header is made from the message itself. Use the member of the message, or leave it.';
      refuseMember('invalid_request', path, hint);
    }
    if (seen.has(lower)) refuseMember('invalid_request', path, 'This header is named twice. Name it once.');
    seen.add(lower);
    checkLine(value, path);
    if (value.trim() === '') {
      refuseMember('invalid_request', path, 'The header is empty. Leave it out, or give it a value.');
    }
  }
}
