import { types } from 'node:util';
import {
  type Attachment,
  checkInput,
  contentIdProblem,
  contentTypeProblem,
  type EmailMessage,
  type FieldError,
  hasErrorAt,
  headerNameProblem,
  headerProblem,
  InputField,
  IsEmailAddress,
  type Mailbox,
  type Problem,
  SatisfiesText,
} from '@score-crm/adapter-kit';
import { ArrayMaxSize, ArrayMinSize, IsNotEmpty, IsOptional, MaxLength } from 'class-validator';
import { isSenderAllowed, senderAt, senderNotAllowed, sendersOf, type StoredSenders } from '../connections/senders.ts';
import { InvalidInputError } from '../input/invalid-input.error.ts';

// They protect this service and its database. What a vendor accepts is checked by its adapter.
export const MESSAGE_LIMITS = {
  /** To, cc and bcc together. */
  recipients: 1_000,
  replyTo: 20,
  /** Characters; RFC 5322, 2.1.1. */
  subject: 998,
  name: 200,
  /** Characters of the text, and of the HTML. */
  text: 5 << 20,
  headers: 50,
  headerValue: 2_000,
  attachments: 50,
  /** Of all attachments together, before they are encoded. */
  attachedBytes: 22 << 20,
  tags: 20,
  metadata: 50,
  /** Of all metadata together, as JSON: each recipient's events carry them. */
  metadataBytes: 10_000,
  /** Characters of a file name, a tag, a header’s or a metadatum’s name, and the like. */
  label: 255,
} as const;

export class MailboxInput implements Mailbox {
  @InputField({
    label: 'Email',
    help: 'One address without a name; at most 64 bytes before the @. Quoted local parts and IP addresses as domains are rejected. Write an internationalized domain in its own letters or in ASCII (`xn--`).',
    example: 'ada@example.com',
  })
  @IsEmailAddress()
  email!: string;

  @InputField({ label: 'Name', help: 'Display name.', example: 'Ada Lovelace' })
  @IsOptional()
  @MaxLength(MESSAGE_LIMITS.name)
  name?: string;
}

/** An attachment as a sender gives it: its content is bytes, or base64 of them. */
export class AttachmentInput implements Omit<Attachment, 'content'> {
  @InputField({ label: 'File name', help: 'Name of the file.', example: 'invoice.pdf' })
  @MaxLength(MESSAGE_LIMITS.label)
  filename!: string;

  @InputField({
    label: 'Content type',
    help: 'Media type, parameters included. multipart/*, message/partial and message/external-body are rejected.',
    example: 'application/pdf',
  })
  @MaxLength(MESSAGE_LIMITS.label)
  @SatisfiesText({ name: 'isContentType', code: 'invalid', problem: contentTypeProblem })
  contentType!: string;

  @InputField({
    label: 'Content',
    help: 'Base64 with padding and without line breaks (RFC 4648, section 4).',
    example: 'SGVsbG8=',
    type: 'bytes',
    mayBeEmpty: true,
  })
  content!: Uint8Array | string;

  @InputField({
    label: 'Content ID',
    help: 'Makes it an inline image: "logo" is shown by <img src="cid:logo">. ASCII without blanks; angle brackets around it are removed.',
    example: 'logo',
  })
  @IsOptional()
  @IsNotEmpty()
  @MaxLength(MESSAGE_LIMITS.label)
  @SatisfiesText({ name: 'isContentId', code: 'invalid', problem: contentIdProblem })
  contentId?: string;
}

const MAILBOXES = { items: () => MailboxInput };

/** A message as a sender gives it; also as JSON, where attachments are base64 and times RFC 3339. */
export class MessageInput {
  @InputField({ label: 'From', help: 'Sender. The connection’s default sender if omitted.', type: () => MailboxInput })
  @IsOptional()
  from?: MailboxInput;

  @InputField({
    label: 'To',
    help: `Recipients. To, cc and bcc together have at most ${String(MESSAGE_LIMITS.recipients)}.`,
    ...MAILBOXES,
  })
  @ArrayMinSize(1)
  @ArrayMaxSize(MESSAGE_LIMITS.recipients)
  to!: readonly MailboxInput[];

  @InputField({ label: 'Cc', help: 'Recipients of copies.', ...MAILBOXES })
  @IsOptional()
  @ArrayMaxSize(MESSAGE_LIMITS.recipients)
  cc?: readonly MailboxInput[];

