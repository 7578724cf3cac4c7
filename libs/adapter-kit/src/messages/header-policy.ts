/** How the value of a header is written (RFC 5322, 2.2; RFC 2047, 5). */
export type HeaderForm =
  /** Free text: non-ASCII characters become encoded words. */
  | 'text'
  /** A phrase, a comment or both, with tokens or `<…>`: only the phrase and the comment are encoded. */
  | 'phrase'
  /** Tokens or URIs: ASCII only. */
  | 'token'
  /** One message id. */
  | 'id'
  /** One or more message ids. */
  | 'ids';

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
