import { AdapterError, type AdapterErrorDetails, type Stage } from '../errors/adapter-error.ts';
import type { HttpResponse } from './http-response.ts';

type StatusError = Pick<AdapterErrorDetails, 'code' | 'fault' | 'retryable' | 'hint'> & { readonly stage?: Stage };

const ERROR_MAP = new Map<number, StatusError>([
  [
    401,
    {
      stage: 'authenticate',
      code: 'authentication_failed',
      fault: 'configuration',
      retryable: false,
      hint: 'The vendor rejected the API key. Enter a valid one.',
    },
  ],
  [
    403,
    {
      stage: 'authenticate',
      code: 'permission_denied',
      fault: 'configuration',
      retryable: false,
      hint: 'The API key lacks a required permission. Grant it in the vendor’s settings.',
    },
  ],
  [
    408,
    {
      code: 'temporarily_unavailable',
      fault: 'vendor',
      retryable: true,
      hint: 'The vendor timed out. Try again later.',
    },
  ],
  [
    413,
    {
      code: 'message_too_large',
      fault: 'configuration',
      retryable: false,
      hint: 'The message is too large for the vendor. Shorten it or remove attachments.',
    },
  ],
  [
    429,
    {
      code: 'rate_limited',
      fault: 'vendor',
      retryable: true,
      hint: 'The vendor’s rate limit was exceeded. Wait, then try again.',
    },
  ],
]);
const REDIRECT: StatusError = {
  code: 'invalid_response',
  fault: 'configuration',
  retryable: false,
  hint: 'The vendor’s API responded with a redirect, which is not followed. Check the base URL.',
};
const UNAVAILABLE: StatusError = {
  code: 'temporarily_unavailable',
  fault: 'vendor',
  retryable: true,
  hint: 'The vendor is temporarily unavailable. Try again later.',
};
const REFUSED: StatusError = {
  code: 'invalid_request',
  fault: 'configuration',
  retryable: false,
  hint: 'The vendor rejected the request. Check the message and the settings.',
};

/**
 * Converts an HTTP error status into an AdapterError with its general meaning. `override` holds what the vendor means
 * by it instead. `retryAfterMs` is read from `Retry-After` (seconds or a date, RFC 9110 section 10.2.3).
 */
export function statusError(
  response: HttpResponse,
  override: Partial<AdapterErrorDetails> = {},
  now: number = Date.now(),
): AdapterError {
  const mapped = ERROR_MAP.get(response.status) ?? errorOfClass(response.status);
  const retryAfterMs = retryAfter(response.header('retry-after'), now);
  return new AdapterError({
    stage: 'message',
    ...mapped,
    status: response.status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...override,
  });
}

function errorOfClass(status: number): StatusError {
  if (status >= 500) return UNAVAILABLE;
  return status >= 300 && status < 400 ? REDIRECT : REFUSED;
}

// RFC 9110 section 5.6.7. `Date.parse` by itself would also accept "-5" and "soon 1".
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

function retryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
