import {
  type ErrorMap,
  type HttpResponse,
  isJsonObject,
  type PointerTable,
  rejectedMessage,
  VendorApi,
  type VendorFault,
} from '@score-crm/adapter-kit';
import { MAX_RATE_LIMIT_MS } from './assumptions.ts';
import type { MailgunSettings } from './mailgun.settings.ts';

// The vendor responds to the same rejection with several statuses.
const REFUSALS: readonly number[] = [400, 403, 420, 429];
const RATE_LIMIT = /limit exceeded,? try again/i;
const TRY_AGAIN =
  /try again after (?:(\d{1,9}) seconds|([a-z]{3}, \d{1,2} [a-z]{3} \d{4} \d\d:\d\d:\d\d) (?:UTC|GMT))/i;
const LATER = { stage: 'message', fault: 'vendor', retryable: true } as const;
const CONFIGURATION = { fault: 'configuration', retryable: false } as const;

/** The domain exists, but its DNS records are missing. */
export const UNVERIFIED_DOMAIN = {
  stage: 'sender',
  code: 'sender_not_verified',
  fault: 'sender',
  retryable: false,
  hint: 'Mailgun has not verified the domain. Set the DNS records that it shows for the domain, then verify it there.',
} as const;

/**
 * For the statuses and texts for which the kit's general meaning is not specific enough.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages
 * https://documentation.mailgun.com/docs/mailgun/quickstart-guide/responses
 */
export const ERRORS: ErrorMap = [
  {
    on: 401,
    hint: 'Mailgun rejected the API key. Enter a valid one for this domain, and check that the account’s IP allowlist includes this server.',
  },
  {
    on: REFUSALS,
    words: RATE_LIMIT,
    ...LATER,
    code: 'rate_limited',
    hint: 'Mailgun’s rate limit for this domain was exceeded. Wait, then try again.',
  },
  {
    on: REFUSALS,
    words: /limit exceeded|sending too fast/i,
    ...LATER,
    code: 'quota_exceeded',
    hint: 'The Mailgun account has used up its sending limit. Wait until it resets, or have the limit raised.',
  },
  { on: REFUSALS, words: /domain is unverified|requires DNS configuration/i, ...UNVERIFIED_DOMAIN },
  {
    on: REFUSALS,
    words: /authorized recipients/i,
    ...CONFIGURATION,
    stage: 'recipient',
    code: 'recipient_rejected',
    hint: 'This domain or account can only send to authorized recipients. Use a domain of your own, or authorize the recipient at Mailgun.',
  },
  {
    on: REFUSALS,
    words: /not allowed to send/i,
    ...CONFIGURATION,
    stage: 'message',
    code: 'permission_denied',
    hint: 'Mailgun does not allow this domain to send. Read its reply, and check the account there.',
  },
  ...rejectedMessage('Mailgun', { on: 400 }),
  {
    on: 402,
    code: 'message_rejected',
    fault: 'vendor',
    hint: 'Mailgun failed although the request is valid. Read its reply, and check the account there.',
  },
  {
    on: 403,
    stage: 'message',
    hint: 'The API key lacks a permission. Use a sending key of this domain, or an account key with the role Admin or Developer.',
  },
  {
    on: 404,
    words: /domain not found/i,
    stage: 'sender',
    code: 'sender_not_verified',
    fault: 'configuration',
    hint: 'Mailgun has no such domain in this region. Enter the domain as Mailgun lists it, and select the region in which it was created.',
  },
];

/** How the vendor's texts name a parameter: “to parameter is not a valid address”. */
const POINTERS: PointerTable = [
  [/\b(to|cc|bcc|from|subject)\b(?=['’]? parameter)/i, '$1'],
  [/too many recipients/i, 'to'],
  [/['‘](?:text|html|amp-html)['’]/i, 'text'],
  [/\b(?:attachment|inline)\b/i, 'attachments'],
  [/\bo:tag\b|\btags?\b/i, 'tags'],
  [/\bo:deliverytime\b|delivery time|RFC-2822 compliant date/i, 'sendAt'],
  [/header name/i, 'headers'],
];

/**
 * The API. Each call uses the key of its settings.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/authentication
 */
export class MailgunApi extends VendorApi<MailgunSettings> {
  readonly vendor = 'mailgun';
  readonly displayName = 'Mailgun';
  protected readonly errors = ERRORS;
  protected override readonly pointers = POINTERS;
  protected override readonly notVendorAdvice = 'Check the domain and the base URL.';

  /** https://documentation.mailgun.com/docs/mailgun/api-reference/api-overview */
  protected origin({ region }: MailgunSettings): string {
    return region === 'eu' ? 'https://api.eu.mailgun.net' : 'https://api.mailgun.net';
  }

  protected headers({ apiKey }: MailgunSettings): Readonly<Record<string, string>> {
    return { authorization: `Basic ${Buffer.from(`api:${apiKey}`).toString('base64')}` };
  }

  /**
   * One text: usually `message`; `Reason` or `Description` if it concerns a webhook; plain text for a rejected key.
   * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages
   */
  protected override faultsIn(body: unknown, response: HttpResponse): readonly VendorFault[] {
    if (typeof body === 'string') return [{ message: body }];
    const { message, Reason, Description } = isJsonObject(body) ? body : {};
    const words = [message, Reason, Description].find((text) => typeof text === 'string' && text !== '');
    return [{ message: typeof words === 'string' ? words : response.text().trim() }];
  }

  /** Stated only in the text: “try again after 30 seconds”, or after a time. */
  protected override retryAfterMs({ status }: HttpResponse, words: string): number | undefined {
    if (status !== 429 && !(REFUSALS.includes(status) && RATE_LIMIT.test(words))) return undefined;
    const [, seconds, time = ''] = TRY_AGAIN.exec(words) ?? [];
    const wait = seconds === undefined ? Date.parse(`${time} GMT`) - Date.now() : Number(seconds) * 1000;
    return Number.isNaN(wait) || wait > MAX_RATE_LIMIT_MS ? undefined : Math.max(0, wait);
  }
}
