import { createHash, timingSafeEqual } from 'node:crypto';
import { singleValue } from './single-value.ts';
import type { WebhookHead, WebhookVerdict } from './webhook-receiver.ts';

type HeaderValue = WebhookHead['headers'][string];

/** Compares two secrets in a time that depends neither on their contents nor on their lengths. */
export function sameSecret(given: string, expected: string): boolean {
  return expected !== '' && timingSafeEqual(sha256(given), sha256(expected));
}

/** Returns whether a header or query parameter is the secret of the connection. One that occurs twice is `invalid`. */
export function secretVerdict(given: HeaderValue, expected: string): WebhookVerdict {
  const value = singleValue(given);
  if (value === '') return 'missing';
  return value !== undefined && sameSecret(value, expected) ? 'verified' : 'invalid';
}

/**
 * Returns whether the header `Authorization` has these credentials (Basic, RFC 7617). Another scheme is `malformed`, and
 * so is anything that is not base64 with a colon in it.
 */
export function basicVerdict(given: HeaderValue, username: string, password: string): WebhookVerdict {
  const value = singleValue(given);
  if (value === undefined) return 'invalid';
  if (value === '') return 'missing';
  const encoded = /^Basic +(\S+)$/i.exec(value)?.[1] ?? '';
  const bytes = Buffer.from(encoded, 'base64');
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0 || bytes.toString('base64') !== encoded) return 'malformed';
  // Both are always compared: the time must not show which was wrong.
  const matches = [sameSecret(text.slice(0, colon), username), sameSecret(text.slice(colon + 1), password)];
  return matches.every(Boolean) ? 'verified' : 'invalid';
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
