import {
  AdapterError,
  checkAttachments,
  checkHeaders,
  checkMailboxes,
  checkMetadata,
  checkRecipients,
  checkText,
  type EmailMessage,
  refuseMember,
} from '@score-crm/adapter-kit';
import { checkOptions } from './check-options.ts';
import { LIMITS } from './limits.ts';
import { mimeSize } from './mime-size.ts';

/** Those that are made from other members, or by the vendor alone. Its own are options in disguise. */
const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  'from',
  'to',
  'cc',
  'bcc',
  'reply-to',
  'subject',
  'date',
  // The events would carry another id than the answer.
  'message-id',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'dkim-signature',
  'received',
  'return-path',
]);

// eslint-disable-next-line no-control-regex -- the end of ASCII is meant
const ASCII = /^[\0-\x7f]*$/;

/**
 * Refuses what the vendor would refuse, or lose without a word, before anything is sent.
 * @throws AdapterError `unsupported`, `invalid_request` or `message_too_large`, with the pointer of the member
 */
export function checkMessage(message: EmailMessage, now: number = Date.now()): void {
  checkMailboxes(message);
  checkFrom(message);
  checkRecipients(message, 'Mailgun', LIMITS.recipients);
  checkText(message, 'Mailgun');
  checkHeaders(message, (name) => RESERVED_HEADERS.has(name) || name.startsWith('x-mailgun-'));
  checkAttachments(message);
  checkFileNames(message);
  checkMetadata(message);
  checkOptions(message, now);
  if (mimeSize(message) > LIMITS.bytes) throw tooLarge();
}

/** Of such a sender Mailgun makes a header that is no header: https://github.com/anymail/django-anymail, `docs/esps/mailgun.rst` */
function checkFrom({ from }: EmailMessage): void {
  if (ASCII.test(from.email.split('@')[0] ?? '')) return;
  const hint = 'Mailgun sends for no address with such letters before the @. Use another sender.';
  refuseMember('unsupported', ['from', 'email'], hint);
}

/** A form has no way to write it that all servers read. */
function checkFileNames({ attachments = [] }: EmailMessage): void {
  for (const [index, { filename, contentId = '' }] of attachments.entries()) {
    const hint = 'Mailgun’s forms carry no quotation mark in the name of a file. Use another name.';
    if (filename.includes('"')) refuseMember('unsupported', ['attachments', index, 'filename'], hint);
    if (contentId.includes('"')) refuseMember('unsupported', ['attachments', index, 'contentId'], hint);
  }
}

function tooLarge(): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'message_too_large',
    fault: 'configuration',
    retryable: false,
    hint: `With its attachments the message is larger than ${String(LIMITS.bytes)} bytes. Send smaller attachments.`,
  });
}
