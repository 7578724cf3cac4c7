import { canonicalAddress, emailAddressProblem } from '../addresses/email-address.ts';
import { AdapterError, type AdapterErrorCode, type Fault, type Stage } from '../errors/adapter-error.ts';
import { jsonPointer } from '../validation/fields.ts';
import type { Attachment, EmailMessage, Mailbox } from './email-message.ts';

/** The path of a message member, e.g. `['to', 0, 'email']`. */
export type MemberPath = readonly (string | number)[];

/**
 * Rejects a member of a message.
 * @throws AdapterError always
 */
export function refuseMember(code: AdapterErrorCode, path: MemberPath, hint: string): never {
  const [stage, fault] = blame(String(path[0]));
  throw new AdapterError({ stage, code, fault, retryable: false, hint, pointer: jsonPointer(...path) });
}

function blame(member: string): readonly [Stage, Fault] {
  if (member === 'to' || member === 'cc' || member === 'bcc') return ['recipient', 'recipient'];
  return [member === 'from' ? 'sender' : 'message', 'sender'];
}

// Besides ASCII's control characters, also those of Latin-1 and the separators that some programs treat as line breaks.
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;

/** Returns why a text is not a single line of complete characters, as a hint, or undefined if it is. */
function lineProblem(text: string): string | undefined {
  if (CONTROL.test(text)) return 'Line breaks and control characters are not allowed. Remove them.';
  return /\p{Surrogate}/u.test(text) ? 'The text contains an incomplete character. Enter it again.' : undefined;
}

/**
 * Checks that a text is one line.
 * @throws AdapterError `invalid_request` if the text could break out of a header or contains a lone surrogate
 */
export function checkLine(text: string, path: MemberPath): void {
  const problem = lineProblem(text);
  if (problem !== undefined) refuseMember('invalid_request', path, problem);
}

const RECIPIENTS = ['to', 'cc', 'bcc'] as const;

/** Returns the addresses of all recipients: to, cc and bcc. */
export function recipientsOf(message: EmailMessage): readonly string[] {
  return RECIPIENTS.flatMap((member) => message[member] ?? []).map(({ email }) => email);
}

/** Returns all mailboxes of a message, each with its path. */
export function mailboxesOf({
  from,
  to,
  cc = [],
  bcc = [],
  replyTo = [],
}: EmailMessage): readonly (readonly [path: MemberPath, mailbox: Mailbox])[] {
  const lists = Object.entries({ to, cc, bcc, replyTo });
  const listed = lists.flatMap(([member, all]) => all.map((mailbox, index) => [[member, index], mailbox] as const));
  return [[['from'], from], ...listed];
}

/**
 * Checks all addresses of a message.
 * @throws AdapterError `invalid_request` for an invalid address, with its pointer, and for a message without recipients
 */
export function checkMailboxes(message: EmailMessage): void {
  for (const [path, { email, name = '' }] of mailboxesOf(message)) {
    const problem = emailAddressProblem(email);
    if (problem !== undefined) refuseMember('invalid_request', [...path, 'email'], problem);
    checkLine(name, [...path, 'name']);
  }
  if (recipientsOf(message).length === 0)
    refuseMember('invalid_request', ['to'], 'The message has no recipient. Add one.');
}

/**
 * Checks the rules for recipients that the API vendors share.
 * @param vendor the vendor's display name
 * @param most the maximum number of recipients
 * @throws AdapterError `invalid_request` if an address occurs twice (in any case), `to` is empty, or there are too many
 */
export function checkRecipients(message: EmailMessage, vendor: string, most: number): void {
  const seen = new Set<string>();
  for (const member of RECIPIENTS) {
    for (const [index, { email }] of (message[member] ?? []).entries()) {
      const address = canonicalAddress(email);
      // Only the caller knows which of the two is meant: one may be a blind copy.
      if (seen.has(address)) {
        const hint = `${vendor} accepts each recipient only once. Remove the duplicate.`;
        refuseMember('invalid_request', [member, index, 'email'], hint);
      }
      seen.add(address);
    }
  }
  if (message.to.length === 0) {
    const hint = `${vendor} requires at least one “to” recipient. Add one.`;
    refuseMember('invalid_request', ['to'], hint);
  }
  if (seen.size > most) {
    const hint = `A message can have at most ${String(most)} recipients. Remove some.`;
    refuseMember('invalid_request', ['to'], hint);
  }
}

/**
 * Checks the rules for subject and body that the API vendors share.
 * @param vendor the vendor's display name
 * @throws AdapterError `invalid_request` for a message without a subject, or with neither text nor HTML
 */
export function checkText({ subject, text = '', html = '' }: EmailMessage, vendor: string): void {
  if (subject === '') refuseMember('invalid_request', ['subject'], `${vendor} requires a subject. Add one.`);
  checkLine(subject, ['subject']);
  if (text === '' && html === '') {
    const hint = `${vendor} requires a text or HTML body. Add one.`;
    refuseMember('invalid_request', ['text'], hint);
  }
}

/**
 * Checks the metadata of a message.
 * @throws AdapterError `invalid_request` for metadata that are not strings, have no name or contain a control character
 *   (some vendors return line breaks changed)
 */
export function checkMetadata({ metadata = {} }: EmailMessage): void {
  for (const [key, value] of Object.entries(metadata)) {
    const path = ['metadata', key];
    if (key === '' || typeof value !== 'string') {
      refuseMember('invalid_request', path, 'Invalid metadata. Each entry needs a name and a text value.');
    }
    checkLine(key, path);
    checkLine(value, path);
  }
}

/**
 * Checks the text of tags.
 * @throws AdapterError `invalid_request` for tags that vendors would change: with control characters, or leading or
 *   trailing spaces
 */
