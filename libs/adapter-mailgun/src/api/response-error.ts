import { type AdapterError, type AdapterErrorDetails, type HttpResponse, statusError } from '@score-crm/adapter-kit';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';
import { rateLimitWait } from './rate-limit.ts';
import { scrubberOf } from './scrubber.ts';
import { vendorWords } from './vendor-words.ts';

export type MappedError = Partial<AdapterErrorDetails>;

/**
 * The errors for rejections for which `statusError` is not specific enough. The first entry whose status and pattern
 * match wins.
 */
export type ErrorMap = readonly (readonly [
  statuses: readonly number[],
  words: RegExp,
  mapped: MappedError | ((words: string) => MappedError),
])[];

/** The errors of every call. */
const ACCOUNT_ERRORS: ErrorMap = [
  [
    [401],
    /.*/,
    {
      hint: 'Mailgun rejected the API key. Enter a valid one for this domain, and check that the account’s IP allowlist includes this server.',
    },
  ],
];

/**
 * Returns the error for a response that is not a success. Its `reply` contains the vendor's text without the settings'
 * secrets.
 */
export function responseError(response: HttpResponse, settings: MailgunSettings, errorMap: ErrorMap): AdapterError {
  const words = scrubberOf(settings)(vendorWords(response));
  const mapped = mappedError([...ACCOUNT_ERRORS, ...errorMap], response.status, words);
  const isLimit = response.status === 429 || mapped.code === 'rate_limited';
  const retryAfterMs = isLimit ? rateLimitWait(words) : undefined;
  return statusError(response, {
    ...mapped,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(words === '' ? {} : { reply: words }),
  });
}

function mappedError(errorMap: ErrorMap, status: number, words: string): MappedError {
  const mapped = errorMap.find(([statuses, pattern]) => statuses.includes(status) && pattern.test(words))?.[2] ?? {};
  return typeof mapped === 'function' ? mapped(words) : mapped;
}
