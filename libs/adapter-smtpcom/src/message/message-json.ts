import { type Attachment, type EmailMessage, type Mailbox, wireMessage } from '@score-crm/adapter-kit';
import { ATTACHMENT_LINE } from '../assumptions.ts';
import { uniqueArgs } from './unique-args.ts';

interface AddressJson {
  readonly name?: string;
  readonly address: string;
}

interface PartJson {
  readonly type: string;
  readonly charset: string;
  /** Unencoded: SMTP.com encodes it. */
  readonly content: string;
}

interface AttachmentJson {
  readonly type: string;
  readonly disposition: 'attachment' | 'inline';
  readonly filename: string;
  readonly cid?: string;
  readonly encoding: 'base64';
  readonly content: string;
}

/** The body of `POST /v4/messages`. https://github.com/smtpcom/smtpcom-go, `api/openapi.yaml` */
export interface MessageJson {
  readonly channel: string;
  readonly recipients: {
    readonly to: readonly AddressJson[];
    readonly cc?: readonly AddressJson[];
    readonly bcc?: readonly AddressJson[];
  };
  readonly originator: { readonly from: AddressJson; readonly reply_to?: AddressJson };
  readonly custom_headers?: Readonly<Record<string, string>>;
  readonly subject: string;
  readonly body: { readonly parts: readonly PartJson[]; readonly attachments?: readonly AttachmentJson[] };
}

/** Converts the message into the vendor's form. */
export function messageJson(given: EmailMessage, channel: string): MessageJson {
  const message = wireMessage(given);
  const { from, to, cc = [], bcc = [], replyTo: [replyTo] = [], subject, attachments = [] } = message;
  const headers = customHeaders(message);
  return {
    channel,
    recipients: {
      to: to.map(address),
      ...(cc.length === 0 ? {} : { cc: cc.map(address) }),
      ...(bcc.length === 0 ? {} : { bcc: bcc.map(address) }),
    },
    originator: { from: address(from), ...(replyTo === undefined ? {} : { reply_to: address(replyTo) }) },
    ...(Object.keys(headers).length === 0 ? {} : { custom_headers: headers }),
    subject,
    body: {
      parts: parts(message),
      ...(attachments.length === 0 ? {} : { attachments: attachments.map(attachment) }),
    },
  };
}

function address({ email, name = '' }: Mailbox): AddressJson {
  return name === '' ? { address: email } : { name, address: email };
}

function customHeaders({ headers = {}, metadata = {} }: EmailMessage): Readonly<Record<string, string>> {
  return Object.keys(metadata).length === 0 ? headers : { ...headers, 'X-SMTPAPI': uniqueArgs(metadata) };
}

/** Exactly these two types become a multipart/alternative. */
function parts({ text = '', html = '' }: EmailMessage): readonly PartJson[] {
  return [
    { type: 'text/plain', charset: 'UTF-8', content: text },
    { type: 'text/html', charset: 'UTF-8', content: html },
  ].filter(({ content }) => content !== '');
}

function attachment({ filename, content, contentType, contentId }: Attachment): AttachmentJson {
  const base64 = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
  return {
    type: contentType,
    disposition: contentId === undefined ? 'attachment' : 'inline',
    filename,
    ...(contentId === undefined ? {} : { cid: contentId }),
    encoding: 'base64',
    content: lines(base64).join('\r\n'),
  };
}

function lines(base64: string): readonly string[] {
  const count = Math.ceil(base64.length / ATTACHMENT_LINE);
  return Array.from({ length: count }, (_, index) =>
    base64.slice(index * ATTACHMENT_LINE, (index + 1) * ATTACHMENT_LINE),
  );
}
