import { randomBytes } from 'node:crypto';
import type { SandboxMail, SandboxRequest } from '@score-crm/adapter-kit/sandbox';

/** A message that was accepted. Its id has no brackets. */
export interface AcceptedMail extends SandboxMail {
  readonly domain: string;
  readonly form: FormData;
  /** Of the files in `form`, in order, as they were sent. */
  readonly fileTypes: readonly string[];
  /** Whether `o:testmode` prevents it from being sent. */
  readonly sandboxed: boolean;
}

const PARAMETERS: ReadonlySet<string> = new Set(
  ['from', 'to', 'cc', 'bcc', 'subject', 'text', 'html', 'attachment', 'inline'].concat([
    'recipient-variables',
    'o:tag',
    'o:deliverytime',
    'o:testmode',
    'o:tracking',
    'o:tracking-clicks',
    'o:tracking-opens',
    'o:dkim',
  ]),
);
const RFC_2822 = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4})$/;
const MAILBOX = /^(?:(?:"(?:[^"\\]|\\.)*"|[^"<>,;]+) <([^<>]+)>|([^<>"]+))$/;
// For a sender with other letters Mailgun creates an invalid header: django-anymail, `docs/esps/mailgun.rst`.
const ADDRESS = /^(?=[!-~]+$)[^\s@<>,;"]+@[^\s@<>,;"]+$/;
const DAY_MS = 24 * 60 * 60 * 1000;

/** A rule of the API: returns what is wrong with a form, or undefined. */
type Rule = (form: FormData, now: Date) => string | undefined;

/** Returns the address in a mailbox, or undefined if it is invalid. */
function addressIn(mailbox: string): string | undefined {
  const [, inBrackets, bare] = MAILBOX.exec(mailbox) ?? [];
  const address = inBrackets ?? bare ?? '';
  return ADDRESS.test(address) ? address : undefined;
}

function recipientsIn(form: FormData, to: readonly string[] = textsOf(form, 'to')): readonly string[] {
  return [...to, ...textsOf(form, 'cc'), ...textsOf(form, 'bcc')].map((mailbox) => addressIn(mailbox) ?? '');
}

/** https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages/post-v3--domain-name--messages */
const RULES: readonly Rule[] = [
  (form) => ['from', 'to', 'subject'].map((name) => missing(form, name)).find((words) => words !== undefined),
  (form) => ['from', 'to', 'cc', 'bcc'].map((name) => noAddress(form, name)).find((words) => words !== undefined),
  (form) => (recipientsIn(form).length > 1000 ? 'Too many recipients; max is 1000' : undefined),
  (form) =>
    textsOf(form, 'text').join('') + textsOf(form, 'html').join('') === ''
      ? "Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified"
      : undefined,
  (form) =>
    form.has('recipient-variables') && variablesIn(form) === undefined
      ? "'recipient-variables' parameter is not a valid JSON"
      : undefined,
  unknownParameter,
  unnamedFile,
  headerName,
  (form) =>
    optionBytes(form) > 16 * 1024
      ? 'Send options (parameters starting with o:, h:, or v:) are limited to 16KB total'
      : undefined,
  (form) => (textsOf(form, 'o:tag').length > 10 ? 'o:tag: a message may have 10 tags' : undefined),
  (form) =>
    textsOf(form, 'o:tag').some((tag) => !/^[\x20-\x7e]{1,128}$/.test(tag)) ? 'o:tag: not a valid tag' : undefined,
  deliveryTime,
  (form) =>
    textsOf(form, 'o:testmode').some((value) => value !== 'yes' && value !== 'true')
      ? 'o:testmode: not a valid value'
      : undefined,
];

/** Returns the first rule of the API that a message breaks, in the API's words. */
export function brokenRule(form: FormData, now: Date): string | undefined {
  return RULES.map((rule) => rule(form, now)).find((words) => words !== undefined);
}

function missing(form: FormData, name: string): string | undefined {
  return textsOf(form, name).join('') === '' ? `${name} parameter is missing` : undefined;
}

function noAddress(form: FormData, name: string): string | undefined {
  const isWrong = textsOf(form, name).some((mailbox) => addressIn(mailbox) === undefined);
  return isWrong ? `${name} parameter is not a valid address. please check documentation` : undefined;
}

function unknownParameter(form: FormData): string | undefined {
  const strange = [...form.keys()].find((name) => !PARAMETERS.has(name) && !/^[hv]:./.test(name));
  return strange === undefined ? undefined : `unknown parameter ${strange}`;
}

/** Mailgun silently drops it. */
function unnamedFile(form: FormData): string | undefined {
  const files = ['attachment', 'inline'].flatMap((name) => form.getAll(name));
  const isUnnamed = files.some((file) => typeof file === 'string' || file.name === '' || file.name === 'blob');
  return isUnnamed ? "'attachment' parameter is not a file" : undefined;
}

function headerName(form: FormData): string | undefined {
  const names = [...form.keys()].flatMap((name) => (name.startsWith('h:') ? [name.slice(2)] : []));
  const strange = names.find((name) => !/^[\x21-\x39\x3b-\x7e]+$/.test(name));
  return strange === undefined ? undefined : `Header name must be pure ASCII: ${strange}`;
}

function optionBytes(form: FormData): number {
  const options = fieldsOf(form).filter(([name]) => /^[ohv]:/.test(name));
  return options.flat().reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function deliveryTime(form: FormData, now: Date): string | undefined {
  const [time] = textsOf(form, 'o:deliverytime');
  if (time === undefined) return undefined;
  if (!RFC_2822.test(time)) return `${time} is not an RFC-2822 compliant date`;
  return Date.parse(time) - now.getTime() > 7 * DAY_MS ? 'invalid delivery time: too far ahead' : undefined;
}

/**
 * Returns the messages that a request makes, all with one id: one, or with `recipient-variables` one for each recipient in `to`, with the
 * copies of all.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/batch-sending
 */
export function acceptedMails(
  domain: string,
  form: FormData,
  request: SandboxRequest,
  now: Date,
): readonly AcceptedMail[] {
  const stamp = now.toISOString().replace(/\D/g, '').slice(0, 14);
  const shared = {
    messageId: `${stamp}.${randomBytes(8).toString('hex')}@${domain}`,
    domain,
    fileTypes: fileTypesIn(request),
    sandboxed: form.has('o:testmode'),
  };
  const variables = variablesIn(form);
  const recipients = textsOf(form, 'to');
  // Of each message, and its own recipients.
  const forms =
    variables === undefined
      ? [[form, recipients] as const]
      : recipients.map((to) => [formFor(form, to, variables), [to]] as const);
  return forms.map(([own, to]) => ({
    ...shared,
    from: addressIn(textsOf(own, 'from')[0] ?? '') ?? '',
    recipients: [...new Set(recipientsIn(own, to))],
    subject: textsOf(own, 'subject')[0] ?? '',
    form: withUnsubscribeLinks(own, domain),
  }));
}

type Variables = Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;

/** Returns the variables of each recipient, or undefined if there are none, or none that can be read. */
function variablesIn(form: FormData): Variables | undefined {
  const isDictionary = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const isValue = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
  try {
    const json: unknown = JSON.parse(textsOf(form, 'recipient-variables').join(''));
    if (!isDictionary(json)) return undefined;
    const isValid = Object.values(json).every((own) => isDictionary(own) && Object.values(own).every(isValue));
    return isValid ? (json as Variables) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the form as it is for one recipient: placeholders are replaced in all texts. Those of unknown variables remain, and all of them if
 * the recipient has no variables: https://github.com/mailgun/mailgun.js/issues/413
 * https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/mailing-lists
 */
function formFor(form: FormData, to: string, variables: Variables): FormData {
  const email = addressIn(to) ?? '';
  const name = to.slice(0, to.lastIndexOf('<')).trim();
  const own = email.includes('+') || !Object.hasOwn(variables, email) ? undefined : variables[email];
  const known: Readonly<Record<string, string>> = {
    recipient: to,
    recipient_email: email,
    recipient_name: name,
    recipient_fname: name.split(' ')[0] ?? '',
    recipient_lname: name.split(' ').slice(1).join(' '),
    ...Object.fromEntries(Object.entries(own ?? {}).map(([key, value]) => [`recipient.${key}`, String(value)])),
  };
  const replaced = (text: string): string =>
    text.replace(/%(recipient[^%\s]*)%/g, (all, key: string) => (own === undefined ? all : (known[key] ?? all)));
  const result = mapTexts(form, replaced, ['to', 'recipient-variables']);
  result.append('to', own === undefined ? '%recipient%' : to);
  return result;
}

/** Mailgun replaces these in every message: https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages */
function withUnsubscribeLinks(form: FormData, domain: string): FormData {
  const link = `https://email.${domain}/u/${randomBytes(8).toString('hex')}`;
  return mapTexts(form, (text) => text.replace(/%(?:tag_|mailing_list_)?unsubscribe_url%/g, link));
}

/** Returns a copy without some fields, and with all other texts replaced. */
function mapTexts(form: FormData, replaced: (text: string) => string, without: readonly string[] = []): FormData {
  const result = new FormData();
  for (const [name, value] of form) {
    if (without.includes(name)) continue;
    if (typeof value === 'string') result.append(name, replaced(value));
    else result.append(name, value);
  }
  return result;
}

/** Parses a body as a form. Returns undefined if it is not one. */
export async function readForm({ headers, body }: SandboxRequest): Promise<FormData | undefined> {
  const type = headers['content-type'] ?? '';
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  } catch {
    return undefined;
  }
}

/**
 * Returns the types of the files in a body, as they were sent: a `File` has them in lowercase and without non-ASCII
 * characters. Mailgun writes them into the message.
 */
function fileTypesIn({ headers, body }: SandboxRequest): readonly string[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(headers['content-type'] ?? '')?.[1] ?? '';
  return body
    .toString()
    .split(`--${boundary}`)
    .map((part) => part.slice(0, Math.max(part.indexOf('\r\n\r\n'), 0)))
    .filter((head) => /^Content-Disposition: [^\r\n]*; filename="/im.test(head))
    .map((head) => /^Content-Type: *([^\r\n]*)/im.exec(head)?.[1] ?? '');
}

/** Returns all text fields, without files. */
export function fieldsOf(form: FormData): readonly (readonly [name: string, text: string])[] {
  return [...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
}

/** Returns all text values of a name. */
export function textsOf(form: FormData, name: string): readonly string[] {
  return form.getAll(name).filter((value) => typeof value === 'string');
}
