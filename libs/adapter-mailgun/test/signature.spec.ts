import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { SANDBOX_KEYS, WebhookSigner } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const HOUR_MS = 60 * 60 * 1000;
const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });
const signer = new WebhookSigner();
const DELIVERED = JSON.parse(readFileSync(new URL('fixtures/delivered.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, unknown>
>;

type SignatureData = Readonly<Record<string, unknown>>;

function post(signature: unknown, data: unknown = DELIVERED['event-data']): string {
  return JSON.stringify({ signature, 'event-data': data });
}

function verdict(body: Uint8Array | string, webhookSigningKey: string | undefined = signer.key): string {
  const account = settings(webhookSigningKey === undefined ? {} : { webhookSigningKey });
  return webhooks.authenticate(webhookRequest(body), account);
}

function hmac(text: string, key = signer.key): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/** A time in Unix seconds, this many hours from now. */
function inHours(hours: number): string {
  return String(Math.floor((Date.now() + hours * HOUR_MS) / 1000));
}

describe('a signed post', () => {
  it('is verified with any order of members and any white space', () => {
    const credentials = signer.credentials();
    expect(verdict(post(credentials))).toBe('verified');
    expect(verdict(`\ufeff\r\n${JSON.stringify({ 'event-data': {}, signature: credentials }, null, 2)}\r\n`)).toBe(
      'verified',
    );
    expect(verdict(Uint8Array.from(Buffer.from(post(credentials))))).toBe('verified');
  });

  it('is verified with its timestamp as a number, as on the vendor’s page', () => {
    const { timestamp, ...credentials } = signer.credentials();
    expect(verdict(post({ ...credentials, timestamp: Number(timestamp) }))).toBe('verified');
  });

  it.each(['timestamp', 'token', 'signature'])('is rejected with any character of its %s changed', (member) => {
    const credentials = signer.credentials();
    const value = credentials[member] ?? '';
    for (let index = 0; index < value.length; index += 1) {
      const other = value[index] === '1' ? '2' : '1';
      const changed = value.slice(0, index) + other + value.slice(index + 1);
      expect([index, verdict(post({ ...credentials, [member]: changed }))]).toEqual([index, 'invalid']);
    }
  });

  it('is rejected if a digit has moved between timestamp and token, which share one signature', () => {
    const { timestamp = '', token = '', signature } = signer.credentials();
    const shorter = { timestamp: timestamp.slice(0, -1), token: timestamp.slice(-1) + token, signature };
    const text = `${timestamp}1${token}`;
    const longer = { timestamp: text.slice(0, 11), token: text.slice(11), signature: hmac(text) };
    for (const moved of [shorter, longer]) expect(verdict(post(moved))).toBe('malformed');
  });

  it('is rejected with the key of another account, and with the API key', () => {
    expect(verdict(post(signer.credentials()), new WebhookSigner().key)).toBe('invalid');
    expect(verdict(post(signer.credentials()), SANDBOX_KEYS.working)).toBe('invalid');
  });

  it('does not cover its event: a limitation of this vendor', () => {
    expect(verdict(post(signer.credentials(), { event: 'delivered', recipient: 'someone@else.example' }))).toBe(
      'verified',
    );
  });
});

describe('the age of a signature', () => {
  it.each([0, -8, -23, 1, 23])('can be %d hours, for repetitions and wrong clocks', (hours) => {
    expect(verdict(post(signer.credentials(inHours(hours))))).toBe('verified');
  });

  it.each([-25, 25, -24 * 365])('cannot be %d hours: someone kept it', (hours) => {
    expect(verdict(post(signer.credentials(inHours(hours))))).toBe('invalid');
  });
});

describe('a request of a subaccount', () => {
  const parent = new WebhookSigner();
  const { timestamp = '', token = '', ...rest } = signer.credentials();
  const credentials = { timestamp, token, ...rest, 'parent-signature': hmac(timestamp + token, parent.key) };

  it('is verified by the key of either account', () => {
    expect([signer.key, parent.key].map((key) => verdict(post(credentials), key))).toEqual(['verified', 'verified']);
  });

  it('is rejected with any other key', () => {
    expect(verdict(post(credentials), new WebhookSigner().key)).toBe('invalid');
    expect(verdict(post({ ...credentials, 'parent-signature': hmac('x', parent.key) }), parent.key)).toBe('invalid');
  });
});

describe('an invalid signature', () => {
  const { timestamp = '', token = '', signature = '' } = signer.credentials();

  it.each<[string, string, string]>([
    ['nothing', '', 'missing'],
    ['an empty object', '{}', 'missing'],
    ['a list', '[]', 'missing'],
    ['a list of requests', `[${post({ timestamp, token, signature })}]`, 'missing'],
    ['only an event', JSON.stringify(DELIVERED), 'missing'],
    ['no JSON', '<html>', 'missing'],
    ['a form, as before 2018', `timestamp=${timestamp}&token=${token}&signature=${signature}`, 'missing'],
    ['a signature outside its member', JSON.stringify({ timestamp, token, signature }), 'malformed'],
  ])('%s', (_what, body, expected) => {
    expect(verdict(body)).toBe(expected);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', signature],
    ['a list', [timestamp, token, signature]],
    ['no timestamp', { token, signature }],
    ['no token', { timestamp, signature }],
    ['no signature', { timestamp, token }],
    ['an empty token', { timestamp, token: '', signature: hmac(timestamp) }],
    ['a token that is not text', { timestamp, token: 7, signature: hmac(`${timestamp}7`) }],
    ['a signature that is not text', { timestamp, token, signature: [signature] }],
    ['a timestamp that is not a time', { timestamp: 'soon', token, signature: hmac(`soon${token}`) }],
    [
      'a timestamp in milliseconds',
      { timestamp: `${timestamp}000`, token, signature: hmac(`${timestamp}000${token}`) },
    ],
    ['a timestamp with a fraction', { timestamp: `${timestamp}.5`, token, signature: hmac(`${timestamp}.5${token}`) }],
  ])('%s is malformed', (_what, credentials) => {
    expect(verdict(post(credentials))).toBe('malformed');
  });

  it.each<[string, SignatureData]>([
    ['in uppercase', { timestamp, token, signature: signature.toUpperCase() }],
    ['in base64', { timestamp, token, signature: Buffer.from(signature, 'hex').toString('base64') }],
    ['with trailing characters', { timestamp, token, signature: `${signature}0` }],
    ['without end', { timestamp, token, signature: signature.repeat(10_000) }],
  ])('a signature %s is invalid', (_what, credentials) => {
    expect(verdict(post(credentials))).toBe('invalid');
  });

  it('without a key, every request is not configured', () => {
    for (const body of ['', '{}', post(signer.credentials())]) {
      for (const webhookSigningKey of [undefined, '']) {
        const account = settings(webhookSigningKey === undefined ? {} : { webhookSigningKey });
        expect(webhooks.authenticate(webhookRequest(body), account)).toBe('not_configured');
      }
    }
  });
});