  @InputField({ label: 'Bcc', help: 'Recipients of blind copies.', ...MAILBOXES })
  @IsOptional()
  @ArrayMaxSize(MESSAGE_LIMITS.recipients)
  bcc?: readonly MailboxInput[];

  @InputField({ label: 'Reply-to', help: 'Where replies are sent.', ...MAILBOXES })
  @IsOptional()
  @ArrayMaxSize(MESSAGE_LIMITS.replyTo)
  replyTo?: readonly MailboxInput[];

  @InputField({ label: 'Subject', help: 'Subject line.', example: 'Your invoice', mayBeEmpty: true })
  @MaxLength(MESSAGE_LIMITS.subject)
  subject!: string;

  @InputField({
    label: 'Text',
    help: 'Plain text. A message needs text, HTML or both.',
    example: 'Hello Ada',
    anyCharacters: true,
  })
  @IsOptional()
  @MaxLength(MESSAGE_LIMITS.text)
  text?: string;

  @InputField({ label: 'HTML', help: 'HTML. A message needs text, HTML or both.', anyCharacters: true })
  @IsOptional()
  @MaxLength(MESSAGE_LIMITS.text)
  html?: string;

  @InputField({
    label: 'Headers',
    help: 'Headers that a sender writes about a message: X- headers, List-*, Message-ID, In-Reply-To, References, Auto-Submitted, Precedence, Importance, Priority, Feedback-ID, Keywords, Comments, Organization and others of IANA’s registry. Rejected are headers that servers write, headers that have a field of the message, headers that control a vendor, and names that start with X-Score-. Letters beyond ASCII are encoded (RFC 2047) where the header allows it.',
    example: { 'List-Unsubscribe': '<https://example.com/unsubscribe/42>' },
    entries: {
      maxEntries: MESSAGE_LIMITS.headers,
      maxNameLength: MESSAGE_LIMITS.label,
      maxLength: MESSAGE_LIMITS.headerValue,
      check: headerEntryProblem,
    },
  })
  @IsOptional()
  headers?: Readonly<Record<string, string>>;

  @InputField({ label: 'Attachments', help: 'Attached files and inline images.', items: () => AttachmentInput })
  @IsOptional()
  @ArrayMaxSize(MESSAGE_LIMITS.attachments)
  attachments?: readonly AttachmentInput[];

  @InputField({
    label: 'Tags',
    help: 'Labels by which the vendor’s reports group messages.',
    example: ['spring-sale'],
    items: 'string',
  })
  @IsOptional()
  @ArrayMaxSize(MESSAGE_LIMITS.tags)
  @MaxLength(MESSAGE_LIMITS.label, { each: true })
  @SatisfiesText({ name: 'hasNoOuterBlanks', code: 'invalid', problem: outerBlanksProblem, each: true })
  tags?: readonly string[];

  @InputField({
    label: 'Metadata',
    help: 'Returned with the events of the message. No control characters, line breaks included. Names that start with score_ are reserved.',
    example: { order: '1042' },
    entries: {
      maxEntries: MESSAGE_LIMITS.metadata,
      maxNameLength: MESSAGE_LIMITS.label,
      maxLength: MESSAGE_LIMITS.metadataBytes,
      check: (name) => (isReservedMetadata(name) ? RESERVED : undefined),
    },
  })
  @IsOptional()
  metadata?: Readonly<Record<string, string>>;

  @InputField({
    label: 'Send at',
    help: 'Time at which the vendor sends the message. Rejected for vendors without scheduled sending.',
    example: '2026-01-31T08:00:00Z',
    type: 'time',
  })
  @IsOptional()
  sendAt?: Date | string;
}

/**
 * Reads a message as it was sent.
 * @param sender the sender of a message that names none
 * @param senderDomains the domains that it may be from; null for any
 * @throws InvalidInputError with every error
 */
export function readMessage(
  input: MessageInput,
  sender: Mailbox | undefined,
  senderDomains: readonly string[] | null = null,
): EmailMessage {
  const { errors, valid } = checkInput(MessageInput, input);
  const from = valid.from ?? sender;
  errors.push(...senderErrors(from, senderDomains, errors), ...wholeErrors(valid, errors));
  if (errors.length > 0) throw new InvalidInputError(errors);
  const { attachments, sendAt, ...rest } = valid as MessageInput;
  return {
    ...rest,
    from: from as Mailbox,
    ...(attachments === undefined ? {} : { attachments: attachments.map(attachmentOf) }),
    ...(sendAt === undefined ? {} : { sendAt: new Date(sendAt) }),
  };
}

