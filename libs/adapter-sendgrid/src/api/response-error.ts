import {
  type AdapterError,
  type AdapterErrorDetails,
  createScrubber,
  type HttpResponse,
  statusError,
} from '@score-crm/adapter-kit';
import type { SendgridSettings } from '../settings/sendgrid.settings.ts';
import { rateLimitWait } from './rate-limit.ts';
import { type VendorFault, vendorFaults } from './vendor-fault.ts';

export type MappedError = Partial<AdapterErrorDetails>;

/**
 * The errors of statuses for which `statusError` is not specific enough. The first entry whose pattern matches wins.
 */
export type ErrorMap = readonly (readonly [
  status: number,
  words: RegExp,
  mapped: MappedError | ((faults: readonly VendorFault[]) => MappedError),
])[];

/**
 * The errors of every call.
 * https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
 */
const ACCOUNT_ERRORS: ErrorMap = [
  [
    401,
    /credits? exceeded/i,
    {
      stage: 'message',
      code: 'quota_exceeded',
      fault: 'vendor',
      retryable: true,
      hint: 'The SendGrid account has used up its credits. Wait for new credits, or buy more.',
    },
  ],
  [
    401,
    /.*/,
    { hint: 'SendGrid rejected the API key. Enter a valid one, and select the region in which it was created.' },
  ],
];

/**
 * Returns the error for a response that is not a success. Its `reply` contains the vendor's text without the settings'
 * secrets.
 */
export function responseError(response: HttpResponse, settings: SendgridSettings, errorMap: ErrorMap): AdapterError {
  const scrub = createScrubber([settings.apiKey, settings.webhookSigningKey ?? '']);
  const faults = scrub(vendorFaults(response));
  const words = faults.map(({ message }) => message).join(' ') || scrub(response.text()).trim();
  const retryAfterMs = response.status === 429 ? rateLimitWait(response) : undefined;
  return statusError(response, {
    ...mappedError([...ACCOUNT_ERRORS, ...errorMap], response.status, words, faults),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(words === '' ? {} : { reply: words }),
  });
}

function mappedError(errorMap: ErrorMap, status: number, words: string, faults: readonly VendorFault[]): MappedError {
  const mapped = errorMap.find(([known, pattern]) => known === status && pattern.test(words))?.[2] ?? {};
  return typeof mapped === 'function' ? mapped(faults) : mapped;
}
