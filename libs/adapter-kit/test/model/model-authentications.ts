import { createHmac } from 'node:crypto';
import {
  basicVerdict,
  sameSecret,
  singleValue,
  type WebhookHead,
  type WebhookHeadVerdict,
  type WebhookRequest,
  type WebhookVerdict,
} from '@score-crm/adapter-kit';

const SIGNATURE = 'x-model-signature';
const TIMESTAMP = 'x-model-timestamp';

/** One way to authenticate a request, as the vendor and as the receiver. */
export interface ModelAuthentication {
  readonly authentication: 'signature' | 'signed-token' | 'shared-secret';
  verifyHead(head: WebhookHead, secret: string): WebhookHeadVerdict;
  verify(request: WebhookRequest, secret: string): WebhookVerdict;
  sign(body: Uint8Array, secret: string): Partial<WebhookRequest>;
}

function hmac(secret: string, ...parts: readonly (Uint8Array | string)[]): string {
  const sum = createHmac('sha256', secret);
  for (const part of parts) sum.update(part);
  return sum.digest('hex');
}

/** An HMAC over the time and the body. */
export const signature: ModelAuthentication = {
  authentication: 'signature',
  verifyHead: ({ headers }) =>
    singleValue(headers[SIGNATURE]) === '' || singleValue(headers[TIMESTAMP]) === '' ? 'missing' : 'needs_body',
  verify: ({ headers, body }, secret) => {
    const given = singleValue(headers[SIGNATURE]);
    const timestamp = singleValue(headers[TIMESTAMP]);
    if (given === '' || timestamp === '') return 'missing';
    if (given === undefined || timestamp === undefined) return 'invalid';
    return sameSecret(given, hmac(secret, timestamp, '.', body)) ? 'verified' : 'invalid';
  },
  sign: (body, secret) => ({
    headers: { 'X-Model-Signature': hmac(secret, '1755444161', '.', body), 'X-Model-Timestamp': '1755444161' },
  }),
};

const USER = 'model';

/** The secret itself, as the password of Basic. */
export const sharedSecret: ModelAuthentication = {
  authentication: 'shared-secret',
  verifyHead: ({ headers }, secret) => basicVerdict(headers['authorization'], USER, secret),
  verify: ({ headers }, secret) => basicVerdict(headers['authorization'], USER, secret),
  sign: (_body, secret) => ({
    headers: { Authorization: `Basic ${Buffer.from(`${USER}:${secret}`).toString('base64')}` },
  }),
};

/** A signed token in the body, `{ token, signature, event }`: one event per request. */
export const signedToken: ModelAuthentication = {
  authentication: 'signed-token',
  verifyHead: () => 'needs_body',
  verify: ({ body }, secret) => {
    const { token, signature: given } = readObject(body);
    if (token === undefined && given === undefined) return 'missing';
    if (typeof token !== 'string' || typeof given !== 'string') return 'malformed';
    return sameSecret(given, hmac(secret, token)) ? 'verified' : 'invalid';
  },
  sign: (body, secret) => {
    const token = 'c0ffee-1755444161';
    const post = { ...readObject(body), token, signature: hmac(secret, token) };
    return { body: Buffer.from(JSON.stringify(post)) };
  },
};

function readObject(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const json = JSON.parse(Buffer.from(body).toString()) as unknown;
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
