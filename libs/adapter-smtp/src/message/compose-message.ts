import { domainToASCII } from 'node:url';
import type { Attachment, EmailMessage, Mailbox } from '@score-crm/adapter-kit';
import MailComposer, { type MailComposerOptions } from 'nodemailer/lib/mail-composer';
import { checkMessage } from './check-message.ts';

/** A message ready for the wire. */
export interface ComposedMessage {
  /** With angle brackets, as in the message. */
  readonly messageId: string;
  readonly envelope: { readonly from: string; readonly to: string[]; readonly size: number };
  readonly raw: Buffer;
  /** The address as the caller wrote it; on the wire its domain is in lower case and ASCII. */
  asGiven(address: string): string;
}

/** @throws AdapterError `unsupported` or `invalid_request` */
export async function composeMessage(message: EmailMessage): Promise<ComposedMessage> {
  checkMessage(message);
  const recipients = new Map(
    [...message.to, ...(message.cc ?? []), ...(message.bcc ?? [])].map(({ email }) => [onTheWire(email), email]),
  );
  const node = new MailComposer(mailOptions(message, [...recipients.keys()])).compile();
  const messageId = node.messageId();
  const { from, to } = node.getEnvelope();
  const raw = await node.build();
  return {
    messageId,
    // The size lets a server refuse before it is sent megabytes (RFC 1870).
    envelope: { from: from || message.from.email, to, size: raw.length },
    raw,
    asGiven: (address) => recipients.get(address) ?? recipients.get(onTheWire(address)) ?? address,
  };
}

function mailOptions(message: EmailMessage, recipients: readonly string[]): MailComposerOptions {
  return {
    envelope: { from: addressOf(message.from), to: recipients.map((address) => ({ name: '', address })) },
    from: addressOf(message.from),
    to: message.to.map(addressOf),
    ...(message.cc === undefined ? {} : { cc: message.cc.map(addressOf) }),
    ...(message.replyTo === undefined ? {} : { replyTo: message.replyTo.map(addressOf) }),
    subject: message.subject,
    ...(message.text === undefined ? {} : { text: message.text }),
    ...(message.html === undefined ? {} : { html: message.html }),
    headers: Object.entries(message.headers ?? {}).map(([key, value]) => ({ key, value })),
    attachments: (message.attachments ?? []).map(attachmentOf),
    // Otherwise an attachment could be read from this machine's files or from its network.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
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
  };
}

// As nodemailer writes it in the envelope.
function onTheWire(email: string): string {
  const at = email.lastIndexOf('@');
  const domain = email.slice(at + 1);
  return `${email.slice(0, at)}@${domainToASCII(domain) || domain.toLowerCase()}`;
}
