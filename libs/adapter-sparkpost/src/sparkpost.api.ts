import {
  type ApiCall,
  configurationError,
  type ErrorMap,
  type HttpResponse,
  isJsonObject,
  type LocatedFault,
  type MappedError,
  objectIn,
  objectsIn,
  omitUndefined,
  rejectedMessage,
  scalarOf,
  textOf,
  VendorApi,
  type VendorFault,
} from '@score-crm/adapter-kit';
import { POINTERS, RATE_LIMIT_WAIT_MS } from './assumptions.ts';
import { apiOrigin, type SparkpostSettings } from './sparkpost.settings.ts';

// https://developers.sparkpost.com/api/#header-endpoints
const ORIGINS = { us: 'https://api.sparkpost.com', eu: 'https://api.eu.sparkpost.com' } as const;

const BUSY = { code: 'temporarily_unavailable', fault: 'vendor', retryable: true } as const;
const QUOTA = { stage: 'message', code: 'quota_exceeded', fault: 'vendor', retryable: true } as const;
const REJECTED = { code: 'message_rejected', fault: 'sender', retryable: false } as const;
const TOO_LARGE = { code: 'message_too_large', fault: 'configuration', retryable: false } as const;
const UNREACHABLE = { code: 'webhook_unreachable', fault: 'configuration', retryable: false } as const;
const SENDER = { stage: 'sender', code: 'sender_rejected', fault: 'sender', pointer: '/from/email' } as const;
const RECIPIENTS = { stage: 'recipient', code: 'recipient_rejected', fault: 'recipient', pointer: '/to' } as const;

export const ALL_REJECTED = 'SparkPost rejected all recipients. Check their addresses.';

/**
 * The errors of the vendor's own codes, for any status.
 * https://support.sparkpost.com/docs/tech-resources/extended-error-codes
 */
const CODES: readonly (readonly [vendorCode: string | readonly string[], error: MappedError, hint: string])[] = [
  // Its status is 400.
  ['1502', BUSY, 'SparkPost is temporarily unavailable. Try again later.'],
  ['1901', REJECTED, 'SparkPost could not generate the message. Read its reply and correct the content.'],
  ['1902', REJECTED, 'SparkPost refused to generate the message. Read its reply.'],
  [['2002', '2007'], TOO_LARGE, 'The message data exceed SparkPost’s limit. Send less metadata.'],
  ['2008', SENDER, 'SparkPost requires a complete sender address. Enter one with a part before the @.'],
  ['2101', QUOTA, 'The SparkPost account has reached its hourly sending limit. Try again in the next hour.'],
  ['2102', QUOTA, 'The SparkPost account has reached its daily sending limit. Try again tomorrow.'],
  [
    '2103',
    { ...QUOTA, retryable: false },
    'The SparkPost account has used up its test messages. Add a sending domain there, and use it as the sender.',
  ],
  [
    '2105',
    QUOTA,
    'The SparkPost account has reached its monthly sending limit. Wait for the next month, or raise the limit.',
  ],
  ['5002', RECIPIENTS, ALL_REJECTED],
  ['7000', SENDER, 'SparkPost has blocked the sender’s domain. Use another sender, or contact SparkPost’s support.'],
  [
    '7001',
    { ...SENDER, code: 'sender_not_verified' },
    'The sender’s domain is not a verified sending domain of the account. Verify it at SparkPost (Configuration, Domains), or use another sender.',
  ],
];
const BY_CODE: ErrorMap = CODES.map(([vendorCode, error, hint]) => ({ vendorCode, ...error, hint }));

/** For statuses whose general meaning is not specific enough. https://developers.sparkpost.com/api/#header-error-table */
const BY_STATUS: ErrorMap = [
  {
    on: 401,
    hint: 'SparkPost rejected the API key. Enter a valid one and select its region: keys of US, EU and Enterprise are separate.',
  },
  {
    on: 420,
    ...QUOTA,
    hint: 'The SparkPost account has reached its sending limit. Wait for the next period, or raise the limit.',
  },
  {
    on: 429,
    hint: 'SparkPost’s rate limit was exceeded. Wait a few seconds, then try again.',
    retryAfterMs: RATE_LIMIT_WAIT_MS,
  },
];

