import {
  type Attachment,
  base64Of,
  type BatchParts,
  type BatchResult,
  type CallOptions,
  type EmailMessage,
  HttpResponse,
  isJsonObject,
  type JsonItem,
  jsonSize,
  mailboxText,
  type MessageRules,
  omitEmpty,
  recipientsOf,
  refuseMember,
  type SendResult,
  textOf,
  wireMessage,
} from '@score-crm/adapter-kit';
import { INACTIVE_ADDRESSES } from './assumptions.ts';
import { INACTIVE, type PostmarkApi } from './postmark.api.ts';
import type { PostmarkSettings } from './postmark.settings.ts';

// https://postmarkapp.com/support/article/1056-what-are-the-attachment-and-email-size-limits
const BODY_BYTES = 5_000_000;

/** https://postmarkapp.com/developer/api/email-api */
export const RULES: MessageRules<PostmarkSettings> = {
  vendor: 'Postmark',
  recipients: 50,
  // With attachments as base64. “10 MB” is read as the smaller value.
  bytes: 10_000_000,
  subjectCharacters: 2_000,
  tags: { max: 1, characters: 1_000 },
  // https://postmarkapp.com/support/article/1125-custom-metadata-faq
  metadata: { entries: 10, keyCharacters: 20, valueCharacters: 80 },
  // They control Postmark: X-PM-Bounce-Type makes a bounce, for example.
  reservedHeaders: /^x-pm-/,
  fileNames: {
    refused:
      /\.(?:vbs|exe|bin|bat|chm|com|cpl|crt|hlp|hta|inf|ins|isp|jse|lnk|mdb|pcd|pif|reg|scr|sct|shs|vbe|vba|wsf|wsh|wsl|msc|msi|msp|mst)$/i,
    hint: 'Postmark does not accept files with this extension. Send the file in another form.',
  },
  more: checkParts,
};

function checkParts({ text = '', html = '', metadata = {} }: EmailMessage): void {
  for (const [member, body] of Object.entries({ text, html })) {
    const hint = `Postmark accepts at most ${String(BODY_BYTES)} bytes of text, and as many of HTML. Shorten it.`;
    if (Buffer.byteLength(body) > BODY_BYTES) refuseMember('unsupported', [member], hint);
  }
  const names = new Set<string>();
  for (const name of Object.keys(metadata)) {
    const hint = 'Postmark does not distinguish upper and lower case in names of metadata. Use another name.';
    if (names.has(name.toLowerCase())) refuseMember('unsupported', ['metadata', name], hint);
    names.add(name.toLowerCase());
  }
}

/**
 * `POST /email`. Postmark accepts a message under one id for all recipients, except for those to whom it no longer
 * sends.
 */
export async function sendMessage(
  api: PostmarkApi,
  settings: PostmarkSettings,
  message: EmailMessage,
  { signal }: CallOptions,
): Promise<SendResult> {
  const body = messageJson(wireMessage(message), settings);
  const call = { method: 'POST', path: '/email', body, signal } as const;
  const accepted = await api.read(settings, call, readResult, UNCLEAR);
  return sendResult(api, settings, message, accepted);
}

// Of texts and attachments; headers and metadata of 500 messages are less than the rest of “50 MB”.
// https://postmarkapp.com/developer/api/email-api#send-batch-emails
const BATCH_BYTES = 40_000_000;

/**
 * `POST /email/batch`. Postmark sends each message by itself, and answers 200 even if none is accepted: each one has the
 * response that it would have had alone.
 */
export const BATCH: BatchParts<PostmarkSettings, PostmarkApi> = {
  messages: 500,
  bytes: BATCH_BYTES,
  size: jsonSize,
  send: async (api, settings, messages, { signal }) => {
    const body = messages.map((message) => messageJson(wireMessage(message), settings));
    const response = await api.call(settings, { method: 'POST', path: '/email/batch', body, signal });
    const items = response.jsonOrUndefined();
    if (!Array.isArray(items) || items.length !== messages.length) throw api.notVendor(response, UNCLEAR);
    return messages.map((message, index) => batchResult(api, settings, message, items[index]));
  },
};

function batchResult(api: PostmarkApi, settings: PostmarkSettings, message: EmailMessage, item: unknown): BatchResult {
  const accepted = isJsonObject(item) ? readResult(item) : undefined;
  if (accepted !== undefined) return { result: sendResult(api, settings, message, accepted) };
  // Postmark's own status of nearly all errors.
  const response = new HttpResponse(422, {}, Buffer.from(JSON.stringify(item)));
  return { error: api.responseError(response, settings).details };
}

function sendResult(
  api: PostmarkApi,
  settings: PostmarkSettings,
  message: EmailMessage,
  { messageId, text }: NonNullable<ReturnType<typeof readResult>>,
): SendResult {
  const reply = api.scrubber(settings)(text);
  const inactive = inactiveAddresses(reply);
  const recipients = recipientsOf(message);
  const isInactive = (recipient: string): boolean => inactive.has(recipient.toLowerCase());
  return {
    messageId,
    accepted: recipients.filter((recipient) => !isInactive(recipient)),
    rejected: recipients.filter(isInactive).map((recipient) => ({
      recipient,
      error: {
        stage: 'recipient',
        code: 'recipient_rejected',
        fault: 'recipient',
        retryable: false,
        hint: INACTIVE,
        reply,
      },
    })),
  };
}

const UNCLEAR = 'so the message may not have been sent';

/** The error code may be missing from a success, but not the id. */
function readResult(body: JsonItem) {
  const messageId = textOf(body, 'MessageID');
  return messageId === undefined ? undefined : { messageId, text: textOf(body, 'Message') ?? '' };
}

function inactiveAddresses(reply: string): ReadonlySet<string> {
  const list = INACTIVE_ADDRESSES.exec(reply)?.[1] ?? '';
  return new Set(list.split(/[\s,]+/).map((address) => address.toLowerCase()));
}

function messageJson(message: EmailMessage, settings: PostmarkSettings): object {
  const { from, to, cc = [], bcc = [], replyTo = [], subject, text, html } = message;
  const { headers = {}, tags: [tag] = [], metadata = {}, attachments = [] } = message;
  const { messageStream, trackOpens, trackLinks } = settings;
  return omitEmpty({
    From: mailboxText(from),
    To: to.map(mailboxText).join(', '),
    Cc: cc.map(mailboxText).join(', '),
    Bcc: bcc.map(mailboxText).join(', '),
    ReplyTo: replyTo.map(mailboxText).join(', '),
    Subject: subject,
    TextBody: text,
    HtmlBody: html,
    Tag: tag,
    Metadata: metadata,
    Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
    Attachments: attachments.map(attachment),
    TrackOpens: trackOpens === 'on' ? true : undefined,
    TrackLinks: trackLinks === 'server' ? undefined : trackLinks,
    MessageStream: messageStream,
  });
}

function attachment(file: Attachment): object {
  const { filename, contentType, contentId } = file;
  return {
    Name: filename,
    Content: base64Of(file),
    ContentType: contentType,
    ...(contentId === undefined ? {} : { ContentID: `cid:${contentId}` }),
  };
}
