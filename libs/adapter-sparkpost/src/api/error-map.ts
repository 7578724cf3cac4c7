import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import { RATE_LIMIT_WAIT_MS } from '../assumptions.ts';

export type MappedError = Partial<AdapterErrorDetails>;

const QUOTA = { stage: 'message', code: 'quota_exceeded', fault: 'vendor', retryable: true } as const;
const TOO_LARGE = { code: 'message_too_large', fault: 'configuration', retryable: false } as const;
const REJECTED = { code: 'message_rejected', fault: 'sender', retryable: false } as const;

/**
 * The errors of the vendor's own codes, for any status.
 * https://support.sparkpost.com/docs/tech-resources/extended-error-codes
 */
export const BY_CODE: ReadonlyMap<string, MappedError> = new Map<string, MappedError>([
  // Its status is 400.
  [
    '1502',
    {
      code: 'temporarily_unavailable',
      fault: 'vendor',
      retryable: true,
      hint: 'SparkPost is temporarily unavailable. Try again later.',
    },
  ],
  ['1901', { ...REJECTED, hint: 'SparkPost could not generate the message. Read its reply and correct the content.' }],
  ['1902', { ...REJECTED, hint: 'SparkPost refused to generate the message. Read its reply.' }],
  ['2002', { ...TOO_LARGE, hint: 'The message data exceed SparkPost’s limit. Send less metadata.' }],
  ['2007', { ...TOO_LARGE, hint: 'The message data exceed SparkPost’s limit. Send less metadata.' }],
  [
    '2008',
    {
      stage: 'sender',
      code: 'sender_rejected',
      fault: 'sender',
      hint: 'SparkPost requires a complete sender address. Enter one with a part before the @.',
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
      hint: 'SparkPost rejected all recipients. Check their addresses.',
      pointer: '/to',
    },
  ],
  [
    '7000',
    {
      stage: 'sender',
      code: 'sender_rejected',
      fault: 'sender',
      hint: 'SparkPost has blocked the sender’s domain. Use another sender, or contact SparkPost’s support.',
      pointer: '/from/email',
    },
  ],
  [
    '7001',
    {
      stage: 'sender',
      code: 'sender_not_verified',
      fault: 'sender',
      hint: 'The sender’s domain is not a verified sending domain of the account. Verify it at SparkPost (Configuration, Domains), or use another sender.',
      pointer: '/from/email',
    },
  ],
]);

/**
 * https://developers.sparkpost.com/api/#header-error-table, for statuses for which `statusError` is not specific
 * enough.
 */
export const BY_STATUS: ReadonlyMap<number, MappedError> = new Map<number, MappedError>([
  [
    401,
    {
      hint: 'SparkPost rejected the API key. Enter a valid one and select its region: keys of US, EU and Enterprise are separate.',
    },
  ],
  [404, { hint: 'SparkPost does not know this API call. Check the region and the base URL.' }],
  [405, { hint: 'SparkPost does not know this API call. Check the region and the base URL.' }],
  [413, { hint: 'The message is too large for SparkPost. Send smaller attachments.' }],
  [
    420,
    {
      ...QUOTA,
      hint: 'The SparkPost account has reached its sending limit. Wait for the next period, or raise the limit.',
    },
  ],
  [
    429,
    {
      hint: 'SparkPost’s rate limit was exceeded. Wait a few seconds, then try again.',
      retryAfterMs: RATE_LIMIT_WAIT_MS,
    },
  ],
]);
