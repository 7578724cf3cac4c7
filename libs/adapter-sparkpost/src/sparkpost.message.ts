import {
  AdapterError,
  type AdapterErrorDetails,
  type Attachment,
  base64Of,
  type BatchParts,
  type BatchResult,
  type CallOptions,
  checkSize,
  contentKey,
  type EmailMessage,
  type JsonItem,
  type Mailbox,
  mailboxesOf,
  mailboxText,
  type MemberPath,
  mentionsAddress,
  type MessageRules,
  objectIn,
  omitEmpty,
  recipientsOf,
  refuseMember,
  type RejectedRecipient,
  sentResults,
  textOf,
  untrackedId,
  wireMessage,
} from '@score-crm/adapter-kit';
import {
  MAX_CONTENT_BYTES,
  MAX_METADATA_BYTES,
  MAX_RECIPIENTS,
  MAX_REQUEST_BYTES,
  REPLY_TO_SEPARATOR,
} from './assumptions.ts';
import { ALL_REJECTED, faultsOf, type SparkpostApi } from './sparkpost.api.ts';
import type { SparkpostSettings } from './sparkpost.settings.ts';

/** https://developers.sparkpost.com/api/transmissions/#header-request-body */
export const RULES: MessageRules<SparkpostSettings> = {
  vendor: 'SparkPost',
  recipients: MAX_RECIPIENTS,
  bytes: MAX_CONTENT_BYTES,
  emptyAttachments: false,
  // The vendor silently ignores more than this. It also keeps at most 100 different ones at a time.
  tags: { max: 10 },
  metadata: { bytes: MAX_METADATA_BYTES },
  schedule: { maxMs: 3 * 24 * 60 * 60 * 1000, limit: '3 days ahead' },
  more: checkMore,
};

const MAX_NAME_BYTES = 255;
/** https://support.sparkpost.com/docs/user-guide/remove-list-unsubscribe-header */
const UNSUBSCRIBE_HEADER = /^list-unsubscribe(?:-post)?$/i;
// The vendor needs time for many recipients, and a client that gives up too early sends twice.
const TIMEOUT_MS = 120_000;

// Far below the limit of a request, which is divided if it is larger anyway.
const BATCH_BYTES = 10_000_000;

/**
 * Messages with the same content share a transmission, with recipients and metadata of their own. They share its id as well.
 * Substitutions are not used: personalized contents differ, and take a transmission each.
 * https://developers.sparkpost.com/api/transmissions/#header-recipient-attributes
 */
export const BATCH: BatchParts<SparkpostSettings, SparkpostApi> = {
  messages: 1_000,
  recipients: MAX_RECIPIENTS,
  isAtomic: true,
  bytes: BATCH_BYTES,
  size: (message) => JSON.stringify(recipients(wireMessage(message))).length,
  // With the copies: a header of the content names them.
  key: (message) => contentKey(message, ['to', 'bcc', 'metadata']),
  send: transmit,
};

/**
 * `POST /transmissions`. Even a success may have rejected recipients.
 * @param messages with the same content
 * @throws AdapterError also if no recipient was accepted
 */
async function transmit(
  api: SparkpostApi,
  settings: SparkpostSettings,
  messages: readonly EmailMessage[],
  { signal }: CallOptions,
): Promise<readonly BatchResult[]> {
  const body = JSON.stringify(transmission(messages, settings));
  const bytes = Buffer.byteLength(body);
  checkSize(bytes, MAX_REQUEST_BYTES, 'With all recipients, the message is', 'Remove some recipients.');
  const call = { method: 'POST', path: '/transmissions', body, timeoutMs: TIMEOUT_MS, signal } as const;
  const doubt = 'so the message may not have been sent';
  const { id, accepted, rejected, words } = await api.read(settings, call, readOutcome, doubt);
  const reply = api.scrubber(settings)(words);
  if (accepted === 0) throw new AdapterError({ ...recipientError(ALL_REJECTED, reply.join(' ')), pointer: '/to' });
  const all = messages.flatMap(recipientsOf);
  const refused = rejected === 0 ? [] : refusedRecipients(all, rejected, reply);
  return sentResults(messages, id ?? untrackedId(), refused);
}

/**
 * Rejects double braces where it is undocumented whether they are executed: in the To line and in addresses, which are
 * not part of the content, and in names of headers.
 */
function checkBraces(message: EmailMessage): void {
  const check = (text: string, ...path: MemberPath): void => {
    if (!text.includes('{{')) return;
    refuseMember('unsupported', path, 'SparkPost may execute double braces as its template language. Remove them.');
  };
  for (const [path, { email, name = '' }] of mailboxesOf(message)) {
    check(email, ...path, 'email');
    if (path[0] === 'to') check(name, ...path, 'name');
  }
  for (const name of Object.keys(message.headers ?? {})) check(name, 'headers', name);
}

function checkMore(message: EmailMessage, { transactional }: SparkpostSettings): void {
  checkBraces(message);
  const { headers = {}, attachments = [] } = message;
  const unsubscribe = Object.keys(headers).find((name) => UNSUBSCRIBE_HEADER.test(name));
  if (!transactional && unsubscribe !== undefined) {
    const hint =
      'SparkPost sets this header itself and reports its use as an event. Remove it, or turn on “Transactional mail” for the connection.';
    refuseMember('unsupported', ['headers', unsubscribe], hint);
  }
  for (const [index, { filename, contentId }] of attachments.entries()) {
    if (Buffer.byteLength(contentId ?? filename) <= MAX_NAME_BYTES) continue;
    const hint = `SparkPost accepts at most ${String(MAX_NAME_BYTES)} bytes per name. Shorten it.`;
    refuseMember('unsupported', ['attachments', index, contentId === undefined ? 'filename' : 'contentId'], hint);
  }
}

