import type { IncomingHttpHeaders } from 'node:http';
import { type SandboxAnswer, type SandboxMail, type Schema, schema } from '@score-crm/adapter-kit/sandbox';
import { answers, readJson, schemaErrors, type VendorError } from './answers.ts';

export interface RecipientJson {
  readonly address: { readonly email: string; readonly name?: string; readonly header_to?: string };
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
}

interface FileJson {
  readonly name: string;
  readonly type: string;
  readonly data: string;
}

/** The part of the body of `POST /transmissions` that is used after it was checked. */
export interface TransmissionJson {
  readonly options?: {
    readonly start_time?: string;
    readonly perform_substitutions?: boolean;
    readonly transactional?: boolean;
  };
  readonly campaign_id?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly substitution_data?: Readonly<Record<string, string>>;
  readonly recipients: readonly RecipientJson[];
  readonly content: {
    readonly from: { readonly email: string; readonly name?: string };
    readonly subject: string;
    readonly text?: string;
    readonly html?: string;
    readonly reply_to?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly attachments?: readonly FileJson[];
    readonly inline_images?: readonly FileJson[];
  };
}

/** A transmission that was accepted. */
export interface AcceptedMail extends SandboxMail {
  readonly json: TransmissionJson;
  /** The accepted recipients. */
  readonly accepted: readonly RecipientJson[];
  /** The headers of the HTTP request. */
  readonly headers: IncomingHttpHeaders;
}

const MAX_CONTENT_BYTES = 20_000_000;
// ASCII only. A domain under `invalid`, which never exists (RFC 2606), represents all other addresses that the vendor
// rejects.
const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]+@(?!.*\.invalid$)[\w-]+(?:\.[\w-]+)+$/;

export type TransmissionCheck =
  | {
      readonly transmission: TransmissionJson;
      readonly accepted: readonly RecipientJson[];
      /** One for each rejected recipient. */
      readonly errors: readonly VendorError[];
    }
  | { readonly refusal: SandboxAnswer };

/** Checks a body against the documented schema and rules of `POST /transmissions`. */
export function checkTransmission(contentType: string | undefined, body: Buffer, now: Date): TransmissionCheck {
  if (contentType !== 'application/json') return { refusal: answers.wrongType };
  const json = readJson(body);
  if (json === undefined) return { refusal: answers.badJson };
  const malformed = schemaErrors(transmissionSchema, json);
  const transmission = json as TransmissionJson;
  const faults = malformed.length > 0 ? malformed : brokenRules(transmission, now);
  if (faults.length > 0) return { refusal: answers.invalid(faults) };
  if (contentBytes(transmission) > MAX_CONTENT_BYTES) return { refusal: answers.tooLarge };
  const accepted = transmission.recipients.filter(({ address }) => ADDRESS.test(address.email));
  const refused = transmission.recipients.filter(({ address }) => !ADDRESS.test(address.email));
  if (accepted.length === 0) return { refusal: answers.noRecipients };
  return { transmission, accepted, errors: refused.map(invalidAddress) };
}

function invalidAddress({ address }: RecipientJson): VendorError {
  const description = `invalid recipient address.email: ${address.email}`;
  return { message: 'invalid data format/type', description, code: '1300' };
}

function contentBytes({ content }: TransmissionJson): number {
  const { text = '', html = '', attachments = [], inline_images = [] } = content;
  const files = [...attachments, ...inline_images].reduce((bytes, { data }) => bytes + data.length, 0);
  return Buffer.byteLength(text) + Buffer.byteLength(html) + files;
}

const { anything, flag, list, object, text } = schema;

const BASE64 = {
  test: (data: string) => Buffer.from(data, 'base64').toString('base64') === data,
};
const BYTES = (most: number) => ({ test: (value: string) => Buffer.byteLength(value) <= most });

// Checked separately, since an invalid address affects only itself.
const recipient = object(
  {
    address: object({ email: text(), name: text(), header_to: text({ min: 1 }) }, ['email']),
    tags: list(text({ min: 1 }), { max: 10 }),
    metadata: schema.texts,
    substitution_data: anything,
    return_path: text(),
  },
  ['address'],
);
const file = object(
  {
    name: text({ min: 1, pattern: BYTES(255) }),
    type: text({ min: 1 }),
    data: text({ min: 1, pattern: BASE64 }),
  },
  ['name', 'type', 'data'],
);

/**
 * Inline content to inline recipients. The vendor ignores unknown members; here they are rejected, so that misspelled
 * ones are noticed.
 * https://developers.sparkpost.com/api/transmissions/#header-request-body
 */
