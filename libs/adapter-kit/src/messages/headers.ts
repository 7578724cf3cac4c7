import { checkLine, MAX_LINE_OCTETS, refuseMember } from './check-members.ts';
import type { EmailMessage } from './email-message.ts';

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

// RFC 5322, 3.6.4, and RFC 6532 for non-ASCII letters; more lenient about the characters inside.
const ID = String.raw`[^\s<>@()",;\\]+@[^\s<>@()",;\\]+`;
const ONE_ID = new RegExp(`^(?:<${ID}>|${ID})$`);
const IDS = new RegExp(String.raw`^(?:<${ID}>|${ID})(?:\s*<${ID}>|\s+${ID})*$`);
const ID_IN_LIST = new RegExp(ID, 'g');
// Sticky: it stops at the first unclosed quotation mark or bracket. Otherwise each of many would search the entire
// rest.
const PARTS = /<[^<>]*>|\((?:[^()\\]|\\.)*\)|[,;]|(?:"(?:[^"\\]|\\.)*"|[^<>(),;"])+/gy;
const QUOTED = /"((?:[^"\\]|\\.)*)"/g;

/** Returns what is wrong with the value of a header that a message may set, as a hint, or undefined if it is valid. */
export function headerValueProblem(name: string, form: HeaderForm, value: string): string | undefined {
  const text = value.trim();
  if (text === '') return 'The header is empty. Remove it, or enter a value.';
  if (form === 'id' && !ONE_ID.test(text)) return 'Invalid message ID. Use the form <id@example.com>.';
  if (form === 'ids' && !IDS.test(text)) {
    return 'Invalid message IDs. Use the form <id@example.com>, separated by spaces.';
  }
  if (form === 'token' && !isAscii(text))
    return 'This header accepts only ASCII characters. Encode or remove the others.';
  if (form === 'phrase' && !canEncodePhrases(text)) {
    return 'Only names and comments in this header may contain non-ASCII characters. Percent-encode URLs, and write domains in ASCII (xn--).';
  }
  const longest = Math.max(
    ...wireValue(form, text)
      .split(' ')
      .map((part) => Buffer.byteLength(part)),
  );
  if (name.length + 2 + longest > MAX_LINE_OCTETS) {
    return `The header would need a line of more than ${String(MAX_LINE_OCTETS)} bytes. Shorten it, or add spaces where it can be folded.`;
  }
  return undefined;
}

/**
 * Returns a value as it is sent, on one line: in ASCII unless it is a non-ASCII message id. An ASCII value is returned
 * unchanged, except that message ids get angle brackets.
 */
export function wireValue(form: HeaderForm, value: string): string {
  const text = value.trim();
  if (form === 'id' || form === 'ids') return (text.match(ID_IN_LIST) ?? []).map((id) => `<${id}>`).join(' ');
  if (isAscii(text) || form === 'token') return text;
  return form === 'text' ? encodedText(text) : text.replace(PARTS, encodedPart).replace(/ {2,}/g, ' ').trim();
}

function canEncodePhrases(text: string): boolean {
  if (isAscii(text)) return true;
  const parts = text.match(PARTS) ?? [];
  return parts.join('') === text && parts.every((part) => isAscii(part) || isPhraseOrComment(part));
}

/** An address without angle brackets is not a phrase: encoded words are not allowed in it (RFC 2047, 5). */
function isPhraseOrComment(part: string): boolean {
  if (part.startsWith('(')) return true;
  return !part.startsWith('<') && !part.replace(QUOTED, '').includes('@');
}

function encodedPart(part: string): string {
  if (isAscii(part)) return part;
  if (part.startsWith('(')) return `(${encodedWords(part.slice(1, -1).replace(/\\(.)/g, '$1'))})`;
  // A quoted string cannot contain encoded words (RFC 2047, 5), so the quotes are removed.
  const phrase = part.replace(QUOTED, (_all, quoted: string) => quoted.replace(/\\(.)/g, '$1'));
  return ` ${encodedWords(phrase.trim())} `;
}

// RFC 2047, 2: an encoded word has 75 characters, of which 12 are `=?UTF-8?B?` and `?=`.
const WORD_BYTES = 45;
// eslint-disable-next-line no-control-regex -- the end of ASCII is meant
const ASCII = /^[\0-\x7f]*$/;

export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

/**
 * Returns a text as encoded words separated by spaces, at which it may be folded. Each word has only complete
 * characters.
 */
export function encodedWords(text: string): string {
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((part) => `=?UTF-8?B?${Buffer.from(part).toString('base64')}?=`).join(' ');
}

/** Encodes free text for a header: from the first non-ASCII word to the last, and words too long for a line. */
export function encodedText(text: string, maxCharacters = Infinity): string {
  const parts = text.split(/( +)/);
  const isEncoded = (part: string): boolean => !isAscii(part) || part.length > maxCharacters;
  const first = parts.findIndex(isEncoded);
  if (first < 0) return text;
  // Spaces between encoded words are ignored (RFC 2047, 6.2), so the text between two of them is encoded too.
  const last = parts.findLastIndex(isEncoded);
  return (
    parts.slice(0, first).join('') +
    encodedWords(parts.slice(first, last + 1).join('')) +
    parts.slice(last + 1).join('')
  );
}