export function checkTagTexts({ tags = [] }: EmailMessage): void {
  for (const [index, tag] of tags.entries()) {
    checkLine(tag, ['tags', index]);
    if (tag === tag.trim()) continue;
    refuseMember('invalid_request', ['tags', index], 'The tag starts or ends with a space. Remove it.');
  }
}

/** Octets without the line break (RFC 5322, 2.1.1). */
export const MAX_LINE_OCTETS = 998;

const TOKEN = "[A-Za-z0-9!#$%&'*+.^_`{|}~-]+";
const PARAMETER = String.raw`;\s*${TOKEN}\s*=\s*(?:${TOKEN}|"(?:[^"\\]|\\.)*")\s*`;
// RFC 2045, 5.1. Quoted non-ASCII letters are not allowed there, but common in `name`.
const MEDIA_TYPE = new RegExp(String.raw`^(${TOKEN})/(${TOKEN})\s*((?:${PARAMETER})*);?\s*$`);

export interface MediaType {
  /** Type and subtype in lowercase, such as `text/csv`. */
  readonly essence: string;
  /** The parameters as they were given: empty, or from the first semicolon on. */
  readonly parameters: string;
}

/**
 * Parses a media type.
 * @returns undefined if the text is not a media type
 */
export function parseMediaType(text: string): MediaType | undefined {
  const [, type, subtype, parameters = ''] = MEDIA_TYPE.exec(text.trim()) ?? [];
  if (type === undefined || subtype === undefined) return undefined;
  return { essence: `${type}/${subtype}`.toLowerCase(), parameters: parameters.trim() };
}

const CONTENT_ID = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@-]+$/;

/** Returns a content ID without the angle brackets around it, if any, or undefined if it is invalid. */
export function bareContentId(text: string): string | undefined {
  const bare = /^<(.*)>$/.exec(text)?.[1] ?? text;
  return CONTENT_ID.test(bare) ? bare : undefined;
}

/** Returns what is wrong with the type of an attachment, as a hint, or undefined if it is valid. */
export function contentTypeProblem(contentType: string): string | undefined {
  const type = parseMediaType(contentType);
  if (type === undefined) return 'Invalid media type. Use the form application/pdf.';
  // No mail client shows a file of such a type, because its content would have to be MIME parts.
  if (type.essence.startsWith('multipart/'))
    return 'A multipart type cannot be an attachment. Use application/octet-stream.';
  if (type.essence === 'message/partial' || type.essence === 'message/external-body') {
    return 'This message type cannot be an attachment. Use message/rfc822 or application/octet-stream.';
  }
  return undefined;
}

/** Returns what is wrong with the content ID of an inline image, as a hint, or undefined if it is valid. */
export function contentIdProblem(contentId: string): string | undefined {
  if (bareContentId(contentId) !== undefined) return undefined;
  return 'Invalid content ID. Use ASCII letters, digits and characters such as . - _ @, without spaces.';
}

/**
 * Checks the attachments of a message.
 * @throws AdapterError `invalid_request`, with the pointer of the attachment's member
 */
export function checkAttachments({ attachments = [] }: EmailMessage): void {
  const ids = new Set<string>();
  for (const [index, attachment] of attachments.entries()) {
    const { filename, contentType, contentId } = attachment;
    const path = ['attachments', index];
    if (filename === '')
      refuseMember('invalid_request', [...path, 'filename'], 'An attachment has no file name. Set its filename.');
    checkLine(filename, [...path, 'filename']);
    checkLine(contentType, [...path, 'contentType']);
    const problem = contentTypeProblem(contentType);
    if (problem !== undefined) refuseMember('invalid_request', [...path, 'contentType'], problem);
    if (contentId !== undefined) checkContentId(contentId, [...path, 'contentId'], ids);
    checkMessageLines(attachment, [...path, 'content']);
  }
}

function checkContentId(contentId: string, path: MemberPath, seen: Set<string>): void {
  const problem = contentIdProblem(contentId);
  if (problem !== undefined) refuseMember('invalid_request', path, problem);
  const bare = bareContentId(contentId) ?? '';
  if (seen.has(bare))
    refuseMember('invalid_request', path, 'Another attachment has this content ID. Use a different one.');
  seen.add(bare);
}

/** An attached message is sent unchanged: it must not be encoded again (RFC 2046, 5.2.1). */
function checkMessageLines({ content, contentType }: Attachment, path: MemberPath): void {
  if (parseMediaType(contentType)?.essence.startsWith('message/') !== true) return;
  if (content.includes(0)) refuseMember('invalid_request', path, 'An attached message contains a NUL byte. Remove it.');
  if (hasLoneCarriageReturn(content)) {
    const hint =
      'An attached message has a carriage return without a line feed. End its lines with CRLF, or use application/octet-stream.';
    refuseMember('invalid_request', path, hint);
  }
  let start = 0;
  while (start <= content.length) {
    const found = content.indexOf(0x0a, start);
    const end = found < 0 ? content.length : found;
    if (end - start - (content[end - 1] === 0x0d ? 1 : 0) > MAX_LINE_OCTETS) {
      const hint = `An attached message has a line of more than ${String(MAX_LINE_OCTETS)} bytes. Break the line, or use application/octet-stream.`;
      refuseMember('invalid_request', path, hint);
    }
    start = end + 1;
  }
}

/** Not allowed in a message (RFC 5322, 2.3). It would be removed in transit, joining two lines. */
function hasLoneCarriageReturn(content: Uint8Array): boolean {
  let at = content.indexOf(0x0d);
  while (at >= 0 && content[at + 1] === 0x0a) at = content.indexOf(0x0d, at + 2);
  return at >= 0;
}
