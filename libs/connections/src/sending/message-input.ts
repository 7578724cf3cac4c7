import {
  type Attachment,
  contentIdProblem,
  contentTypeProblem,
  type EmailMessage,
  headerNameProblem,
  headerProblem,
  type Mailbox,
  type MemberPath,
} from '@score-crm/adapter-kit';
import { isSenderAllowed, senderNotAllowed } from '../connections/sender-domains.ts';
import { InputFaults } from './input-faults.ts';
import { address, bytes, line, list, object, type Reader, text, texts, time } from './input-readers.ts';
import { isReservedHeader, isReservedMetadata } from './our-ids.ts';

/** An attachment as a sender gives it: its content is bytes, or base64 of them. */
export interface AttachmentInput extends Omit<Attachment, 'content'> {
  readonly content: Uint8Array | string;
}

/** A message as a sender gives it; as JSON too, where attachments are base64 and times RFC 3339. */
export interface MessageInput extends Omit<EmailMessage, 'from' | 'attachments' | 'sendAt'> {
  /** The connection's own sender unless told. */
  readonly from?: Mailbox;
  readonly attachments?: readonly AttachmentInput[];
  readonly sendAt?: Date | string;
}

type Given = Omit<EmailMessage, 'from'> & Partial<Pick<EmailMessage, 'from'>>;

// They protect this service and its database. What a vendor takes is its adapter's to say.
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

const OUTER_BLANKS = 'This starts or ends with a blank. Remove it.';

const label = line(MESSAGE_LIMITS.label);
const mailbox = object<Mailbox>({ email: address, name: line(MESSAGE_LIMITS.name, 0) }, ['email']);
const mailboxes = list(mailbox, MESSAGE_LIMITS.recipients);
const attachment = object<Attachment>(
  {
    filename: label,
    content: bytes,
    contentType: checked(label, contentTypeProblem, 'invalid'),
    contentId: checked(label, contentIdProblem, 'invalid'),
  },
  ['filename', 'content', 'contentType'],
);
// The path names the header.
const header = checked(
  line(MESSAGE_LIMITS.headerValue, 0),
  (value, path) => headerProblem(nameIn(path), value),
  'invalid',
);
const headerName = checked(notReserved(isReservedHeader), headerNameProblem, 'not_allowed');
const tag = checked(label, (text) => (text === text.trim() ? undefined : OUTER_BLANKS), 'invalid');
const message = object<Given>(
  {
    from: mailbox,
    to: list(mailbox, MESSAGE_LIMITS.recipients, 1),
    cc: mailboxes,
    bcc: mailboxes,
    replyTo: list(mailbox, MESSAGE_LIMITS.replyTo),
    subject: line(MESSAGE_LIMITS.subject, 0),
    text: text(MESSAGE_LIMITS.text),
    html: text(MESSAGE_LIMITS.text),
    headers: texts(headerName, header, MESSAGE_LIMITS.headers),
    attachments: list(attachment, MESSAGE_LIMITS.attachments),
    tags: list(tag, MESSAGE_LIMITS.tags),
    metadata: texts(notReserved(isReservedMetadata), line(MESSAGE_LIMITS.metadataBytes, 0), MESSAGE_LIMITS.metadata),
    sendAt: time,
  },
  ['to', 'subject'],
);

/**
 * Reads a message as it was sent.
 * @param sender who it is from where it does not say so
 * @param senderDomains the domains that it may be from; null for any
 * @throws InvalidInputError that names every fault
 */
export function readMessage(
  input: unknown,
  sender: Mailbox | undefined,
  senderDomains: readonly string[] | null = null,
): EmailMessage {
  const faults = new InputFaults();
  const given = message(input, [], faults);
  const from = given?.from ?? sender;
  if (given !== undefined) checkWhole(given, from, faults);
  // An address with a fault of its own is undefined here.
  const { email } = (from ?? {}) as Partial<Mailbox>;
  if (email !== undefined && !isSenderAllowed(email, senderDomains)) {
    const { code, message: advice } = senderNotAllowed('/from/email');
    faults.add(['from', 'email'], code, advice);
  }
  faults.throwIfAny();
  return { ...given, from } as EmailMessage;
}

/** What no member tells by itself. A member with a fault of its own may be undefined here. */
function checkWhole(given: Partial<Given>, from: Mailbox | undefined, faults: InputFaults): void {
  if (from === undefined) {
    const advice = 'The connection has no sender of its own. Name one here, or give the connection one.';
    faults.add(['from'], 'required', advice);
  }
  const { to = [], cc = [], bcc = [], attachments = [], metadata = {} } = given;
  if (to.length + cc.length + bcc.length > MESSAGE_LIMITS.recipients) {
    faults.add(['to'], 'too_many', `A message has ${String(MESSAGE_LIMITS.recipients)} recipients at most.`);
  }
  if (isEmpty(given, 'text') && isEmpty(given, 'html')) {
    faults.add(['text'], 'required', 'Give the message a text, HTML or both.');
  }
  const attached = attachments.reduce((sum, one) => sum + ((one as Partial<Attachment>).content?.byteLength ?? 0), 0);
  checkSize(attached, MESSAGE_LIMITS.attachedBytes, ['attachments'], faults);
  checkSize(Buffer.byteLength(JSON.stringify(metadata)), MESSAGE_LIMITS.metadataBytes, ['metadata'], faults);
}

function isEmpty(given: Partial<Given>, name: 'text' | 'html'): boolean {
  return !Object.hasOwn(given, name) || given[name] === '';
}

function checkSize(size: number, most: number, path: MemberPath, faults: InputFaults): void {
  if (size > most) faults.add(path, 'too_large', `Together these are larger than ${String(most)} bytes. Send less.`);
}

/** What a reader read, held against a rule of all vendors. */
function checked(
  read: Reader<string>,
  problem: (text: string, path: MemberPath) => string | undefined,
  code: string,
): Reader<string> {
  return (value, path, faults) => {
    const text = read(value, path, faults);
    const found = text === undefined ? undefined : problem(text, path);
    return found === undefined ? text : faults.add(path, code, found);
  };
}

function nameIn(path: MemberPath): string {
  return String(path.at(-1));
}

function notReserved(isReserved: (name: string) => boolean): Reader<string> {
  return (value, path, faults) => {
    const name = label(value, path, faults);
    return name !== undefined && isReserved(name)
      ? faults.add(path, 'reserved', 'This name is one of the service’s own. Choose another one.')
      : name;
  };
}
