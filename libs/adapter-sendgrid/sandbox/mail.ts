import {
  type SandboxAnswer,
  type SandboxMail,
  type Schema,
  type SchemaFault,
  schema,
} from '@score-crm/adapter-kit/sandbox';
import { answers, readBody } from './answers.ts';

interface AddressJson {
  readonly email: string;
  readonly name?: string;
}

interface PersonalizationJson {
  readonly to: readonly AddressJson[];
  readonly cc?: readonly AddressJson[];
  readonly bcc?: readonly AddressJson[];
  readonly subject?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly custom_args?: Readonly<Record<string, string>>;
}

/** The part of the body of `POST /v3/mail/send` that is used after it was checked. */
export interface MailJson {
  readonly personalizations: readonly PersonalizationJson[];
  readonly from: AddressJson;
  readonly reply_to_list?: readonly AddressJson[];
  readonly subject?: string;
  readonly content?: readonly { readonly type: string; readonly value: string }[];
  readonly attachments?: readonly Readonly<Record<string, string>>[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly categories?: readonly string[];
  readonly custom_args?: Readonly<Record<string, string>>;
  readonly send_at?: number;
  readonly mail_settings?: { readonly sandbox_mode?: { readonly enable: boolean } };
}

/** A request that was accepted. */
export interface AcceptedMail extends SandboxMail {
  readonly json: MailJson;
  /** Whether `sandbox_mode` prevented it from being sent. */
  readonly sandboxed: boolean;
  /** The headers of the HTTP request. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Returns one mail for each personalization, under the id of the request. */
export function acceptedMails(
  messageId: string,
  json: MailJson,
  headers: AcceptedMail['headers'],
): readonly AcceptedMail[] {
  return json.personalizations.map((envelope) => ({
    messageId,
    from: json.from.email,
    recipients: addressesOf(envelope),
    subject: envelope.subject ?? json.subject ?? '',
    json: { ...json, personalizations: [envelope] },
    sandboxed: json.mail_settings?.sandbox_mode?.enable === true,
    headers,
  }));
}

/** Returns the addresses of all recipients of a message. */
function recipientsOf({ personalizations }: MailJson): readonly string[] {
  return personalizations.flatMap(addressesOf);
}

function addressesOf({ to, cc = [], bcc = [] }: PersonalizationJson): readonly string[] {
  return [...to, ...cc, ...bcc].map(({ email }) => email);
}

/** Returns the custom arguments in the events of a recipient. */
export function customArgsOf({ personalizations, custom_args }: MailJson, recipient: string): object {
  const envelope = personalizations.find((candidate) => addressesOf(candidate).includes(recipient));
  return { ...custom_args, ...envelope?.custom_args };
}

const MAX_BYTES = 30_000_000;
const HELP = 'http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html';

type MailCheck = { readonly mail: MailJson } | { readonly refusal: SandboxAnswer };

/** Checks a body against the documented schema and rules of `POST /v3/mail/send`. */
export function checkMail(contentType: string | undefined, body: Buffer, now: Date): MailCheck {
  if (body.length > MAX_BYTES) return { refusal: answers.tooLarge };
  if (contentType !== 'application/json') {
    return { refusal: answers.invalid([{ message: 'Content-Type should be application/json.', field: null }]) };
  }
  const read = readBody<MailJson>(body, mailSchema, HELP);
  if ('refusal' in read) return read;
  const faults = brokenRules(read.json, now);
  if (faults.length === 0) return { mail: read.json };
  return { refusal: answers.invalid(faults.map((fault) => ({ ...fault, help: HELP }))) };
}

const { anything, flag, integer, list, object, text, texts } = schema;

// The domain must be in ASCII, and the vendor documents no support for non-ASCII letters before the @.
const EMAIL = /^(?=[!-~]+$)[^\s@<>,;]+@[^\s@<>,;]+$/;
const address = object({ email: text({ pattern: EMAIL }), name: text() }, ['email']);
// The vendor accepts other names and then drops the mail: https://github.com/sendgrid/sendgrid-ruby/issues/394
const recipient = object(
  { email: text({ pattern: EMAIL }), name: text({ pattern: /^(?:[^(),:;<>@[\]]*|"(?:[^"\\]|\\.)*")$/ }) },
  ['email'],
);
// Not with a pattern: on a long text it could exhaust the stack.
const BASE64 = { test: (content: string) => Buffer.from(content, 'base64').toString('base64') === content };

const personalization = object(
  {
    to: list(recipient, { min: 1, max: 1000 }),
    cc: list(recipient, { max: 1000 }),
    bcc: list(recipient, { max: 1000 }),
    from: address,
    subject: text({ min: 1 }),
    headers: texts,
    substitutions: texts,
    dynamic_template_data: anything,
    custom_args: texts,
    send_at: integer,
  },
  ['to'],
);
const attachment = object(
  {
    content: text({ min: 1, pattern: BASE64 }),
    filename: text({ min: 1 }),
    type: text({ min: 1, pattern: /^[^;\r\n]+$/ }),
    disposition: text({ pattern: /^(?:inline|attachment)$/ }),
    content_id: text({ min: 1 }),
  },
  ['content', 'filename'],
);
const enable = object({ enable: flag });

/**
 * https://github.com/twilio/sendgrid-oai, `spec/json/tsg_mail_v3.json`; `custom_args` as documented on the vendor's
 * pages.
 */
const mailSchema: Schema = object(
  {
    personalizations: list(personalization, { min: 1, max: 1000 }),
    from: address,
    reply_to: address,
    reply_to_list: list(address, { max: 1000 }),
    subject: text({ min: 1 }),
    content: list(object({ type: text({ min: 1 }), value: text({ min: 1 }) }, ['type', 'value']), { min: 1 }),
    attachments: list(attachment),
    template_id: text(),
    headers: texts,
    categories: list(text({ min: 1, max: 255 }), { max: 10 }),
    custom_args: texts,
    send_at: integer,
    batch_id: text(),
    asm: object({ group_id: integer, groups_to_display: list(integer, { max: 25 }) }, ['group_id']),
    ip_pool_name: text({ min: 2, max: 64 }),
    mail_settings: object({
      bypass_list_management: enable,
      bypass_spam_management: enable,
      bypass_bounce_management: enable,
      bypass_unsubscribe_management: enable,
      footer: object({ enable: flag, text: text(), html: text() }),
      sandbox_mode: enable,
    }),
    tracking_settings: object({
      click_tracking: object({ enable: flag, enable_text: flag }),
      open_tracking: object({ enable: flag, substitution_tag: text() }),
      subscription_tracking: object({ enable: flag, text: text(), html: text(), substitution_tag: text() }),
      ganalytics: anything,
    }),
  },
  ['personalizations', 'from'],
);

const FORBIDDEN_HEADERS =
  /^(?:x-sg-id|x-sg-eid|received|dkim-signature|content-type|content-transfer-encoding|to|from|subject|reply-to|cc|bcc)$/i;
const CONTENT_ORDER = ['text/plain', 'text/html'];
const MAX_SCHEDULE_S = 72 * 60 * 60;

/** Rules that the schema cannot express: those that concern several members. */
function brokenRules(mail: MailJson, now: Date): readonly SchemaFault[] {
  return [
    ...duplicates(mail),
    ...headers(mail),
    ...contents(mail),
    ...limits(mail, now),
    ...('reply_to' in mail && mail.reply_to_list !== undefined
      ? [{ field: 'reply_to', message: 'Only one of reply_to and reply_to_list may be given.' }]
      : []),
  ];
}

function duplicates({ personalizations }: MailJson): SchemaFault[] {
  return personalizations.flatMap((envelope, index) => {
    const seen = new Set<string>();
    return (['to', 'cc', 'bcc'] as const).flatMap((member) =>
      (envelope[member] ?? []).flatMap(({ email }) => {
        const isKnown = seen.has(email.toLowerCase());
        seen.add(email.toLowerCase());
        const field = `personalizations.${String(index)}.${member}`;
        const message = `Each email address in the personalization block should be unique between to, cc, and bcc. We found the first duplicate instance of [${email}] in the ${field} field.`;
        return isKnown ? [{ field, message }] : [];
      }),
    );
  });
}

// "You must ensure these are properly encoded if they contain unicode characters."
const ENCODED = /^[\t -~]*$/;

function headers(mail: MailJson): SchemaFault[] {
  const all = [mail, ...mail.personalizations].flatMap(({ headers: own = {} }) => Object.entries(own));
  return all.flatMap(([name, value]) => [
    ...(FORBIDDEN_HEADERS.test(name)
      ? [{ field: `headers.${name}`, message: `The header ${name} is reserved and may not be set.` }]
      : []),
    ...(ENCODED.test(value) ? [] : [{ field: `headers.${name}`, message: `The header ${name} must be encoded.` }]),
  ]);
}

function contents({ content }: MailJson): SchemaFault[] {
  if (content === undefined) return [{ field: 'content', message: 'The content parameter is required.' }];
  const ranks = content.map(({ type }) => (CONTENT_ORDER.includes(type) ? CONTENT_ORDER.indexOf(type) : 2));
  const isSorted = ranks.every((rank, index) => rank >= (ranks[index - 1] ?? 0));
  const message =
    'The content values must be in the following order: text/plain content must be first, followed by text/html content, followed by any other content.';
  return isSorted ? [] : [{ field: 'content', message }];
}

function limits(mail: MailJson, now: Date): SchemaFault[] {
  const { subject, personalizations, categories = [], custom_args = {}, send_at = 0 } = mail;
  const hasSubject = subject !== undefined || personalizations.every((envelope) => envelope.subject !== undefined);
  const isTooLong = personalizations.some(
    (envelope) => Buffer.byteLength(JSON.stringify({ ...custom_args, ...envelope.custom_args })) > 10_000,
  );
  return [
    ...(!hasSubject ? [{ field: 'subject', message: 'The subject is required.' }] : []),
    ...(recipientsOf(mail).length > 1000
      ? [{ field: 'personalizations', message: 'The total number of recipients must be no more than 1000.' }]
      : []),
    ...(new Set(categories).size < categories.length
      ? [{ field: 'categories', message: 'The categories must be unique.' }]
      : []),
    ...(isTooLong ? [{ field: 'custom_args', message: 'The custom arguments may have at most 10000 bytes.' }] : []),
    ...(send_at > now.getTime() / 1000 + MAX_SCHEDULE_S
      ? [{ field: 'send_at', message: 'The send_at parameter may be at most 72 hours ahead.' }]
      : []),
  ];
}
