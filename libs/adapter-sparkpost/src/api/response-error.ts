import { type AdapterError, type AdapterErrorDetails, type HttpResponse, statusError } from '@score-crm/adapter-kit';
import { RATE_LIMIT_WAIT_MS } from '../assumptions.ts';
import { settingsScrubber } from '../settings/settings-scrubber.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';
import { messagePointer } from './message-pointer.ts';
import { type VendorFault, vendorFaults } from './vendor-fault.ts';

type Meaning = Partial<AdapterErrorDetails>;

const QUOTA = { stage: 'message', code: 'quota_exceeded', fault: 'vendor', retryable: true } as const;
const TOO_LARGE = { code: 'message_too_large', fault: 'configuration', retryable: false } as const;
const REJECTED = { code: 'message_rejected', fault: 'sender', retryable: false } as const;

/**
 * What the vendor's own codes mean, whatever the status.
 * https://support.sparkpost.com/docs/tech-resources/extended-error-codes
 */
const BY_CODE: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  // It comes with 400.
  [
    '1502',
    { code: 'temporarily_unavailable', fault: 'vendor', retryable: true, hint: 'SparkPost is busy. Try again later.' },
  ],
  ['1901', { ...REJECTED, hint: 'SparkPost could not generate the message. Read its reply and correct the content.' }],
  ['1902', { ...REJECTED, hint: 'SparkPost refused to generate the message. Read its reply.' }],
  ['2002', { ...TOO_LARGE, hint: 'The data of the message are too large for SparkPost. Send less metadata.' }],
  ['2007', { ...TOO_LARGE, hint: 'The data of the message are too large for SparkPost. Send less metadata.' }],
  [
    '2008',
    {
      stage: 'sender',
      code: 'sender_rejected',
      fault: 'sender',
      hint: 'SparkPost wants a whole sender address, with a part before the @.',
      pointer: '/from/email',
    },
  ],
  [
    '2101',
    { ...QUOTA, hint: 'The SparkPost account has reached its hourly sending limit. Try again in the next hour.' },
  ],
  ['2102', { ...QUOTA, hint: 'The SparkPost account has reached its daily sending limit. Try again tomorrow.' }],
  [
    '2103',
    {
      ...QUOTA,
      retryable: false,
      hint: 'The SparkPost account has used up its test messages. Add a sending domain there, and use it as the sender.',
    },
  ],
  [
    '2105',
    {
      ...QUOTA,
      hint: 'The SparkPost account has reached its monthly sending limit. Wait for the next month, or raise the limit.',
    },
  ],
  [
    '5002',
    {
      stage: 'recipient',
      code: 'recipient_rejected',
      fault: 'recipient',
      hint: 'SparkPost takes none of the recipients. Check their addresses.',
      pointer: '/to',
    },
  ],
  [
    '7000',
    {
      stage: 'sender',
      code: 'sender_rejected',
      fault: 'sender',
      hint: 'SparkPost has blocked the sender’s domain. Use another sender, or ask SparkPost’s support to release it.',
      pointer: '/from/email',
    },
  ],
  [
    '7001',
    {
      stage: 'sender',
      code: 'sender_not_verified',
      fault: 'sender',
      hint: 'The sender’s domain is no verified sending domain of the account. Add and verify it at SparkPost (Configuration, Domains), or use another sender.',
      pointer: '/from/email',
    },
  ],
]);

/** https://developers.sparkpost.com/api/#header-error-table, where `statusError` cannot know. */
const BY_STATUS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [
    401,
    {
      hint: 'SparkPost refused the API key. Enter a valid one, and choose the region that its account was made in: US, EU and Enterprise do not know each other’s keys.',
    },
  ],
  [404, { hint: 'SparkPost knows no such call. Check the region and the base URL.' }],
  [405, { hint: 'SparkPost knows no such call. Check the region and the base URL.' }],
  [413, { hint: 'The message is too large for SparkPost. Send smaller attachments.' }],
  [
    420,
    { ...QUOTA, hint: 'The SparkPost account has reached its sending limit. Wait until the next period, or raise it.' },
  ],
  [
    429,
    { hint: 'SparkPost has had too many calls. Wait a few seconds, then try again.', retryAfterMs: RATE_LIMIT_WAIT_MS },
  ],
]);

const TARGET_FAILED = /POST to webhook \w+ URL failed/i;

/** What a key needs for each resource, in the console's words. */
const PERMISSIONS = {
  account: 'Account: Read',
  'sending-domains': 'Sending Domains: Read',
  transmissions: 'Transmissions: Read/Write',
  webhooks: 'Event Webhooks: Read/Write',
} as const;

export type Resource = keyof typeof PERMISSIONS;

/** The error for an answer that is no success. Its `reply` holds the vendor's words without the settings' secrets. */
export function responseError(response: HttpResponse, settings: SparkpostSettings, resource: Resource): AdapterError {
  const scrub = settingsScrubber(settings);
  const faults = scrub(vendorFaults(response));
  const words = faults.flatMap((fault) => (fault.words === '' ? [] : [fault.words])).join(' ');
  const reply = words === '' ? scrub(response.text()).trim() : words;
  return statusError(response, {
    ...meaningOf(response.status, faults, words, resource),
    ...retryAfter(response),
    ...(reply === '' ? {} : { reply }),
  });
}

function meaningOf(status: number, faults: readonly VendorFault[], words: string, resource: Resource): Meaning {
  const [known] = faults.flatMap(({ code = '' }) => BY_CODE.get(code) ?? []);
  if (known !== undefined) return known;
  if (TARGET_FAILED.test(words)) return unreachable(faults);
  if (status === 403) return { stage: 'message', hint: mayNot(PERMISSIONS[resource]) };
  if (status === 400 || status === 422) return resource === 'webhooks' ? REFUSED_WEBHOOK : refusedMember(words);
  return BY_STATUS.get(status) ?? {};
}

/** https://support.sparkpost.com/docs/faq/post-to-webhook-target-failed */
function unreachable(faults: readonly VendorFault[]): Meaning {
  const [status] = faults.flatMap(({ targetStatus }) => targetStatus ?? []);
  const what = status === undefined ? 'got no answer' : `got the answer ${String(status)}`;
  return {
    stage: 'webhook',
    code: 'webhook_unreachable',
    fault: 'configuration',
    retryable: false,
    hint: `SparkPost posted a test to the webhook’s address and ${what}, where it wants 200. The address must be reachable from the internet, by https on port 443.`,
  };
}

const REFUSED_WEBHOOK: Meaning = { hint: 'SparkPost refused the webhook. Read its reply.' };

function mayNot(permission: string): string {
  return `The API key may not do this. Give it the permission “${permission}” at SparkPost, and check that the account’s plan has it and that the account is not suspended.`;
}

function refusedMember(words: string): Meaning {
  const pointer = messagePointer(words);
  if (pointer === undefined) return { fault: 'sender', hint: 'SparkPost refused the message. Read its reply.' };
  const hint = 'SparkPost refused a part of the message. Read its reply and correct that part.';
  if (pointer === '/to') return { stage: 'recipient', fault: 'recipient', hint, pointer };
  return { stage: pointer === '/from' ? 'sender' : 'message', fault: 'sender', hint, pointer };
}

/** A time that the vendor tells wins over the rule. */
function retryAfter(response: HttpResponse): Meaning {
  const { retryAfterMs } = statusError(response).details;
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}
