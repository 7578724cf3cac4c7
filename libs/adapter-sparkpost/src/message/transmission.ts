import { type Attachment, type EmailMessage, type Mailbox, omitUndefined, wireMessage } from '@score-crm/adapter-kit';
import { REPLY_TO_SEPARATOR } from '../assumptions.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';
import { BRACES_DATA, literalBraces } from './braces.ts';
import { mailboxTexts } from './mailbox-text.ts';
import type { AddressJson, FileJson, HeaderJson, RecipientJson, TransmissionJson } from './transmission-json.ts';

/** Converts the message into the vendor's form. Open and click tracking are left to the settings of the account. */
export function transmission(
  given: EmailMessage,
  { transactional }: SparkpostSettings,
  now: number = Date.now(),
): TransmissionJson {
  const message = wireMessage(given);
  const { text = '', html = '', metadata = {}, sendAt } = message;
  // A time in the past means immediately, which needs no schedule.
  const startTime = sendAt === undefined || sendAt.getTime() <= now ? undefined : isoTime(sendAt);
  const header = headerJson(message);
  return {
    options: {
      // Text that looks like the vendor's template language is the sender's own.
      perform_substitutions: false,
      ...(transactional ? { transactional } : {}),
      ...omitUndefined('start_time', startTime),
    },
    ...(Object.keys(metadata).length === 0 ? {} : { metadata: { ...metadata } }),
    ...(JSON.stringify(header).includes('{{') ? { substitution_data: BRACES_DATA } : {}),
    recipients: recipients(message),
    content: {
      ...header,
      ...(text === '' ? {} : { text }),
      ...(html === '' ? {} : { html }),
      ...files(message),
    },
  };
}

function headerJson({ from, replyTo = [], cc = [], subject, headers = {} }: EmailMessage): HeaderJson {
  const copies = cc.length === 0 ? {} : { CC: mailboxTexts(cc) };
  const all = Object.entries({ ...headers, ...copies }).map(([name, value]) => [name, literalBraces(value)] as const);
  const { email, name = '' } = from;
  return {
    from: address({ email, name: literalBraces(name) }),
    ...(replyTo.length === 0 ? {} : { reply_to: literalBraces(mailboxTexts(replyTo, REPLY_TO_SEPARATOR)) }),
    subject: literalBraces(subject),
    ...(all.length === 0 ? {} : { headers: Object.fromEntries(all) }),
  };
}

/**
 * Each recipient gets a separate message. `header_to` and the header CC make all of them show the same To and Cc.
 * https://support.sparkpost.com/docs/faq/cc-bcc-with-rest-api
 */
function recipients({ to, cc = [], bcc = [], tags = [] }: EmailMessage): RecipientJson[] {
  const header_to = mailboxTexts(to);
  const tagged = tags.length === 0 ? {} : { tags: [...new Set(tags)] };
  return [...to, ...cc, ...bcc].map(({ email }) => ({
    // Not `name`: whether the vendor quotes names is undocumented, and an unquoted one could show another address.
    address: email === header_to ? { email } : { email, header_to },
    ...tagged,
  }));
}

function address({ email, name = '' }: Mailbox): AddressJson {
  return name === '' ? { email } : { email, name };
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
