import { randomUUID } from 'node:crypto';
import {
  type Attachment,
  type BatchParts,
  type CallOptions,
  contentKey,
  type EmailMessage,
  encodedWords,
  FormBody,
  type FormField,
  type FormFile,
  isAscii,
  type JsonItem,
  type Mailbox,
  type MessageRules,
  mimeSize,
  recipientsOf,
  refuseMember,
  textOf,
  sentResults,
  wireMessage,
} from '@score-crm/adapter-kit';
import { FOUND_ADDRESS } from './assumptions.ts';
import type { MailgunApi } from './mailgun.api.ts';
import type { MailgunSettings } from './mailgun.settings.ts';

/** Of all parameters that start with `o:`, `h:` or `v:`, names and values. */
const OPTION_BYTES = 16_000;

/**
 * “25MB” and “KB” are interpreted as the smaller values.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages/post-v3--domain-name--messages
 */
export const RULES: MessageRules<MailgunSettings> = {
  vendor: 'Mailgun',
  recipients: 1_000,
  // Of the MIME message that Mailgun creates.
  bytes: 25_000_000,
  size: mimeSize,
  // Mailgun strips non-ASCII characters from tags, and drops tags that have nothing else.
  // https://help.mailgun.com/hc/en-us/articles/34389096824219-Tags
  // https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/track-tagging
  // https://documentation.mailgun.com/en/latest/api-tags.html
  tags: { max: 10, characters: 128, ascii: true },
  // Events truncate anything beyond this.
  metadata: { bytes: 4_000 },
  // The limit of the larger plans. On the others, Mailgun itself rejects later times.
  schedule: { maxMs: 7 * 24 * 60 * 60 * 1000, limit: '7 days ahead, and 3 days on smaller plans' },
  // The events would have another id than the response.
  reservedHeaders: /^message-id$/,
  // A form cannot express it in a way that all servers parse.
  fileNames: { refused: /"/, hint: 'Mailgun does not support quotation marks in file names. Use another name.' },
  more: (message, _settings, now) => checkOptions(wireMessage(message), now),
};

/** Returns the path for sending a domain's messages. */
export function messagesPath({ domain }: MailgunSettings): string {
  return `/v3/${encodeURIComponent(domain)}/messages`;
}

/** Returns an id in the form of events: the response to a message has it in angle brackets. */
export function bareMessageId(id: string | undefined): string | undefined {
  return id?.replace(/^<(.*)>$/, '$1');
}

// Far below the limit of a request, beside a content of 25 MB.
const BATCH_BYTES = 10_000_000;

/**
 * Messages with the same content share a request. With `recipient-variables`, Mailgun makes a separate message for each recipient,
 * which names no other recipient, and gives all of them the same id. It also replaces the placeholders of such variables in the
 * content, so a message that contains one is sent alone.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/batch-sending
 */
export const BATCH: BatchParts<MailgunSettings, MailgunApi> = {
  messages: 1_000,
  recipients: RULES.recipients,
  isAtomic: true,
  bytes: BATCH_BYTES,
  size: ({ to, metadata }) => JSON.stringify([to, metadata]).length,
  key: (message) => (isCombinable(message) ? contentKey(withVariables(message), ['to']) : randomUUID()),
  send: async (api, settings, messages, options) => sentResults(messages, await post(api, settings, messages, options)),
};

/**
 * `POST /v3/{domain}/messages`. Mailgun accepts or rejects a request as a whole, under one id for all recipients.
 * @returns this id
 */
async function post(
  api: MailgunApi,
  settings: MailgunSettings,
  messages: readonly EmailMessage[],
  { signal }: CallOptions,
): Promise<string> {
  const body = messageForm(messages.map(wireMessage), Date.now());
  const call = { method: 'POST', path: messagesPath(settings), body, signal } as const;
  // Mailgun itself responds to an unknown call with 200 and a greeting. https://github.com/anymail/django-anymail,
  // `anymail/backends/mailgun.py`
  const idOf = (json: JsonItem) => bareMessageId(textOf(json, 'id')?.trim()) || undefined;
  return api.read(settings, call, idOf, 'so the message may not have been sent');
}

/** Also with the percent sign as HTML, URLs and MIME have it, in case Mailgun decodes before it replaces. */
const PLACEHOLDER = /(?:%|25;?|37;?|percnt;?)recipient/i;

/** Whether a message can share a request. Mailgun sends the copies of a request with each of its messages, so there must be none. */
function isCombinable(message: EmailMessage): boolean {
  const { attachments = [] } = message;
  const wired = wireMessage(message);
  if (recipientsOf(message).length !== 1 || !FOUND_ADDRESS.test(wired.to[0]?.email ?? '')) return false;
  const names = attachments.map(({ content: _content, ...others }) => others);
  if (PLACEHOLDER.test(JSON.stringify({ ...message, attachments: names }))) return false;
  if (attachments.some(({ content }) => PLACEHOLDER.test(Buffer.from(content).toString('latin1')))) return false;
  return optionBytes(withVariables(wired), Date.now()) <= OPTION_BYTES;
}

/** A value that no vendor has a reason to escape. Messages with others share a request if they are equal. */
const PLAIN_VALUE = /^[\w.:@-]+$/;

/** Returns a message with placeholders in its metadata. */
function withVariables(message: EmailMessage): EmailMessage {
  const metadata = Object.entries(message.metadata ?? {}).map(
    ([name, value], index) => [name, PLAIN_VALUE.test(value) ? `%recipient.v${String(index)}%` : value] as const,
  );
  return { ...message, metadata: Object.fromEntries(metadata) };
}

/** Returns the variables of each recipient: never none, which Mailgun may treat as an unknown recipient. */
function recipientVariables(messages: readonly EmailMessage[]): FormField {
  const all = messages.map(({ to: [recipient], metadata = {} }) => {
    const own = Object.values(metadata).map((value, index) => [`v${String(index)}`, value] as const);
    return [recipient?.email ?? '', { n: 1, ...Object.fromEntries(own) }] as const;
  });
  return ['recipient-variables', JSON.stringify(Object.fromEntries(all))];
}

/** @throws AdapterError `unsupported` if the options together are larger than Mailgun accepts */
function checkOptions(message: EmailMessage, now: number): void {
  if (optionBytes(message, now) <= OPTION_BYTES) return;
  const hint = `Mailgun accepts at most ${String(OPTION_BYTES)} bytes of headers, tags and metadata together. Send less.`;
  // Metadata and tags by themselves stay below the limit.
  refuseMember('unsupported', [message.headers === undefined ? 'replyTo' : 'headers'], hint);
}

function optionBytes(message: EmailMessage, now: number): number {
  const texts = optionFields(message, now).flat();
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

/** The form of a message, or of several that differ only in their recipient and their variables. */
function messageForm(messages: readonly EmailMessage[], now: number): FormBody {
  const [first] = messages as [EmailMessage];
  const message = messages.length === 1 ? first : withVariables(first);
  const { from, cc = [], bcc = [], subject, text = '', html = '', attachments = [] } = message;
  const to = messages.flatMap((one) => one.to);
  const fields: FormField[] = [
    ['from', address(from)],
    ...Object.entries({ to, cc, bcc }).flatMap(([name, all]) => all.map((one): FormField => [name, address(one)])),
    ['subject', subject],
    ...Object.entries({ text, html }).filter(([, content]) => content !== ''),
  ];
  if (messages.length > 1) fields.push(recipientVariables(messages));
  return FormBody.multipart([...fields, ...optionFields(message, now)], attachments.map(fileOf));
}

/** Mailgun's sending options, whose total size is limited. */
function optionFields(message: EmailMessage, now: number): readonly FormField[] {
  const { replyTo = [], headers = {}, tags = [], metadata = {}, sendAt } = message;
  const prefixed = (prefix: string, members: Readonly<Record<string, string>>): readonly FormField[] =>
    Object.entries(members).map(([name, value]) => [prefix + name, value]);
  // A time in the past means immediately, which needs no schedule.
  const isScheduled = sendAt !== undefined && sendAt.getTime() > now;
  return [
    ...prefixed('h:', replyTo.length === 0 ? {} : { 'Reply-To': replyTo.map(headerAddress).join(', ') }),
    ...prefixed('h:', headers),
    ...[...new Set(tags)].map((tag): FormField => ['o:tag', tag]),
    ...prefixed('v:', metadata),
    ...prefixed('o:', isScheduled ? { deliverytime: sendAt.toUTCString() } : {}),
  ];
}

// RFC 5322, 3.2.3: the characters of a name that needs no quotes. Mailgun encodes non-ASCII letters.
const PLAIN_NAME = /^[\w !#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+$/u;

/** Returns a mailbox in the form of the parameters: `"Lovelace, Ada" <ada@example.com>`. */
function address({ email, name = '' }: Mailbox): string {
  if (name === '') return email;
  return `${PLAIN_NAME.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`} <${email}>`;
}

/** Returns a mailbox for a header that Mailgun uses unchanged: non-ASCII characters are encoded. */
function headerAddress({ email, name = '' }: Mailbox): string {
  return isAscii(name) ? address({ email, name }) : `${encodedWords(name)} <${email}>`;
}

/**
 * The name of an inline file is its Content-ID: `cid:email.jpg` shows the file `email.jpg`.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/send-attachments
 */
function fileOf({ filename, content, contentType, contentId }: Attachment): FormFile {
  if (contentId === undefined) return { field: 'attachment', filename, contentType, content };
  return { field: 'inline', filename: contentId, contentType, content };
}
