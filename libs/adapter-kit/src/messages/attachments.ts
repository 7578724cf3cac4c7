import { checkLine, type MemberPath, refuseMember } from './check-members.ts';
import type { Attachment, EmailMessage } from './email-message.ts';
import { MAX_LINE_OCTETS } from './header-value.ts';

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
