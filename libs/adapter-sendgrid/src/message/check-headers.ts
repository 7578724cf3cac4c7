import type { EmailMessage } from '@score-crm/adapter-kit';
import { refuse } from './refuse.ts';

// RFC 5322, 3.6.8
const HEADER_NAME = /^[\x21-\x39\x3b-\x7e]+$/;
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x1f\x7f]/;
/** https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send, member `headers` */
export const FORBIDDEN_HEADERS: ReadonlySet<string> = new Set([
  'x-sg-id',
  'x-sg-eid',
  'received',
  'dkim-signature',
  'content-type',
  'content-transfer-encoding',
  'to',
  'from',
  'subject',
  'reply-to',
  'cc',
  'bcc',
]);

/** @throws AdapterError `invalid_request`, with the pointer of the header */
export function checkHeaders({ headers = {} }: EmailMessage): void {
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const path = ['headers', name];
    const lower = name.toLowerCase();
    if (!HEADER_NAME.test(name)) {
      refuse('invalid_request', path, 'A header name is of printable ASCII without a colon.');
    }
    if (FORBIDDEN_HEADERS.has(lower)) {
      refuse(
        'invalid_request',
        path,
        'SendGrid writes this header itself. Use the member of the message, or leave it.',
      );
    }
    if (seen.has(lower)) refuse('invalid_request', path, 'This header is named twice. Name it once.');
    seen.add(lower);
    if (CONTROL.test(value)) {
      refuse('invalid_request', path, 'A header holds no line break or other control character. Remove it.');
    }
  }
}
