import { type AdapterError, type AdapterErrorDetails, type HttpResponse, statusError } from '@score-crm/adapter-kit';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';
import { rateLimitWait } from './rate-limit.ts';
import { scrubberOf } from './scrubber.ts';
import { vendorWords } from './vendor-words.ts';

export type Meaning = Partial<AdapterErrorDetails>;

/** What refusals mean where `statusError` cannot know: the first whose status and words fit counts. */
export type Meanings = readonly (readonly [
  statuses: readonly number[],
  words: RegExp,
  meaning: Meaning | ((words: string) => Meaning),
])[];

/** What is the same for every call. */
const ACCOUNT_MEANINGS: Meanings = [
  [
    [401],
    /.*/,
    {
      hint: 'Mailgun refused the API key. Enter a valid one; a sending key is good for its own domain alone. If the account restricts keys to IP addresses, let this server in there.',
    },
  ],
];

/** The error for an answer that is no success. Its `reply` holds the vendor's words without the settings' secrets. */
export function responseError(response: HttpResponse, settings: MailgunSettings, meanings: Meanings): AdapterError {
  const words = scrubberOf(settings)(vendorWords(response));
  const meaning = meaningOf([...ACCOUNT_MEANINGS, ...meanings], response.status, words);
  const isLimit = response.status === 429 || meaning.code === 'rate_limited';
  const retryAfterMs = isLimit ? rateLimitWait(words) : undefined;
  return statusError(response, {
    ...meaning,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(words === '' ? {} : { reply: words }),
  });
}

function meaningOf(meanings: Meanings, status: number, words: string): Meaning {
  const meaning = meanings.find(([statuses, pattern]) => statuses.includes(status) && pattern.test(words))?.[2] ?? {};
  return typeof meaning === 'function' ? meaning(words) : meaning;
}
