import {
  type Attachment,
  type CallOptions,
  configurationError,
  type EmailMessage,
  encodedWords,
  FormBody,
  type FormField,
  type FormFile,
  isAscii,
  isJsonObject,
  type Mailbox,
  type MessageRules,
  mimeSize,
  recipientsOf,
  refuseMember,
  type SendResult,
  textOf,
  wireMessage,
} from '@score-crm/adapter-kit';
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

/** `POST /v3/{domain}/messages`. Mailgun accepts or rejects a message as a whole, under one id for all recipients. */
export async function sendMessage(
  api: MailgunApi,
  settings: MailgunSettings,
  message: EmailMessage,
  { signal }: CallOptions,
): Promise<SendResult> {
  const body = messageForm(wireMessage(message), Date.now());
  const response = await api.call(settings, { method: 'POST', path: messagesPath(settings), body, signal });
  const json = response.jsonOrUndefined();
  const messageId = isJsonObject(json) ? bareMessageId(textOf(json, 'id')?.trim()) : undefined;
  if (messageId !== undefined && messageId !== '') return { messageId, accepted: recipientsOf(message), rejected: [] };
  // Mailgun itself responds to an unknown call with 200 and a greeting. https://github.com/anymail/django-anymail,
  // `anymail/backends/mailgun.py`
  const hint =
    'The response has no message ID, so the message may not have been sent. Check the domain and the base URL.';
  throw configurationError('invalid_response', hint, { status: response.status });
}

/** @throws AdapterError `unsupported` if the options together are larger than Mailgun accepts */
function checkOptions(message: EmailMessage, now: number): void {
  const texts = optionFields(message, now).flat();
  if (texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) <= OPTION_BYTES) return;
  const hint = `Mailgun accepts at most ${String(OPTION_BYTES)} bytes of headers, tags and metadata together. Send less.`;
  // Metadata and tags by themselves stay below the limit.
  refuseMember('unsupported', [message.headers === undefined ? 'replyTo' : 'headers'], hint);
}

function messageForm(message: EmailMessage, now: number): FormBody {
  const { from, to, cc = [], bcc = [], subject, text = '', html = '', attachments = [] } = message;
  const fields: FormField[] = [
    ['from', address(from)],
    ...Object.entries({ to, cc, bcc }).flatMap(([name, all]) => all.map((one): FormField => [name, address(one)])),
    ['subject', subject],
    ...Object.entries({ text, html }).filter(([, content]) => content !== ''),
  ];
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
