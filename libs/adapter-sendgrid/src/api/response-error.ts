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

export type Meaning = Partial<AdapterErrorDetails>;

/** What statuses mean where `statusError` cannot know: the first whose words fit counts. */
export type Meanings = readonly (readonly [
  status: number,
  words: RegExp,
  meaning: Meaning | ((faults: readonly VendorFault[]) => Meaning),
])[];

/**
 * What is the same for every call.
 * https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
 */
const ACCOUNT_MEANINGS: Meanings = [
  [
    401,
    /credits? exceeded/i,
    {
      stage: 'message',
      code: 'quota_exceeded',
      fault: 'vendor',
      retryable: true,
      hint: 'The SendGrid account has used up its credits; the key is fine. Wait for new credits, or buy more.',
    },
  ],
  [401, /.*/, { hint: 'SendGrid refused the API key. Enter a valid one, and choose the region that it was made in.' }],
];

/** The error for an answer that is no success. Its `reply` holds the vendor's words without the settings' secrets. */
export function responseError(response: HttpResponse, settings: SendgridSettings, meanings: Meanings): AdapterError {
  const scrub = createScrubber([settings.apiKey, settings.webhookSigningKey ?? '']);
  const faults = scrub(vendorFaults(response));
  const words = faults.map(({ message }) => message).join(' ') || scrub(response.text()).trim();
  const retryAfterMs = response.status === 429 ? rateLimitWait(response) : undefined;
  return statusError(response, {
    ...meaningOf([...ACCOUNT_MEANINGS, ...meanings], response.status, words, faults),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(words === '' ? {} : { reply: words }),
  });
}

function meaningOf(meanings: Meanings, status: number, words: string, faults: readonly VendorFault[]): Meaning {
  const meaning = meanings.find(([known, pattern]) => known === status && pattern.test(words))?.[2] ?? {};
  return typeof meaning === 'function' ? meaning(faults) : meaning;
}