const transmissionSchema: Schema = object(
  {
    options: object({
      start_time: text({ pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/ }),
      open_tracking: flag,
      initial_open: flag,
      click_tracking: flag,
      transactional: flag,
      sandbox: flag,
      skip_suppression: flag,
      ip_pool: text({ min: 1 }),
      inline_css: flag,
      perform_substitutions: flag,
    }),
    recipients: list(recipient, { min: 1 }),
    content: object(
      {
        from: object({ email: text({ min: 1 }), name: text() }, ['email']),
        subject: text({ min: 1 }),
        text: text({ min: 1 }),
        html: text({ min: 1 }),
        reply_to: text({ min: 1 }),
        headers: schema.texts,
        attachments: list(file),
        inline_images: list(file),
      },
      ['from', 'subject'],
    ),
    campaign_id: text({ pattern: BYTES(64) }),
    description: text({ pattern: BYTES(1024) }),
    metadata: anything,
    substitution_data: schema.texts,
    return_path: text(),
  },
  ['recipients', 'content'],
);

const MAX_SCHEDULE_MS = 3 * 24 * 60 * 60 * 1000;
const MAX_METADATA_BYTES = 10_000;
const FORBIDDEN_HEADERS = /^(?:subject|from|to|reply-to|content-type|content-transfer-encoding)$/i;
// The vendor replaces them with its own.
const UNSUBSCRIBE_HEADER = /^list-unsubscribe(?:-post)?$/i;

/** Rules that the schema cannot express: those that concern several members. */
function brokenRules(transmission: TransmissionJson, now: Date): readonly VendorError[] {
  return [
    ...contents(transmission),
    ...headers(transmission),
    ...templates(transmission),
    ...limits(transmission, now),
  ];
}

function contents({ content }: TransmissionJson): VendorError[] {
  const names = (content.inline_images ?? []).map(({ name }) => name);
  return [
    ...(content.text === undefined && content.html === undefined
      ? [{ message: 'At least one of content.text and content.html is required', code: '1400' }]
      : []),
    ...(new Set(names).size < names.length
      ? [{ message: 'The names in content.inline_images must be unique', code: '1300' }]
      : []),
  ];
}

function headers({ content, options }: TransmissionJson): VendorError[] {
  return Object.keys(content.headers ?? {}).flatMap((name) => {
    if (FORBIDDEN_HEADERS.test(name)) return [{ message: `content.headers may not have ${name}`, code: '3002' }];
    return UNSUBSCRIBE_HEADER.test(name) && options?.transactional !== true
      ? [{ message: `content.headers.${name} is replaced in mail that is not transactional`, code: '3002' }]
      : [];
  });
}

/** The template language is executed in headers always, and in text and HTML unless substitutions are disabled. */
function templates(transmission: TransmissionJson): VendorError[] {
  const { content, options, recipients } = transmission;
  const { subject, from, reply_to = '', headers = {}, text = '', html = '' } = content;
  const bodies = options?.perform_substitutions === false ? [] : [text, html];
  const lines = [subject, from.email, from.name ?? '', reply_to, ...Object.values(headers), ...bodies];
  const addresses = recipients.flatMap(({ address }) => [address.email, address.name ?? '', address.header_to ?? '']);
  const isBroken =
    lines.some((line) => rendered(line, transmission) === undefined) ||
    // Whether it is executed here too is undocumented.
    [...Object.keys(headers), ...addresses].some((line) => line.includes('{{'));
  return isBroken ? [{ message: 'template language syntax error', code: '3000' }] : [];
}

function limits({ options, metadata = {}, recipients }: TransmissionJson, now: Date): VendorError[] {
  const isTooLong = [{ metadata: {} }, ...recipients].some(
    (one) => Buffer.byteLength(JSON.stringify({ ...metadata, ...one.metadata })) > MAX_METADATA_BYTES,
  );
  const start = Date.parse(options?.start_time ?? now.toISOString());
  return [
    ...(start > now.getTime() + MAX_SCHEDULE_MS
      ? [{ message: 'options.start_time may be 3 days ahead at most', code: '1300' }]
      : []),
    ...(isTooLong ? [{ message: 'metadata is too large', code: '2007' }] : []),
  ];
}

const VARIABLE = /\{\{\s*([a-z_]\w*)\s*\}\}/gi;

/**
 * Renders a text as the vendor's template language does, as far as supported here: variables of the transmission.
 * Values of variables are not executed again.
 * @returns undefined if it contains anything else between double braces
 */
export function rendered(text: string, { substitution_data = {} }: TransmissionJson): string | undefined {
  const names = [...text.matchAll(VARIABLE)].map(([, name = '']) => name);
  const isKnown = names.every((name) => Object.hasOwn(substitution_data, name));
  if (!isKnown || text.replace(VARIABLE, ' ').includes('{{')) return undefined;
  return text.replace(VARIABLE, (_match, name: string) => substitution_data[name] ?? '');
}
