import { createVerify } from 'node:crypto';
import { singleValue, type WebhookRequest, type WebhookVerdict } from '@score-crm/adapter-kit';
import { strictBase64 } from '../settings/strict-base64.ts';
import { parseVerificationKey } from '../settings/verification-key.ts';

export const SIGNATURE_HEADER = 'x-twilio-email-event-webhook-signature';
export const TIMESTAMP_HEADER = 'x-twilio-email-event-webhook-timestamp';

const DER_SEQUENCE = 0x30;

/**
 * ECDSA on P-256 with SHA-256 over the timestamp header and the bytes of the body, with nothing in between.
 *
 * The age of the timestamp is not checked: the vendor repeats requests for 24 hours and documents no window. A replayed
 * request contains only events that are known already.
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
 */
export function verifySignature({ headers, body }: WebhookRequest, publicKey: string | undefined): WebhookVerdict {
  if (publicKey === undefined || publicKey === '') return 'not_configured';
  const signature = singleValue(headers[SIGNATURE_HEADER]);
  const timestamp = singleValue(headers[TIMESTAMP_HEADER]);
  if (signature === '' || timestamp === '') return 'missing';
  if (signature === undefined || timestamp === undefined) return 'invalid';
  const der = strictBase64(signature);
  if (der?.[0] !== DER_SEQUENCE || der[1] !== der.length - 2) return 'malformed';
  const key = parseVerificationKey(publicKey);
  if (key === undefined) return 'invalid';
  try {
    return createVerify('sha256').update(timestamp, 'utf8').update(body).verify(key, der) ? 'verified' : 'invalid';
  } catch {
    return 'invalid';
  }
}
