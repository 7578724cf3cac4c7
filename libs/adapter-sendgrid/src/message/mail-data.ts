import { type Attachment, type EmailMessage, type Mailbox, parseMediaType, wireMessage } from '@score-crm/adapter-kit';
import type { AddressData, AttachmentData, MailData } from './mail-service.ts';

// The characters that, according to SendGrid's support, need quotes in a name, besides quotes and backslashes.
// https://github.com/sendgrid/sendgrid-ruby/issues/394
const NEEDS_QUOTES = /[(),:;<>@[\]"\\]/;

/** Converts the message into the form of `@sendgrid/mail`. */
export function mailData(given: EmailMessage, now: number = Date.now()): MailData {
  const message = wireMessage(given);
  const { cc = [], bcc = [], replyTo = [], headers = {}, attachments = [], tags = [], metadata = {}, sendAt } = message;
  return {
    from: mailbox(message.from),
    to: message.to.map(recipient),
    ...(cc.length === 0 ? {} : { cc: cc.map(recipient) }),
    ...(bcc.length === 0 ? {} : { bcc: bcc.map(recipient) }),
    ...(replyTo.length === 0 ? {} : { replyToList: replyTo.map(mailbox) }),
    subject: message.subject,
    content: content(message),
    ...(Object.keys(headers).length === 0 ? {} : { headers: { ...headers } }),
    ...(attachments.length === 0 ? {} : { attachments: attachments.map(attachment) }),
    ...(tags.length === 0 ? {} : { categories: [...new Set(tags)] }),
    ...(Object.keys(metadata).length === 0 ? {} : { customArgs: { ...metadata } }),
    // A time in the past means immediately, which needs no schedule.
    ...(sendAt === undefined || sendAt.getTime() <= now ? {} : { sendAt: Math.floor(sendAt.getTime() / 1000) }),
  };
}

/**
 * SendGrid writes a recipient's name into a header without quoting it: from `Lovelace, Ada` it parses a recipient
 * `Lovelace` and drops the mail. It quotes names of senders and reply addresses itself, so quotes would be visible
 * there.
 * https://github.com/sendgrid/sendgrid-python/issues/291
 */
function recipient({ email, name = '' }: Mailbox): AddressData {
  const quoted = NEEDS_QUOTES.test(name) ? `"${name.replace(/["\\]/g, String.raw`\$&`)}"` : name;
  return mailbox({ email, name: quoted });
}

function mailbox({ email, name }: Mailbox): AddressData {
  return name === undefined || name === '' ? { email } : { email, name };
}

/** The vendor rejects HTML that precedes the text. */
function content({ text = '', html = '' }: EmailMessage): MailData['content'] {
  return [
    { type: 'text/plain', value: text },
    { type: 'text/html', value: html },
  ].filter(({ value }) => value !== '');
}

function attachment({ filename, content, contentType, contentId }: Attachment): AttachmentData {
  return {
    filename,
    content: Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64'),
    // The vendor rejects a type with a semicolon, and therefore with parameters.
    // https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
    type: parseMediaType(contentType)?.essence ?? contentType,
    disposition: contentId === undefined ? 'attachment' : 'inline',
    ...(contentId === undefined ? {} : { content_id: contentId }),
  };
}