/**
 * The body of the request. Open and click tracking are left to the settings of the account.
 * https://developers.sparkpost.com/api/transmissions/#header-request-body
 */
function transmission(given: readonly EmailMessage[], { transactional }: SparkpostSettings): object {
  const messages = given.map(wireMessage);
  const [message] = messages as [EmailMessage];
  const { text, html, sendAt, attachments = [] } = message;
  const header = headerJson(message);
  // A time in the past means immediately, which needs no schedule.
  const isScheduled = sendAt !== undefined && sendAt.getTime() > Date.now();
  return omitEmpty({
    options: omitEmpty({
      // Text that looks like the vendor's template language is the sender's own.
      perform_substitutions: false,
      transactional: transactional ? true : undefined,
      // `YYYY-MM-DDTHH:MM:SS+00:00`
      start_time: isScheduled ? sendAt.toISOString().replace(/\.\d+Z$/, '+00:00') : undefined,
    }),
    // Of a single message, so that it is not repeated for each recipient.
    metadata: messages.length === 1 ? message.metadata : undefined,
    substitution_data: JSON.stringify(header).includes('{{') ? { [BRACES]: '{{' } : undefined,
    recipients: messages.flatMap((one) => recipients(one, messages.length === 1 ? undefined : one.metadata)),
    content: omitEmpty({
      ...header,
      text,
      html,
      attachments: attachments.filter(({ contentId }) => contentId === undefined).map(file),
      inline_images: attachments.filter(({ contentId }) => contentId !== undefined).map(file),
    }),
  });
}

function headerJson({ from, replyTo = [], cc = [], subject, headers }: EmailMessage): object {
  const all = Object.entries({ ...headers, ...omitEmpty({ CC: mailboxTexts(cc) }) });
  return omitEmpty({
    from: omitEmpty({ email: from.email, name: literalBraces(from.name ?? '') }),
    reply_to: literalBraces(mailboxTexts(replyTo, REPLY_TO_SEPARATOR)),
    subject: literalBraces(subject),
    headers: Object.fromEntries(all.map(([name, value]) => [name, literalBraces(value)])),
  });
}

function file({ filename, contentType, contentId, ...content }: Attachment): object {
  return { name: contentId ?? filename, type: contentType, data: base64Of(content) };
}

const BRACES = 'opening_braces';

/**
 * Returns a text for a header in which double braces stay literal. The vendor executes its template language in headers
 * even with `perform_substitutions: false`, which also disables its macros for literal braces. Values of variables are
 * not executed again. https://developers.sparkpost.com/api/template-language/
 */
function literalBraces(text: string): string {
  return text.replaceAll('{{', `{{${BRACES}}}`);
}

/**
 * Each recipient gets a separate message. `header_to` and the header CC make all of them show the same To and Cc.
 * https://support.sparkpost.com/docs/faq/cc-bcc-with-rest-api
 */
function recipients({ to, cc = [], bcc = [], tags = [] }: EmailMessage, metadata?: EmailMessage['metadata']): object[] {
  const header_to = mailboxTexts(to);
  return [...to, ...cc, ...bcc].map(({ email }) =>
    omitEmpty({
      // Not `name`: whether the vendor quotes names is undocumented, and an unquoted one could show another address.
      address: email === header_to ? { email } : { email, header_to },
      tags: [...new Set(tags)],
      metadata,
    }),
  );
}

function mailboxTexts(mailboxes: readonly Mailbox[], separator = ', '): string {
  return mailboxes.map(mailboxText).join(separator);
}

/** Returns the id, the counts and the texts about the rejected recipients, or undefined if it is not from SparkPost. */
function readOutcome(body: JsonItem) {
  const results = objectIn(body, 'results');
  const { total_accepted_recipients: accepted, total_rejected_recipients: rejected, rcpt_to_errors: errors } = results;
  // Never as a number: the ids are larger than a double can hold exactly.
  const id = textOf(results, 'id');
  if (!isCount(accepted) && id === undefined) return undefined;
  const words = faultsOf(errors).flatMap(({ message }) => (message === '' ? [] : [message]));
  return { id, accepted: isCount(accepted) ? accepted : 1, rejected: isCount(rejected) ? rejected : 0, words };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

/**
 * The vendor counts the rejected recipients and gives reasons, but does not promise to name them. If the addresses in
 * its text match the count, those are the rejected ones. Otherwise each of the others may be one: none of them is
 * reported as accepted, and none as a bad address.
 * @param words the texts about the rejected recipients, without secrets
 */
function refusedRecipients(all: readonly string[], count: number, words: readonly string[]): RejectedRecipient[] {
  const named = all.flatMap((recipient) => {
    const own = words.find((one) => mentionsAddress(one, recipient));
    const error = recipientError('SparkPost rejected this address. Check it.', own);
    return own === undefined ? [] : [{ recipient, error }];
  });
  if (named.length === count) return named;
  const names = new Set(named.map(({ recipient }) => recipient));
  const hint = `SparkPost rejected ${String(count)} of ${String(all.length)} recipients without naming all of them. Wait for the events of this recipient before you send the message again.`;
  const error = { ...recipientError(hint, words.join(' ')), code: 'unexpected', fault: 'vendor' } as const;
  return [...named, ...all.filter((one) => !names.has(one)).map((recipient) => ({ recipient, error }))];
}

function recipientError(hint: string, reply = ''): AdapterErrorDetails {
  const error = { stage: 'recipient', code: 'recipient_rejected', fault: 'recipient', retryable: false, hint } as const;
  return reply === '' ? error : { ...error, reply };
}
