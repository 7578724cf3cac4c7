import type { Attachment, EmailMessage, Mailbox } from '@score-crm/adapter-kit';
import type { AddressData, AttachmentData, MailData } from './mail-service.ts';

/** The message in the terms of `@sendgrid/mail`. */
export function mailData(message: EmailMessage, now: number = Date.now()): MailData {
  const { cc = [], bcc = [], replyTo = [], headers = {}, attachments = [], tags = [], metadata = {}, sendAt } = message;
  return {
    from: mailbox(message.from),
    to: message.to.map(mailbox),
    ...(cc.length === 0 ? {} : { cc: cc.map(mailbox) }),
    ...(bcc.length === 0 ? {} : { bcc: bcc.map(mailbox) }),
    ...(replyTo.length === 0 ? {} : { replyToList: replyTo.map(mailbox) }),
    subject: message.subject,
    content: content(message),
    ...(Object.keys(headers).length === 0 ? {} : { headers: { ...headers } }),
    ...(attachments.length === 0 ? {} : { attachments: attachments.map(attachment) }),
    ...(tags.length === 0 ? {} : { categories: [...new Set(tags)] }),
    ...(Object.keys(metadata).length === 0 ? {} : { customArgs: { ...metadata } }),
    // A time that has passed means at once, which needs no schedule.
    ...(sendAt === undefined || sendAt.getTime() <= now ? {} : { sendAt: Math.floor(sendAt.getTime() / 1000) }),
  };
}

function mailbox({ email, name }: Mailbox): AddressData {
  return name === undefined || name === '' ? { email } : { email, name };
}

/** The vendor refuses HTML that comes before the text. */
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
    type: contentType,
    disposition: contentId === undefined ? 'attachment' : 'inline',
    ...(contentId === undefined ? {} : { content_id: contentId }),
  };
}
