import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { WebhookSigner } from '../sandbox/index.ts';
import { adapterFor, freezeDate, NOW, settings } from './support.ts';

const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });
const signer = new WebhookSigner();
const CREDENTIALS = signer.credentials(inHours(0));
const DELIVERED = JSON.parse(readFileSync(new URL('fixtures/delivered.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, unknown>
>;

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
  return String(NOW.getTime() / 1000 + hours * 3600);
}

beforeAll(freezeDate);
afterAll(() => {
  jest.useRealTimers();
});

describe('a signed post', () => {
  it('is verified with any order of members and any white space', () => {
    const reordered = JSON.stringify({ 'event-data': {}, signature: CREDENTIALS }, null, 2);
    expect(verdict(`\ufeff\r\n${reordered}\r\n`)).toBe('verified');
  });

  it('is verified with its timestamp as a number, as on the vendor’s page', () => {
    const { timestamp, ...credentials } = CREDENTIALS;
    expect(verdict(post({ ...credentials, timestamp: Number(timestamp) }))).toBe('verified');
  });

  it('is rejected if a digit has moved between timestamp and token, which share one signature', () => {
    const { timestamp = '', token = '', signature } = CREDENTIALS;
    const shorter = { timestamp: timestamp.slice(0, -1), token: timestamp.slice(-1) + token, signature };
    const text = `${timestamp}1${token}`;
    const longer = { timestamp: text.slice(0, 11), token: text.slice(11), signature: hmac(text) };
    for (const moved of [shorter, longer]) expect(verdict(post(moved))).toBe('malformed');
  });

  it('does not cover its event: a limitation of this vendor', () => {
    expect(verdict(post(CREDENTIALS, { event: 'delivered', recipient: 'someone@else.example' }))).toBe('verified');
  });
});

it.each([
  [0, 'verified'],
  [-24, 'verified'],
  [24, 'verified'],
  [-24.01, 'invalid'],
  [24.01, 'invalid'],
])('a signature of %d hours, which allows repetitions and wrong clocks, is %s', (hours, expected) => {
  expect(verdict(post(signer.credentials(inHours(hours))))).toBe(expected);
});

describe('a request of a subaccount', () => {
  const parent = new WebhookSigner();
  const { timestamp = '', token = '', ...rest } = CREDENTIALS;
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
  const { timestamp = '', token = '', signature = '' } = CREDENTIALS;
  const long = `${timestamp}000`;

  it.each<[string, string, string]>([
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
    ['an empty token', { timestamp, token: '', signature: hmac(timestamp) }],
    ['a token that is not text', { timestamp, token: 7, signature: hmac(`${timestamp}7`) }],
    ['a signature that is not text', { timestamp, token, signature: [signature] }],
    ['a timestamp that is not a time', { timestamp: 'soon', token, signature: hmac(`soon${token}`) }],
    ['a timestamp of milliseconds', { timestamp: long, token, signature: hmac(long + token) }],
    ['a timestamp with a fraction', { timestamp: `${timestamp}.5`, token, signature: hmac(`${timestamp}.5${token}`) }],
  ])('%s is malformed', (_what, credentials) => {
    expect(verdict(post(credentials))).toBe('malformed');
  });
});

describe('the deduplication key', () => {
  const keyOf = (data: object): unknown => {
    const [parsed] = webhooks.parse(webhookRequest(JSON.stringify({ 'event-data': data })));
    return (parsed as { deduplicationKey?: unknown }).deduplicationKey;
  };
  const event = DELIVERED['event-data'] as object;

  it.each([{ event: 'opened' }, { id: 'other' }, { timestamp: 1755444999 }])('depends on %j', (other) => {
    expect(keyOf({ ...event, ...other })).not.toEqual(keyOf(event));
  });

  it('depends on the severity: one message is deferred and then given up', () => {
    const failed = { ...event, event: 'failed', severity: 'temporary' };
    expect(keyOf({ ...failed, severity: 'permanent' })).not.toEqual(keyOf(failed));
  });

  it('depends on nothing else, unless there is no id', () => {
    const other = { recipient: 'bob@recipient.example' };
    expect(keyOf({ ...event, ...other })).toEqual(keyOf(event));
    expect(keyOf({ ...event, ...other, id: undefined })).not.toEqual(keyOf({ ...event, id: undefined }));
  });
});
