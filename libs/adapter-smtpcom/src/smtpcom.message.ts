import {
  type Attachment,
  base64Of,
  type CallOptions,
  type EmailMessage,
  type Mailbox,
  type MessageRules,
  mimeSize,
  omitEmpty,
  recipientsOf,
  type SendResult,
  textOf,
  untrackedId,
  wireMessage,
} from '@score-crm/adapter-kit';
import { ATTACHMENT_LINE, METADATA_LINE, PATHS } from './assumptions.ts';
import type { SmtpcomApi } from './smtpcom.api.ts';
import type { SmtpcomSettings } from './smtpcom.settings.ts';
import { isReservedField } from './smtpcom.webhooks.ts';

/** https://github.com/smtpcom/smtpcom-go, `api/openapi.yaml`, POST /v4/messages */
export const RULES: MessageRules<SmtpcomSettings> = {
  vendor: 'SMTP.com',
  recipients: 1_000,
  // Of the MIME message that SMTP.com creates, with all parts in base64. Its “10Mb” is read as the smaller value.
  bytes: 10_000_000,
  size: (message) => mimeSize(message, 'base64'),
  subjectCharacters: 998,
  replyTo: 1,
  // Events contain the metadata next to their own fields, on one level: one of the same name would hide the other.
  metadata: { isReserved: isReservedField, bytes: METADATA_LINE, size: (metadata) => uniqueArgs(metadata).length },
  mediaTypes: {
    refused: /^message\/rfc822\b/i,
    hint: 'SMTP.com does not accept messages as attachments. Send the file with another type.',
  },
};

/**
 * `POST /v4/messages`. SMTP.com accepts or rejects a message as a whole; callbacks report later failures.
 */
export async function sendMessage(
  api: SmtpcomApi,
  settings: SmtpcomSettings,
  message: EmailMessage,
  { signal }: CallOptions,
): Promise<SendResult> {
  const body = messageJson(wireMessage(message), settings.channel);
  const data = await api.data(settings, { method: 'POST', path: PATHS.messages, body, signal });
  // The id is in a separate field, as documented, or in a sentence, as in production.
  const id = textOf(data, 'msg_id') ?? /msg_id:\s*([\w.-]*\w)/i.exec(textOf(data, 'message') ?? '')?.[1];
  return { messageId: id ?? untrackedId(), accepted: recipientsOf(message), rejected: [] };
}

function messageJson(message: EmailMessage, channel: string): object {
  const { from, to, cc = [], bcc = [], replyTo: [replyTo] = [], subject, text = '', html = '' } = message;
  const { headers, metadata = {}, attachments = [] } = message;
  const args = Object.keys(metadata).length === 0 ? {} : { 'X-SMTPAPI': uniqueArgs(metadata) };
  // Exactly these two types become a multipart/alternative. The content is not encoded: SMTP.com does that.
  const parts = [
    { type: 'text/plain', charset: 'UTF-8', content: text },
    { type: 'text/html', charset: 'UTF-8', content: html },
  ];
  return omitEmpty({
    channel,
    recipients: omitEmpty({ to: to.map(address), cc: cc.map(address), bcc: bcc.map(address) }),
    originator: omitEmpty({ from: address(from), reply_to: replyTo === undefined ? undefined : address(replyTo) }),
    custom_headers: { ...headers, ...args },
    subject,
    body: omitEmpty({
      parts: parts.filter(({ content }) => content !== ''),
      attachments: attachments.map(attachment),
    }),
  });
}

function address({ email, name }: Mailbox): object {
  return omitEmpty({ name, address: email });
}

/**
 * Metadata in the form of the header `X-SMTPAPI`: SMTP.com returns them with each event. In ASCII, so that the header
 * needs no encoding, and with spaces, at which it may be folded.
 * https://kb.smtp.com/article/2331-integration-and-callbacks-guide
 */
function uniqueArgs(metadata: Readonly<Record<string, string>>): string {
  return JSON.stringify({ unique_args: metadata }, null, 1)
    .replace(/\n */g, ' ')
    .replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function attachment(file: Attachment): object {
  const { filename, contentType, contentId } = file;
  return {
    type: contentType,
    disposition: contentId === undefined ? 'attachment' : 'inline',
    filename,
    ...(contentId === undefined ? {} : { cid: contentId }),
    encoding: 'base64',
    content: (base64Of(file).match(new RegExp(`.{1,${String(ATTACHMENT_LINE)}}`, 'g')) ?? []).join('\r\n'),
  };
}
