import { AdapterError, type AdapterErrorDetails, type Stage } from '../errors/adapter-error.ts';
import type { HttpResponse } from './http-response.ts';

type Meaning = Pick<AdapterErrorDetails, 'code' | 'fault' | 'retryable' | 'hint'> & { readonly stage?: Stage };

const MEANINGS = new Map<number, Meaning>([
  [
    401,
    {
      stage: 'authenticate',
      code: 'authentication_failed',
      fault: 'configuration',
      retryable: false,
      hint: 'The vendor refused the key. Enter a valid one.',
    },
  ],
  [
    403,
    {
      stage: 'authenticate',
      code: 'permission_denied',
      fault: 'configuration',
      retryable: false,
      hint: 'The key lacks a permission for this call. Give it the permission at the vendor.',
    },
  ],
  [
    408,
    {
      code: 'temporarily_unavailable',
      fault: 'vendor',
      retryable: true,
      hint: 'The vendor took too long. Try again later.',
    },
  ],
  [
    413,
    {
      code: 'message_too_large',
      fault: 'configuration',
      retryable: false,
      hint: 'The message is too large for the vendor.',
    },
  ],
  [429, { code: 'rate_limited', fault: 'vendor', retryable: true, hint: 'Too many requests. Wait, then try again.' }],
]);
const REDIRECT: Meaning = {
  code: 'invalid_response',
  fault: 'configuration',
  retryable: false,
  hint: 'The vendor’s API answered with a redirect, which is not followed. Check the base URL.',
};
const UNAVAILABLE: Meaning = {
  code: 'temporarily_unavailable',
  fault: 'vendor',
  retryable: true,
  hint: 'The vendor has trouble. Try again later.',
};
const REFUSED: Meaning = {
  code: 'invalid_request',
  fault: 'configuration',
  retryable: false,
  hint: 'The vendor refused the request.',
};

/**
 * What an error status means at any HTTP API. A vendor that means something else says so in `override`.
 * `retryAfterMs` is read from `Retry-After` (seconds or a date, RFC 9110 section 10.2.3).
 */
export function statusError(
  response: HttpResponse,
  override: Partial<AdapterErrorDetails> = {},
  now: number = Date.now(),
): AdapterError {
  const meaning = MEANINGS.get(response.status) ?? meaningOfClass(response.status);
  const retryAfterMs = retryAfter(response.header('retry-after'), now);
  return new AdapterError({
    stage: 'message',
    ...meaning,
    status: response.status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...override,
  });
}

function meaningOfClass(status: number): Meaning {
  if (status >= 500) return UNAVAILABLE;
  return status >= 300 && status < 400 ? REDIRECT : REFUSED;
}

// RFC 9110 section 5.6.7. `Date.parse` alone would read "-5" and "soon 1" as dates too.
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

function retryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
