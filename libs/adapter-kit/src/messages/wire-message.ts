import { needsSmtpUtf8, wireAddress } from '../addresses/email-address.ts';
import { isJsonObject } from '../json/json.ts';
import { bareContentId, mailboxesOf, type MemberPath, refuseMember } from './check-members.ts';
import type { Attachment, EmailMessage, Mailbox } from './email-message.ts';
import { encodedWords, headerForm, isAscii, wireValue } from './headers.ts';

/**
 * Returns a checked message as vendors and servers receive it: domains as A-labels, headers in ASCII (RFC 2047),
 * content IDs without angle brackets. The result of a send still names recipients as the original message did.
 */
export function wireMessage(message: EmailMessage): EmailMessage {
  const { from, to, cc, bcc, replyTo, headers, attachments } = message;
  return {
    ...message,
    from: wireMailbox(from),
    to: to.map(wireMailbox),
    ...(cc === undefined ? {} : { cc: cc.map(wireMailbox) }),
    ...(bcc === undefined ? {} : { bcc: bcc.map(wireMailbox) }),
    ...(replyTo === undefined ? {} : { replyTo: replyTo.map(wireMailbox) }),
    ...(headers === undefined ? {} : { headers: wireHeaders(headers) }),
    ...(attachments === undefined ? {} : { attachments: attachments.map(wireAttachment) }),
  };
}

/**
 * Returns a mailbox as in a header (RFC 5322, 3.4), in ASCII: `"Lovelace, Ada" <ada@example.com>`. For vendors that
 * accept names in this form and do not document whether they encode them.
 */
export function mailboxText({ email, name = '' }: Mailbox): string {
  if (!isAscii(name)) return `${encodedWords(name)} <${email}>`;
  return name === '' ? email : `"${name.replace(/["\\]/g, String.raw`\$&`)}" <${email}>`;
}

/** Returns the members that need a server with SMTPUTF8 (RFC 6531): non-ASCII local parts and message ids. */
export function smtpUtf8Members(message: EmailMessage): MemberPath[] {
  const addresses = mailboxesOf(message).flatMap(([path, { email }]) =>
    needsSmtpUtf8(email) ? [[...path, 'email']] : [],
  );
  const ids = Object.entries(message.headers ?? {}).flatMap(([name, value]) =>
    isAscii(wireValue(headerForm(name) ?? 'text', value)) ? [] : [['headers', name]],
  );
  return [...addresses, ...ids];
}

/**
 * Rejects members that need SMTPUTF8.
 * @param vendor the display name of a vendor whose documentation does not state that it accepts them
 * @throws AdapterError `unsupported`, with the pointer of the first such member
 */
export function checkAscii(message: EmailMessage, vendor: string): void {
  const [path] = smtpUtf8Members(message);
  if (path === undefined) return;
  const what = path[0] === 'headers' ? 'message IDs' : 'addresses with non-ASCII letters before the @';
  const hint = `${vendor} does not support ${path[0] === 'headers' ? `non-ASCII ${what}` : what}. Use a different one.`;
  refuseMember('unsupported', path, hint);
}

function wireMailbox(mailbox: Mailbox): Mailbox {
  return { ...mailbox, email: wireAddress(mailbox.email) };
}

function wireHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, wireValue(headerForm(name) ?? 'text', value)]));
}

function wireAttachment(attachment: Attachment): Attachment {
  const { contentId, contentType } = attachment;
  return {
    ...attachment,
    contentType: contentType.trim(),
    ...(contentId === undefined ? {} : { contentId: bareContentId(contentId) ?? contentId }),
  };
}

const LINE = 76;
/** Headers and boundaries of one part. */
const PART = 300;

/**
 * Estimates the size of the MIME message that the vendor creates: attachments are encoded as base64 in lines.
 * @param texts whether the vendor encodes text and HTML too
 */
export function mimeSize(
  { text = '', html = '', attachments = [] }: EmailMessage,
  texts: 'base64' | 'plain' = 'plain',
): number {
  const bodies = [text, html].map((body) => Buffer.byteLength(body));
  const files = attachments.map(({ content }) => content.byteLength);
  const encoded = texts === 'base64' ? [...bodies, ...files] : files;
  const plain = texts === 'base64' ? 0 : bodies.reduce((sum, bytes) => sum + bytes, 0);
  return encoded.reduce((size, bytes) => size + PART + encodedSize(bytes), plain);
}

function encodedSize(bytes: number): number {
  const characters = Math.ceil(bytes / 3) * 4;
  return characters + Math.ceil(characters / LINE) * 2;
}

/** Returns the size of the contents in a JSON body: texts in UTF-8 and attachments as base64 without line breaks. */
export function jsonSize({ text = '', html = '', attachments = [] }: EmailMessage): number {
  const bodies = Buffer.byteLength(text) + Buffer.byteLength(html);
  return attachments.reduce((size, { content }) => size + Math.ceil(content.byteLength / 3) * 4, bodies);
}

/**
 * Returns an object without the members that have no value: undefined, an empty text, list or object. For the optional
 * members of a request's body.
 * @example
 * omitEmpty({ to: to.map(address), cc: cc.map(address), headers, name });
 */
export function omitEmpty<T extends object>(members: T): Partial<T> {
  const isEmpty = (value: unknown): boolean =>
    value === undefined || value === '' || (isPlain(value) && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(members).filter(([, value]) => !isEmpty(value))) as Partial<T>;
}

function isPlain(value: unknown): value is object {
  return Array.isArray(value) || (isJsonObject(value) && Object.getPrototypeOf(value) === Object.prototype);
}

/** Returns the content of an attachment as base64, without line breaks. */
export function base64Of({ content }: { readonly content: Uint8Array }): string {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
}
