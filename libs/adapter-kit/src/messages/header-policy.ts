import { checkLine, refuseMember } from './check-members.ts';
import type { EmailMessage } from './email-message.ts';
import { type HeaderForm, headerValueProblem } from './header-value.ts';

/**
 * The headers that a message may set: those of IANA's registry (https://www.iana.org/assignments/message-headers) and
 * of common use that a sender writes about the message, and that no server uses to decide where mail goes or who sent
 * it. All others have a message member or are set by a server.
 */
const ALLOWED: ReadonlyMap<string, HeaderForm> = new Map<string, HeaderForm>([
  ['archived-at', 'token'],
  ['auto-submitted', 'token'],
  ['autocrypt', 'token'],
  ['bimi-selector', 'token'],
  ['cfbl-address', 'phrase'],
  ['cfbl-feedback-id', 'text'],
  ['comments', 'text'],
  ['disposition-notification-options', 'token'],
  ['disposition-notification-to', 'phrase'],
  ['expires', 'token'],
  ['feedback-id', 'token'],
  ['importance', 'token'],
  ['in-reply-to', 'ids'],
  ['keywords', 'phrase'],
  ['list-archive', 'phrase'],
  ['list-help', 'phrase'],
  ['list-id', 'phrase'],
  ['list-owner', 'phrase'],
  ['list-post', 'phrase'],
  ['list-subscribe', 'phrase'],
  ['list-unsubscribe', 'phrase'],
  ['list-unsubscribe-post', 'token'],
  ['message-context', 'token'],
  ['message-id', 'id'],
  ['organization', 'text'],
  ['original-message-id', 'id'],
  ['precedence', 'token'],
  ['priority', 'token'],
  ['references', 'ids'],
  ['reply-by', 'token'],
  ['require-recipient-valid-since', 'token'],
  ['sensitivity', 'token'],
  ['thread-index', 'token'],
  ['thread-topic', 'text'],
  ['tls-required', 'token'],
  ['user-agent', 'text'],
]);

/**
 * Headers that control a vendor or a server, or that look like a server's findings. The first could send a message to
 * other recipients; the second would be forged.
 */
const CONTROL = [
  // Vendors: SendGrid, SparkPost, Mailgun, SMTP.com, Postmark, Mandrill, Amazon SES, Mailjet, Brevo, SMTP2GO, Elastic Email.
  /^x-(?:smtpapi|msys-api|sg|mailgun|smtpcom|pm|mc|ses|mj|mailjet|mailin|sib|smtp2go|elasticemail)(?:-|$)/,
  // Envelopes and routes.
  /^x-(?:envelope|original|delivered|forwarded|received|return|rcpt|mail-from|sender|from|real|apparently|google|gm|yahoo|ymail|ms-exchange|microsoft|forefront|exchange|eop|arc|dkim|dmarc|spf)(?:-|$)/,
  /^x-auth(?:enti|-|user|$)/,
  // Verdicts of filters.
  /^x-(?:spam|virus|amavis|rspamd|ironport|barracuda|proofpoint|mimecast|cloudmark|sophos|pmx|ovh-spam|bogosity|dspam|quarantine)/,
];

/** @returns undefined for a header that a message may not set */
export function headerForm(name: string): HeaderForm | undefined {
  const lower = name.toLowerCase();
  if (!lower.startsWith('x-')) return ALLOWED.get(lower);
  return lower.length === 2 || CONTROL.some((pattern) => pattern.test(lower)) ? undefined : 'text';
}

// RFC 5322, 3.6.8
const HEADER_NAME = /^[\x21-\x39\x3b-\x7e]+$/;

/** Returns why a message may not set a header of this name, as a hint, or undefined if it may. */
export function headerNameProblem(name: string): string | undefined {
  if (!HEADER_NAME.test(name)) return 'Invalid header name. Use printable ASCII characters without a colon.';
  if (headerForm(name) !== undefined) return undefined;
  return 'This header cannot be set. Use the message’s own fields, or a header that starts with X-.';
}

/**
 * Returns what is wrong with the value of a header, as a hint. Undefined if the value is valid, or if the header cannot
 * be set at all.
 */
export function headerProblem(name: string, value: string): string | undefined {
  const form = headerForm(name);
  return form === undefined ? undefined : headerValueProblem(name, form, value);
}

/**
 * Checks the custom headers of a message.
 * @param isReserved whether the vendor sets a header of this (lowercase) name itself
 * @throws AdapterError `invalid_request`, with the pointer of the header
 */
export function checkHeaders(
  { headers = {} }: EmailMessage,
  isReserved: (name: string) => boolean = () => false,
): void {
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const path = ['headers', name];
    const lower = name.toLowerCase();
    const unusable = headerNameProblem(name);
    if (unusable !== undefined) refuseMember('invalid_request', path, unusable);
    if (isReserved(lower)) {
      const hint = 'The vendor sets this header itself. Remove it.';
      refuseMember('invalid_request', path, hint);
    }
    if (seen.has(lower)) refuseMember('invalid_request', path, 'This header occurs twice. Remove one of them.');
    seen.add(lower);
    checkLine(value, path);
    const problem = headerProblem(name, value);
    if (problem !== undefined) refuseMember('invalid_request', path, problem);
  }
}