/** Adds the Reply-To of the connection's sender that a message is from, unless the message names its own. */
export function withReplyTo(message: EmailMessage, row: StoredSenders): EmailMessage {
  const hasOwn = row.replyTo !== null || row.otherSenders !== null;
  if (!hasOwn || message.replyTo !== undefined) return message;
  const replyTo = senderAt(sendersOf(row), message.from.email)?.replyTo;
  return replyTo === undefined ? message : { ...message, replyTo: [{ email: replyTo }] };
}

function senderErrors(
  from: Mailbox | undefined,
  domains: readonly string[] | null,
  errors: readonly FieldError[],
): FieldError[] {
  if (hasErrorAt(errors, '/from')) return [];
  if (from === undefined) {
    const message =
      'From is required because the connection has no default sender. Add it to the message or the connection.';
    return [{ pointer: '/from', code: 'required', message }];
  }
  return isSenderAllowed(from.email, domains) ? [] : [senderNotAllowed('/from/email')];
}

/** The errors of members together. A list may have gaps for items with an error of their own. */
function wholeErrors(message: Partial<MessageInput>, errors: readonly FieldError[]): FieldError[] {
  const { to = [], cc = [], bcc = [], text = '', html = '', attachments = [], metadata = {} } = message;
  const found: FieldError[] = [];
  if (to.length + cc.length + bcc.length > MESSAGE_LIMITS.recipients) {
    const most = String(MESSAGE_LIMITS.recipients);
    const problem = `To, cc and bcc have more than ${most} recipients together. Send several messages.`;
    found.push({ pointer: '/to', code: 'too_many', message: problem });
  }
  if (text === '' && html === '' && !hasErrorAt(errors, '/text') && !hasErrorAt(errors, '/html')) {
    found.push({ pointer: '/text', code: 'required', message: 'The message is empty. Add text, HTML or both.' });
  }
  const attached = attachments.reduce(
    (sum, one) => sum + sizeOf((one as AttachmentInput | undefined)?.content ?? ''),
    0,
  );
  if (attached > MESSAGE_LIMITS.attachedBytes) found.push(tooLarge('attachments', MESSAGE_LIMITS.attachedBytes));
  if (Buffer.byteLength(JSON.stringify(metadata)) > MESSAGE_LIMITS.metadataBytes) {
    found.push(tooLarge('metadata', MESSAGE_LIMITS.metadataBytes));
  }
  return found;
}

function tooLarge(member: 'attachments' | 'metadata', most: number): FieldError {
  const label = member === 'attachments' ? 'Attachments' : 'Metadata';
  const message = `${label} have more than ${String(most)} bytes together. Send less.`;
  return { pointer: `/${member}`, code: 'too_large', message };
}

function attachmentOf({ filename, contentType, content, contentId }: AttachmentInput): Attachment {
  const attachment = { filename, contentType, content: bytesOf(content) };
  return contentId === undefined ? attachment : { ...attachment, contentId };
}

function bytesOf(content: Uint8Array | string): Uint8Array {
  return types.isUint8Array(content) ? content : Buffer.from(content, 'base64');
}

function sizeOf(content: Uint8Array | string): number {
  return types.isUint8Array(content) ? content.byteLength : Buffer.byteLength(content, 'base64');
}

const RESERVED: Problem = { code: 'reserved', message: 'This name is reserved by the service. Use another name.' };

function headerEntryProblem(name: string, value: string): Problem | undefined {
  if (isReservedHeader(name)) return RESERVED;
  const notAllowed = headerNameProblem(name);
  if (notAllowed !== undefined) return { code: 'not_allowed', message: notAllowed };
  const invalid = headerProblem(name, value);
  return invalid === undefined ? undefined : { code: 'invalid', message: invalid };
}

function outerBlanksProblem(text: string): string | undefined {
  return text === text.trim() ? undefined : 'The tag starts or ends with a blank. Remove it.';
}

function isReservedMetadata(name: string): boolean {
  return name.toLowerCase().startsWith('score_');
}

function isReservedHeader(name: string): boolean {
  return name.toLowerCase().startsWith('x-score-');
}