/** The permission that a key needs for each resource, as named in the console. */
const PERMISSIONS: Readonly<Record<string, string>> = {
  account: 'Account: Read',
  'sending-domains': 'Sending Domains: Read',
  transmissions: 'Transmissions: Read/Write',
  webhooks: 'Event Webhooks: Read/Write',
};

/** The v1 API. Each call uses the key of its settings. */
export class SparkpostApi extends VendorApi<SparkpostSettings> {
  readonly vendor = 'sparkpost';
  readonly displayName = 'SparkPost';
  protected readonly errors = BY_STATUS;
  protected override readonly basePath = '/api/v1';
  protected override readonly pointers = POINTERS;
  protected override readonly notVendorAdvice = 'Check the region and the base URL.';

  /** @throws AdapterError for any response that is not a success, by the resource that the path starts with */
  override call(settings: SparkpostSettings, call: ApiCall): Promise<HttpResponse> {
    return super.call(settings, { ...call, errors: errorsOf(call.path.split('/')[1] ?? '') });
  }

  protected origin({ region, baseUrl = '' }: SparkpostSettings): string {
    const known = region === 'enterprise' ? apiOrigin(baseUrl) : ORIGINS[region];
    if (known !== undefined) return known;
    const hint = 'The base URL is missing. Enter the HTTPS address of your Enterprise account’s API host.';
    throw configurationError('invalid_request', hint, { stage: 'settings', pointer: '/baseUrl' });
  }

  /** Only the key, without a scheme. https://developers.sparkpost.com/api/#header-authentication */
  protected headers({ apiKey }: SparkpostSettings): Readonly<Record<string, string>> {
    return { authorization: apiKey };
  }

  protected override faultsIn(body: unknown): readonly VendorFault[] {
    return isJsonObject(body) ? faultsOf(body['errors']) : [];
  }
}

/**
 * Returns the faults of a list of errors. Some responses have a single error instead of the list.
 * https://developers.sparkpost.com/api/#header-errors
 */
export function faultsOf(errors: unknown): readonly VendorFault[] {
  return objectsIn(errors).map((error) => {
    const message = ['message', 'description'].flatMap((name) => textOf(error, name) ?? []).join(': ');
    // A string in transmissions, a number in webhooks.
    return { message, ...omitUndefined('code', scalarOf(error, 'code')) };
  });
}

function errorsOf(resource: string): ErrorMap {
  const permission = PERMISSIONS[resource] ?? '';
  const hint = `SparkPost denied access. Grant the API key “${permission}”, and check that the account’s plan includes it and that the account is not suspended.`;
  const rejected: ErrorMap =
    resource === 'webhooks'
      ? [{ on: [400, 422], hint: 'SparkPost rejected the webhook. Read its reply.' }]
      : rejectedMessage('SparkPost', { on: [400, 422] });
  return [
    ...BY_CODE,
    { words: /POST to webhook \w+ URL failed/i, ...UNREACHABLE, stage: 'webhook', derive: unreachableHint },
    { on: 403, stage: 'message', hint },
    ...rejected,
    ...BY_STATUS,
  ];
}

/** https://support.sparkpost.com/docs/faq/post-to-webhook-target-failed */
function unreachableHint(_faults: readonly LocatedFault[], _words: string, response: HttpResponse): MappedError {
  const { errors } = response.json() as { readonly errors?: unknown };
  const statuses = objectsIn(errors).map((error) => scalarOf(objectIn(error, 'response'), 'status') ?? '');
  const status = statuses.find((text) => /^\d{3}$/.test(text));
  const what = status === undefined ? 'got no response' : `got the status ${status}`;
  const hint = `SparkPost posted a test to the webhook URL and ${what} instead of 200. Make the URL reachable from the internet, by HTTPS on port 443.`;
  return { hint };
}
