import { type Attachment, type EmailMessage, type Mailbox, optional } from '@score-crm/adapter-kit';
import { REPLY_TO_SEPARATOR } from '../assumptions.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';
import { mailboxTexts } from './mailbox-text.ts';

/**
 * The body of `POST /transmissions`, as far as it is used here.
 * https://developers.sparkpost.com/api/transmissions/#header-request-body
 */
export interface Transmission {
  readonly options: {
    readonly perform_substitutions: false;
    readonly transactional?: true;
    readonly start_time?: string;
  };
  readonly metadata?: Readonly<Record<string, string>>;
  readonly recipients: readonly RecipientJson[];
  readonly content: {
    readonly from: AddressJson;
    readonly reply_to?: string;
    readonly subject: string;
    readonly text?: string;
    readonly html?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly attachments?: readonly FileJson[];
    readonly inline_images?: readonly FileJson[];
  };
}

interface AddressJson {
  readonly email: string;
  readonly name?: string;
}

interface RecipientJson {
  readonly address: AddressJson & { readonly header_to?: string };
  readonly tags?: readonly string[];
}

interface FileJson {
  readonly name: string;
  readonly type: string;
  /** Base64 without line breaks. */
  readonly data: string;
}

/** The message in the vendor's terms. Open and click tracking are left to the settings of the account. */
export function transmission(
  message: EmailMessage,
  { transactional }: SparkpostSettings,
  now: number = Date.now(),
): Transmission {
  const { subject, text = '', html = '', replyTo = [], metadata = {}, sendAt } = message;
  // A time that has passed means at once, which needs no schedule.
  const startTime = sendAt === undefined || sendAt.getTime() <= now ? undefined : isoTime(sendAt);
  return {
    options: {
      // What looks like the vendor's template language is the sender's own text.
      perform_substitutions: false,
      ...(transactional ? { transactional } : {}),
      ...optional('start_time', startTime),
    },
    ...(Object.keys(metadata).length === 0 ? {} : { metadata: { ...metadata } }),
    recipients: recipients(message),
    content: {
      from: address(message.from),
      ...(replyTo.length === 0 ? {} : { reply_to: mailboxTexts(replyTo, REPLY_TO_SEPARATOR) }),
      subject,
      ...(text === '' ? {} : { text }),
      ...(html === '' ? {} : { html }),
      ...headers(message),
      ...files(message),
    },
  };
}

/**
 * Everybody gets a message of his own. That all show the same To and Cc is up to `header_to` and the header CC.
 * https://support.sparkpost.com/docs/faq/cc-bcc-with-rest-api
 */
function recipients({ to, cc = [], bcc = [], tags = [] }: EmailMessage): RecipientJson[] {
  const header_to = mailboxTexts(to);
  const tagged = tags.length === 0 ? {} : { tags: [...new Set(tags)] };
  const visible = to.map((mailbox) => (to.length === 1 ? address(mailbox) : { email: mailbox.email, header_to }));
  const copies = [...cc, ...bcc].map(({ email }) => ({ email, header_to }));
  return [...visible, ...copies].map((one) => ({ address: one, ...tagged }));
}

function address({ email, name = '' }: Mailbox): AddressJson {
  return name === '' ? { email } : { email, name };
}

function headers({ cc = [], headers = {} }: EmailMessage): { headers?: Record<string, string> } {
  const all = { ...headers, ...(cc.length === 0 ? {} : { CC: mailboxTexts(cc) }) };
  return Object.keys(all).length === 0 ? {} : { headers: all };
}

function files({ attachments = [] }: EmailMessage): { attachments?: FileJson[]; inline_images?: FileJson[] } {
  const attached = attachments.filter(({ contentId }) => contentId === undefined);
  const inline = attachments.filter(({ contentId }) => contentId !== undefined);
  return {
    ...(attached.length === 0 ? {} : { attachments: attached.map((one) => file(one, one.filename)) }),
    ...(inline.length === 0 ? {} : { inline_images: inline.map((one) => file(one, one.contentId ?? '')) }),
  };
}

function file({ content, contentType }: Attachment, name: string): FileJson {
  const data = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
  return { name, type: contentType, data };
}

/** `YYYY-MM-DDTHH:MM:SS+00:00` */
function isoTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, '+00:00');
}
