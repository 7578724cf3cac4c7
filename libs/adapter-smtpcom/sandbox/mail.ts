import {
  type SandboxMail,
  type SandboxRequest,
  type Schema,
  schema,
  type SchemaFault,
} from '@score-crm/adapter-kit/sandbox';

export interface MailAddress {
  readonly name?: string;
  readonly address: string;
}

/** The part of the body of `POST /v4/messages` that is used after it was checked. */
export interface MailJson {
  readonly channel: string;
  readonly recipients: Readonly<Partial<Record<'to' | 'cc' | 'bcc', readonly MailAddress[]>>>;
  readonly originator: { readonly from: MailAddress; readonly reply_to?: MailAddress };
  readonly custom_headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly subject?: string;
  readonly body: {
    readonly parts?: readonly Readonly<Record<string, string>>[];
    readonly attachments?: readonly Readonly<Record<string, string>>[];
  };
}

/** A request that was accepted. */
export interface AcceptedMail extends SandboxMail {
  readonly json: MailJson;
  /** The headers of the HTTP request. */
  readonly headers: SandboxRequest['headers'];
}

export function recipientsOf({ recipients: { to = [], cc = [], bcc = [] } }: MailJson): readonly string[] {
  return [...to, ...cc, ...bcc].map(({ address }) => address);
}

/** Returns the unique arguments of a message. Like the vendor, it silently ignores invalid ones. */
export function uniqueArgsOf({ custom_headers = {} }: MailJson): Readonly<Record<string, unknown>> {
  const header = Object.entries(custom_headers).find(([name]) => name.toLowerCase() === 'x-smtpapi')?.[1];
  try {
    const { unique_args: args } = JSON.parse(String(header)) as { unique_args?: Readonly<Record<string, unknown>> };
    return { ...args };
  } catch {
    return {};
  }
}

const { list, object, text, texts } = schema;

const MAX_RECIPIENTS = 1000;
const MAX_BYTES = 10_000_000;
const OWN_HEADERS = /^(?:from|to|cc|bcc|reply-to|subject|mime-version|content-type|content-transfer-encoding)$/i;

const address = object({ name: text(), address: text({ pattern: /^(?=[!-~]+$)[^\s@<>,;]+@[^\s@<>,;]+$/ }) }, [
  'address',
]);
const addresses = list(address, { max: MAX_RECIPIENTS });
const encoding = text({ pattern: /^(?:7bit|quoted-printable|base64)$/ });
const part = object(
  {
    version: text(),
    type: text({ pattern: /^[\w.+-]+\/[\w.+-]+$/ }),
    charset: text(),
    encoding,
    content: text({ min: 1 }),
  },
  ['type', 'content'],
);
const attachment = object(
  {
    version: text(),
    type: text({ pattern: /^(?!message\/rfc822)[\w.+-]+\/[\w.+-]+/i }),
    disposition: text({ pattern: /^(?:inline|attachment)$/ }),
    filename: text({ min: 1 }),
    cid: text({ min: 1 }),
    encoding,
    content: text(),
  },
  ['content'],
);

/**
 * https://github.com/smtpcom/smtpcom-go, `api/openapi.yaml`; the encoding of attachments as clients in production send
 * it.
 */
const mailSchema: Schema = object(
  {
    channel: text({ min: 1 }),
    recipients: object({ to: addresses, cc: addresses, bcc: addresses }),
    originator: object({ from: address, reply_to: address }, ['from']),
    custom_headers: texts,
    subject: text({ max: 998 }),
    body: object({ parts: list(part), attachments: list(attachment) }),
  },
  ['channel', 'recipients', 'originator', 'body'],
);

/** Checks a body against the documented schema and rules of `POST /v4/messages`. Returns the first problem by field. */
export function mailFaults(json: unknown): Readonly<Record<string, string>> {
  const malformed = mailSchema(json, '');
  const faults = malformed.length > 0 ? malformed : brokenRules(json as MailJson);
  return Object.fromEntries(faults.toReversed().map(({ field, message }) => [field, message]));
}

function brokenRules(mail: MailJson): readonly SchemaFault[] {
  const count = recipientsOf(mail).length;
  const { parts = [], attachments = [] } = mail.body;
  return [
    ...(count === 0 ? [{ field: 'recipients', message: 'could not be blank' }] : []),
    ...(count > MAX_RECIPIENTS ? [{ field: 'recipients', message: 'too many' }] : []),
    ...(parts.length + attachments.length === 0 ? [{ field: 'body', message: 'could not be blank' }] : []),
    ...(sizeOf(mail) > MAX_BYTES ? [{ field: 'body', message: 'the message is too large' }] : []),
    ...Object.entries(mail.custom_headers ?? {})
      .filter(([, value]) => !/^[\t -~]*$/.test(String(value)))
      .map(([name]) => ({ field: `custom_headers.${name}`, message: 'is not ASCII' })),
    ...Object.keys(mail.custom_headers ?? {})
      .filter((name) => OWN_HEADERS.test(name))
      .map((name) => ({ field: `custom_headers.${name}`, message: 'is not allowed' })),
  ];
}

/** Of the MIME message: parts are encoded as base64, which attachments are already. */
function sizeOf({ body: { parts = [], attachments = [] } }: MailJson): number {
  const text = parts.reduce((size, { content = '' }) => size + Buffer.byteLength(content), 0);
  const files = attachments.reduce((size, { content = '' }) => size + content.length, 0);
  return Math.ceil((text * 4) / 3) + files;
}
