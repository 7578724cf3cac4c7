import { randomUUID } from 'node:crypto';
import {
  AdapterError,
  type AdapterErrorDetails,
  type Attachment,
  canonicalAddress,
  checkAttachments,
  checkHeaders,
  checkLine,
  checkMailboxes,
  type EmailMessage,
  encodedText,
  type Mailbox,
  parseMediaType,
  recipientsOf,
  refuseMember,
  type RejectedRecipient,
  type Scrubber,
  type SendResult,
  smtpUtf8Members,
  wireMessage,
} from '@score-crm/adapter-kit';
import type { NodemailerError } from 'nodemailer/lib/errors';
import MailComposer, { type MailComposerOptions } from 'nodemailer/lib/mail-composer';
import type { SentMessageInfo } from 'nodemailer/lib/smtp-connection';
import { type ErrorContext, recipientError } from './smtp.errors.ts';
import { messageBytes } from './smtp.mime.ts';
import type { NeededExtensions } from './smtp.nodemailer.ts';
import { parseReply } from './smtp.reply.ts';

/** Maximum characters per line of a folded header (RFC 5322, 2.1.1). */
const LINE_LENGTH = 78;
/** Maximum characters of a word in the subject that is not broken. RFC 5322 allows lines of 998. */
const MAX_WORD_LENGTH = 900;

/** A message ready to be sent. */
export interface ComposedMessage {
  /** With angle brackets, as in the message. */
  readonly messageId: string;
  readonly envelope: {
    readonly from: string;
    readonly to: string[];
    readonly size: number;
    readonly use8BitMime: boolean;
    readonly needs: NeededExtensions;
  };
  readonly raw: Buffer;
  /** The address as the caller wrote it. Its sent form has the domain in lowercase ASCII. */
  asGiven(address: string): string;
}

/** @throws AdapterError `unsupported` or `invalid_request` */
export function composeMessage(given: EmailMessage): ComposedMessage {
  checkMessage(given);
  const message = wireMessage(given);
  const recipients = new Map(recipientsOf(given).map((email) => [canonicalAddress(email), email]));
  const needs = neededExtensions(message);
  const node = new MailComposer(mailOptions(message)).compile();
  // A message with an 8-bit part is itself 8-bit (RFC 2045, 6.4).
  if (needs.eightBitMime !== undefined) node.setHeader('Content-Transfer-Encoding', '8bit');
  const messageId = node.messageId();
  const raw = messageBytes(node);
  return {
    messageId,
    envelope: {
      from: message.from.email,
      to: [...new Map(recipientsOf(message).map((email) => [canonicalAddress(email), email])).values()],
      // With the size, a server can refuse before megabytes are sent (RFC 1870).
      size: raw.length,
      use8BitMime: needs.eightBitMime !== undefined,
      needs,
    },
    raw,
    asGiven: (address) => recipients.get(canonicalAddress(address)) ?? address,
  };
}

function neededExtensions(message: EmailMessage): NeededExtensions {
  const [smtpUtf8] = smtpUtf8Members(message);
  const index = (message.attachments ?? []).findIndex(isEightBit);
  return {
    ...(smtpUtf8 === undefined ? {} : { smtpUtf8 }),
    ...(index < 0 ? {} : { eightBitMime: ['attachments', index, 'content'] }),
  };
}

/** Whether nodemailer sends the bytes of an attachment unchanged and some are not ASCII. */
function isEightBit({ content, contentType }: Attachment): boolean {
  return isMessage(contentType) && content.some((byte) => byte > 0x7f);
}

function isMessage(contentType: string): boolean {
  return parseMediaType(contentType)?.essence.startsWith('message/') === true;
}

function mailOptions(message: EmailMessage): MailComposerOptions {
  const { subject, headers = {} } = message;
  return {
    from: addressOf(message.from),
    to: message.to.map(addressOf),
    ...(message.cc === undefined ? {} : { cc: message.cc.map(addressOf) }),
    ...(message.replyTo === undefined ? {} : { replyTo: message.replyTo.map(addressOf) }),
    messageId: `<${randomUUID()}@${message.from.email.split('@').at(-1) ?? ''}>`,
    ...idOptions(headers),
    ...(message.text === undefined ? {} : { text: message.text }),
    ...(message.html === undefined ? {} : { html: message.html }),
    headers: [
      ...(subject.trim() === '' ? [] : [prepared('Subject', encodedText(subject, MAX_WORD_LENGTH))]),
      ...Object.entries(headers)
        .filter(([name]) => !OPTIONS.has(name.toLowerCase()))
        .map(([name, value]) => prepared(name, value)),
    ],
    attachments: (message.attachments ?? []).map(attachmentOf),
    // nodemailer would create one for each part.
    baseBoundary: randomUUID(),
    // Otherwise an attachment could be read from this machine's files or from its network.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** nodemailer would encode the whole value if it contains a quote, even in a phrase, and not fold it. */
function prepared(key: string, value: string): { key: string; value: { prepared: true; value: string } } {
  return { key, value: { prepared: true, value: foldedValue(key, value) } };
}

/** Headers whose value nodemailer writes itself: it only adds angle brackets. */
const OPTIONS: ReadonlyMap<string, 'messageId' | 'references'> = new Map([
  ['message-id', 'messageId'],
  ['references', 'references'],
] as const);

function idOptions(headers: Readonly<Record<string, string>>): Pick<MailComposerOptions, 'messageId' | 'references'> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const option = OPTIONS.get(name.toLowerCase());
      return option === undefined ? [] : [[option, value]];
    }),
  );
}

