import {
  AdapterError,
  type Attachment,
  base64Of,
  type BatchParts,
  checkSize,
  contentKey,
  type EmailMessage,
  type HttpResponse,
  type Mailbox,
  type MessageRules,
  omitEmpty,
  parseMediaType,
  sentResults,
  untrackedId,
  wireMessage,
} from '@score-crm/adapter-kit';
import * as library from '@sendgrid/mail';
import type { SendgridApi } from './sendgrid.api.ts';
import type { SendgridSettings } from './sendgrid.settings.ts';
import { isReservedField } from './sendgrid.webhooks.ts';

/** https://www.twilio.com/docs/sendgrid/api-reference/mail-send/limitations */
export const RULES: MessageRules<SendgridSettings> = {
  vendor: 'SendGrid',
  recipients: 1_000,
  // Of the request. The vendor's pages state both 20 MB and 30 MB.
  bytes: 20_000_000,
  tags: { max: 10, characters: 255 },
  // Events contain the metadata next to their own fields, on one level: one with the same name would be lost.
  metadata: { isReserved: isReservedField, bytes: 10_000 },
  schedule: { maxMs: 72 * 60 * 60 * 1000, limit: '72 hours ahead' },
  emptyAttachments: false,
};

/** The library's own type of this depends on its HTTP client, and cannot be resolved without it. */
type MailData = Readonly<Record<string, unknown>>;

interface MailService {
  setClient(client: { request(request: { readonly url: string; readonly body: object }): Promise<unknown> }): unknown;
  send(data: MailData): Promise<unknown>;
}

/** The library declares `export =` next to named exports, which compilers interpret differently. */
const { MailService } = library as unknown as { MailService: new () => MailService };

/**
 * Messages with the same content share a request, each as a personalization with its recipients, subject, headers and metadata.
 * They share its id as well. Substitutions are not used: a content that contains their syntax by chance would change.
 * https://www.twilio.com/docs/sendgrid/for-developers/sending-email/personalizations
 */
export const BATCH: BatchParts<SendgridSettings, SendgridApi> = {
  messages: 1_000,
  recipients: RULES.recipients,
  isAtomic: true,
  // Of what is not shared. A request that is too large with its content is divided.
  bytes: 4_000_000,
  size: (message) => JSON.stringify(personalization(message)).length,
  // With the sender: one that is not verified would have the whole request rejected.
  key: (message) => contentKey(message, ['to', 'cc', 'bcc', 'subject', 'headers', 'metadata']),
  send: async (api, settings, messages, { signal }) => {
    const [first] = messages as [EmailMessage];
    const personalizations = messages.map(personalization);
    const data =
      messages.length === 1 ? mailData(first) : { ...contentData(wireMessage(first), Date.now()), personalizations };
    return sentResults(messages, await post(api, settings, data, signal));
  },
};

/**
 * SendGrid accepts or rejects a request as a whole: it responds with 202, without a body and with the id in `X-Message-Id`.
 * @returns the id of the message or messages
 */
async function post(
  api: SendgridApi,
  settings: SendgridSettings,
  data: MailData,
  signal: AbortSignal | undefined,
): Promise<string> {
  const response = await postMail(api, settings, data, signal);
  const id = response.header('x-message-id')?.trim() ?? '';
  // A proxy or a sign-in page that responds with 200 to every request.
  const isForeign = response.status !== 202 || response.body.length > 0;
  if (id === '' && isForeign) throw api.notVendor(response, 'so the message may not have been sent');
  return id || untrackedId();
}

/**
 * `POST /v3/mail/send`, built and checked by the vendor's own library.
 * https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
 * @throws AdapterError
 */
export async function postMail(
  api: SendgridApi,
  settings: SendgridSettings,
  data: MailData,
  signal: AbortSignal | undefined,
): Promise<HttpResponse> {
  let response: HttpResponse | undefined;
  // Created for this call only: a shared one would keep the client, and with it the key, of another connection.
  const service = new MailService();
  // In the place of `@sendgrid/client`, which puts the API key into its timeout errors, follows redirects and reads
  // responses of any size. Headers are ignored: MailService passes the message's headers as if they were the request's.
  service.setClient({
    request: async ({ url, body }) => {
      const json = JSON.stringify(body);
      checkSize(Buffer.byteLength(json), RULES.bytes);
      response = await api.call(settings, { method: 'POST', path: url, body: json, signal });
    },
  });
  try {
    await service.send(data);
    if (response !== undefined) return response;
  } catch (error) {
    if (error instanceof AdapterError) throw error;
  }
  throw new AdapterError({
    stage: 'message',
    code: 'invalid_request',
    fault: 'sender',
    retryable: false,
    hint: 'SendGrid’s library rejected the message. Check that all of its members have the right type.',
  });
}

/** Converts the message into the form of `@sendgrid/mail`. */
export function mailData(given: EmailMessage, now: number = Date.now()): MailData {
  return { ...contentData(wireMessage(given), now), ...personalization(given) };
}

/** What a message shares with others of its content. */
function contentData(message: EmailMessage, now: number): MailData {
  const { replyTo = [], attachments = [], tags = [], sendAt } = message;
  return omitEmpty({
    from: mailbox(message.from),
    replyToList: replyTo.map(mailbox),
    content: content(message),
    attachments: attachments.map(attachment),
    categories: [...new Set(tags)],
    // A time in the past means immediately, which needs no schedule.
    sendAt: sendAt === undefined || sendAt.getTime() <= now ? undefined : Math.floor(sendAt.getTime() / 1000),
  });
}

/** What a message has of its own. */
function personalization(given: EmailMessage): MailData {
  const { to, cc = [], bcc = [], subject, headers = {}, metadata = {} } = wireMessage(given);
  return omitEmpty({
    to: to.map(recipient),
    cc: cc.map(recipient),
    bcc: bcc.map(recipient),
    subject,
    headers,
    customArgs: metadata,
  });
}

// The characters that, according to SendGrid's support, need quotes in a name, besides quotes and backslashes.
// https://github.com/sendgrid/sendgrid-ruby/issues/394
const NEEDS_QUOTES = /[(),:;<>@[\]"\\]/;

/**
 * SendGrid writes a recipient's name into a header without quoting it: from `Lovelace, Ada` it parses a recipient
 * `Lovelace` and drops the mail. It quotes names of senders and reply addresses itself, so quotes would be visible
 * there.
 * https://github.com/sendgrid/sendgrid-python/issues/291
 */
function recipient({ email, name = '' }: Mailbox): object {
  const quoted = NEEDS_QUOTES.test(name) ? `"${name.replace(/["\\]/g, String.raw`\$&`)}"` : name;
  return mailbox({ email, name: quoted });
}

function mailbox({ email, name = '' }: Mailbox): object {
  return omitEmpty({ email, name });
}

/** The vendor rejects HTML that precedes the text. */
function content({ text = '', html = '' }: EmailMessage): readonly object[] {
  return [
    { type: 'text/plain', value: text },
    { type: 'text/html', value: html },
  ].filter(({ value }) => value !== '');
}

function attachment(file: Attachment): object {
  const { filename, contentType, contentId } = file;
  return {
    filename,
    content: base64Of(file),
    // The vendor rejects a type with a semicolon, and therefore with parameters.
    // https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
    type: parseMediaType(contentType)?.essence ?? contentType,
    disposition: contentId === undefined ? 'attachment' : 'inline',
    // Not `contentId`, as in the library's types: it does not convert the names of attachments' members.
    ...(contentId === undefined ? {} : { content_id: contentId }),
  };
}
