import { type Schema, schema, type SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { answers, apiError } from './answers.ts';

/** The body of `POST /email`. */
export interface MailJson {
  readonly From: string;
  readonly To: string;
  readonly Cc?: string;
  readonly Bcc?: string;
  readonly ReplyTo?: string;
  readonly Subject?: string;
  readonly TextBody?: string;
  readonly HtmlBody?: string;
  readonly Tag?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
  readonly Headers?: readonly { readonly Name: string; readonly Value: string }[];
  readonly Attachments?: readonly { readonly Name: string; readonly Content: string }[];
  readonly MessageStream?: string;
}

const { flag, list, object, text, texts } = schema;
const MAX_RECIPIENTS = 50;
const MAX_BYTES = 10_000_000;
const MAX_BODY_BYTES = 5_000_000;
const FORBIDDEN_FILES =
  /\.(?:vbs|exe|bin|bat|chm|com|cpl|crt|hlp|hta|inf|ins|isp|jse|lnk|mdb|pcd|pif|reg|scr|sct|shs|vbe|vba|wsf|wsh|wsl|msc|msi|msp|mst)$/i;
const ADDRESS = /^[!#-'*+\-/-9=?A-Z^-~]+(?:\.[!#-'*+\-/-9=?A-Z^-~]+)*@(?=[^.]+\.)[a-z\d](?:[a-z\d.-]*[a-z\d])?$/i;
/** An address, alone or after a name, which is quoted if it contains punctuation. */
const MAILBOX = /\s*(?:(?:"((?:[^"\\]|\\.)*)"|([^"<>,;:@]*?))\s*<([^<>\s]*)>|([^<>,\s"]+))\s*(?:,|$)/y;

const header: Schema = object({ Name: text({ pattern: /^[!-9;-~]+$/ }), Value: text({ pattern: /^[^\r\n]*$/ }) }, [
  'Name',
  'Value',
]);
const attachment: Schema = object(
  {
    Name: text({ min: 1 }),
    Content: text({ pattern: /^[A-Za-z\d+/]*={0,2}$/ }),
    ContentType: text({ pattern: /^[\w.+-]+\/[\w.+-]+/ }),
    ContentID: text({ pattern: /^cid:[^<>\s]+$/ }),
  },
  ['Name', 'Content', 'ContentType'],
);
/** https://postmarkapp.com/developer/api/email-api */
const MAIL: Schema = object(
  {
    From: text({ min: 1, max: 500 }),
    To: text({ min: 1 }),
    Cc: text(),
    Bcc: text(),
    ReplyTo: text(),
    Subject: text({ max: 2000 }),
    TextBody: text(),
    HtmlBody: text(),
    Tag: text({ max: 1000 }),
    Metadata: texts,
    Headers: list(header),
    Attachments: list(attachment),
    TrackOpens: flag,
    TrackLinks: text({ pattern: /^(?:None|HtmlAndText|HtmlOnly|TextOnly)$/ }),
    MessageStream: text(),
  },
  ['From', 'To'],
);

/** Returns the rejection of a message, or the addresses that its fields contain. */
export function readMail(
  json: unknown,
):
  | { readonly refusal: SandboxAnswer }
  | { readonly mail: MailJson; readonly from: string; readonly to: readonly string[] } {
  const [fault] = MAIL(json, '');
  if (fault !== undefined)
    return { refusal: apiError(403, `Invalid request field(s): '${fault.field}'. ${fault.message}`) };
  const mail = json as MailJson;
  const fields = { From: mail.From, To: mail.To, Cc: mail.Cc ?? '', Bcc: mail.Bcc ?? '', ReplyTo: mail.ReplyTo ?? '' };
  const found: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(fields)) {
    const addresses = addressesIn(value);
    const wrong = addresses.find((address) => !ADDRESS.test(address));
    if (wrong !== undefined) return { refusal: apiError(300, `Invalid '${name}' address: '${wrong}'.`) };
    found[name] = addresses;
  }
  const { From: [from = ''] = [], To = [], Cc = [], Bcc = [] } = found;
  const to = [...To, ...Cc, ...Bcc];
  const refusal = brokenRule(mail, to);
  return refusal === undefined ? { mail, from, to } : { refusal };
}

function brokenRule(mail: MailJson, to: readonly string[]): SandboxAnswer | undefined {
  const { TextBody: textBody = '', HtmlBody: html = '', Metadata: metadata = {}, Attachments: files = [] } = mail;
  const entries = Object.entries(metadata);
  if (to.length > MAX_RECIPIENTS) return apiError(300, `A message has at most ${String(MAX_RECIPIENTS)} recipients.`);
  if (textBody === '' && html === '') return apiError(300, 'Neither TextBody nor HtmlBody.');
  if ([textBody, html].some((body) => Buffer.byteLength(body) > MAX_BODY_BYTES)) return answers.tooLarge;
  if (Buffer.byteLength(textBody + html + files.map(({ Content }) => Content).join('')) > MAX_BYTES)
    return answers.tooLarge;
  if (entries.length > 10) return apiError(300, 'More than 10 metadata.');
  if (entries.some(([name, value]) => name.length > 20 || value.length > 80))
    return apiError(300, 'Metadata is too long.');
  if (new Set(entries.map(([name]) => name.toLowerCase())).size < entries.length)
    return apiError(300, 'Metadata twice.');
  const forbidden = files.find(({ Name }) => FORBIDDEN_FILES.test(Name));
  if (forbidden !== undefined) return apiError(411, `Attachment type not allowed: ${forbidden.Name}`);
  const isControl = (mail.Headers ?? []).some(({ Name }) =>
    /^(?:x-pm-|content-|mime-version$|return-path$)/i.test(Name),
  );
  return isControl ? apiError(300, 'A header is not allowed.') : undefined;
}

/** Returns the addresses of a field; a part that is not a mailbox is returned as it is. */
function addressesIn(value: string): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < value.length; at = MAILBOX.lastIndex) {
    MAILBOX.lastIndex = at;
    const match = MAILBOX.exec(value);
    if (match === null) return [...found, value.slice(at)];
    found.push(match[3] ?? match[4] ?? '');
  }
  return found;
}