function addressOf({ email, name }: Mailbox): { name: string; address: string } {
  return { name: name ?? '', address: email };
}

function attachmentOf({ filename, content, contentType, contentId }: Attachment) {
  return {
    filename,
    content: Buffer.from(content.buffer, content.byteOffset, content.byteLength),
    contentType,
    ...(contentId === undefined ? {} : { cid: contentId, contentDisposition: 'inline' }),
    ...(isEightBit({ filename, content, contentType }) ? { contentTransferEncoding: '8bit' } : {}),
  };
}

/** A header as it is sent: folded at its spaces. */
function foldedValue(name: string, value: string): string {
  const lines: string[] = [];
  let line = `${name}: `;
  for (const word of value.match(/\s*\S+/g) ?? []) {
    if (line.length + word.length > LINE_LENGTH && line.trim() !== `${name}:` && /^\s/.test(word)) {
      lines.push(line);
      line = '';
    }
    line += word;
  }
  return [...lines, line].join('\r\n').slice(name.length + 2);
}

const INEXPRESSIBLE = { tags: 'tags', metadata: 'metadata', sendAt: 'scheduled sending' } as const;

/**
 * Rejects what SMTP does not support, instead of dropping it, and what would break out of a header.
 * @throws AdapterError `unsupported` or `invalid_request`, with the pointer of the member
 */
function checkMessage(message: EmailMessage): void {
  for (const [member, feature] of Object.entries(INEXPRESSIBLE)) {
    if (isEmpty(message[member as keyof typeof INEXPRESSIBLE])) continue;
    refuseMember('unsupported', [member], `SMTP does not support ${feature}. Remove ${member} from the message.`);
  }
  checkMailboxes(message);
  checkLine(message.subject, ['subject']);
  checkHeaders(message);
  checkAttachments(message);
}

function isEmpty(value: readonly string[] | Readonly<Record<string, string>> | Date | undefined): boolean {
  return value === undefined || (!(value instanceof Date) && Object.keys(value).length === 0);
}

/**
 * The outcome of each recipient. nodemailer reports the refusal of all of them as an error, and that of some as a
 * success.
 */
export function sendResult(
  message: ComposedMessage,
  outcome: SentMessageInfo | NodemailerError,
  context: ErrorContext,
): SendResult {
  const refusals = outcome.rejectedErrors ?? [];
  const ofRefusals = { ...context, scrub: repliesScrubbed(refusals, context) };
  return {
    messageId: message.messageId,
    accepted: 'accepted' in outcome ? outcome.accepted.map((address) => message.asGiven(address)) : [],
    rejected: refusals.map((error) => ({
      recipient: message.asGiven(error.recipient ?? ''),
      error: recipientError(error, ofRefusals),
    })),
  };
}

/**
 * All replies in one call, because the scrubber has a limit per call: each of a thousand recipients may have a
 * different reply.
 */
function repliesScrubbed(refusals: readonly NodemailerError[], { scrub }: ErrorContext): Scrubber {
  const replies = refusals.map(({ response }) => parseReply(response ?? '')?.text ?? '');
  const scrubbed = new Map(scrub(replies).map((text, index) => [replies[index], text]));
  return <T>(value: T) => (typeof value === 'string' ? ((scrubbed.get(value) ?? scrub(value)) as T) : scrub(value));
}

/** @throws AdapterError if no recipient was accepted, with the most important reason */
export function assertSomeAccepted(result: SendResult): SendResult {
  const reason = mainRejection(result.rejected);
  if (result.accepted.length === 0 && reason !== undefined) throw new AdapterError(reason.error);
  return result;
}

/**
 * The rejection to handle first: one that concerns the sender, the account or this service, since it will affect every
 * message; then a temporary one.
 */
export function mainRejection(rejected: readonly RejectedRecipient[]): RejectedRecipient | undefined {
  return (
    rejected.find(({ error }) => isAboutThisSide(error)) ?? rejected.find(({ error }) => error.retryable) ?? rejected[0]
  );
}

function isAboutThisSide({ code, fault }: AdapterErrorDetails): boolean {
  return (fault === 'sender' || fault === 'configuration') && code !== 'recipient_rejected';
}
