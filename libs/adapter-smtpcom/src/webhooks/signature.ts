import { createHmac, timingSafeEqual } from 'node:crypto';
import { singleValue, type WebhookRequest, type WebhookVerdict } from '@score-crm/adapter-kit';
import { SIGNATURE_HEADER } from '../assumptions.ts';

/** Returns the HMAC-SHA-256 of the body as bytes, with the UTF-8 bytes of the key. */
export function verifySignature({ headers, body }: WebhookRequest, key: string): WebhookVerdict {
  const value = singleValue(headers[SIGNATURE_HEADER]);
  if (value === '') return 'missing';
  if (value === undefined) return 'invalid';
  const digest = digestIn(value);
  if (digest === undefined) return 'malformed';
  return timingSafeEqual(digest, createHmac('sha256', key).update(body).digest()) ? 'verified' : 'invalid';
}

function digestIn(value: string): Buffer | undefined {
  const text = value.replace(/^sha256=/i, '');
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  return /^[A-Za-z0-9+/]{43}=$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
