import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { MalformedWebhookError, type ParsedEvent, type WebhookHead } from '@score-crm/adapter-kit';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { adapterFor, settings, TOKEN } from './support.ts';

const HEADER = 'x-smtpcom-signature';
const KEY = 'a signing key: ключ';
const BODY = Buffer.from('[{"event_label":"delivery","subject":"Gr\u00fc\u00dfe"}]\r\n');

const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

function parse(text: string, event?: string): readonly ParsedEvent[] {
  return webhooks.parse(webhookRequest(text, { query: event === undefined ? {} : { event } }));
}

describe('a signing key', () => {
  const digest = (body: Uint8Array = BODY, key = KEY): Buffer => createHmac('sha256', key).update(body).digest();
  const hex = digest().toString('hex');
  const base64 = digest().toString('base64');
  const signed = (signature: string | readonly string[] | undefined, query: WebhookHead['query'] = { token: TOKEN }) =>
    webhooks.authenticate(
      webhookRequest(BODY, { query, headers: { [HEADER]: signature } }),
      settings({ webhookSigningKey: KEY }),
    );

  it.each([hex, hex.toUpperCase(), base64, `sha256=${hex}`, `SHA256=${base64}`])(
    'accepts the signature %s, with the token',
    (signature) => {
      expect([signed(signature), signed([signature])]).toEqual(['verified', 'verified']);
      const wrong = [{}, { token: '' }, { token: TOKEN.toLowerCase() }, { token: [TOKEN, TOKEN] }];
      expect(wrong.map((query) => signed(signature, query))).toEqual(['missing', 'missing', 'invalid', 'invalid']);
    },
  );

  it.each<[string, string, string | readonly string[] | undefined]>([
    ['missing', 'none', undefined],
    ['missing', 'an empty one', ''],
    ['invalid', 'a duplicate', [hex, hex]],
    ['invalid', 'one of other bytes', digest(BODY.subarray(0, -2)).toString('hex')],
    ['invalid', 'one by another key', digest(BODY, `${KEY} `).toString('hex')],
    ['invalid', 'one by the token', digest(BODY, TOKEN).toString('hex')],
    ['invalid', 'one without a key', digest(BODY, '').toString('hex')],
    ['malformed', 'a part', hex.slice(2)],
    ['malformed', 'more', `${hex}00`],
    ['malformed', 'another algorithm', `sha1=${hex}`],
    ['malformed', 'base64 without its padding', base64.slice(0, -1)],
    ['malformed', 'two with a comma', `${hex},${hex}`],
  ])('reports as %s: %s', (expected, _what, signature) => {
    expect(signed(signature)).toBe(expected);
  });

  it('that is not set requires no signature', () => {
    const request = webhookRequest(BODY, { query: { token: TOKEN }, headers: { [HEADER]: 'nonsense' } });
    expect(webhooks.authenticate(request, settings({ webhookSigningKey: '' }))).toBe('verified');
  });

  it('needs the body only of a request whose head is complete', () => {
    const head = (query: WebhookHead['query'], headers: WebhookHead['headers']) =>
      webhooks.authenticateHead({ headers, query }, settings({ webhookSigningKey: KEY }));
    expect(head({ token: TOKEN }, { [HEADER]: 'x' })).toBe('needs_body');
    expect(head({ token: TOKEN }, {})).toBe('missing');
    expect(head({ token: 'x' }, { [HEADER]: 'x' })).toBe('invalid');
  });
});

describe('a body', () => {
  const malformed = [
    '[',
    '[{}',
    'null',
    '7',
    '"text"',
    '<html>',
    '[{"event_label":"open"},]',
    '\0',
    'event=open',
    '"a=[]"',
  ];
  it.each([...malformed, '=', '&&=', 'data=', 'data=[{', 'data=%5B1', '<a href="[]">'])('%j is not a batch', (text) => {
    expect(() => parse(text, 'opened')).toThrow(MalformedWebhookError);
  });

  it.each([' \r\n', '[]\r\n', ' { } ', 'data=[]', 'data=%7B%7D', 'a=1&data= [] '])('%j contains no event', (text) => {
    expect(parse(text, 'opened')).toEqual([]);
  });
});

describe('the deduplication key', () => {
  const keyOf = (one: object, event?: string): unknown =>
    (parse(JSON.stringify([one]), event)[0] as ParsedEvent & { deduplicationKey?: unknown }).deduplicationKey;

  it('contains everything else if there is nothing specific', () => {
    const account = { event_label: 'account', time: 1755453161, reason: 'suspended' };
    expect(keyOf({ ...account, reason: 'reactivated' })).not.toEqual(keyOf(account));
  });

  it('is that of one bounce, unless only the second report classifies the address as hard', () => {
    const bounce = { event_label: 'bounce', tracking_id: 't', rcpt_to: 'a@b.example', time: 1755444161 };
    const known = { ...bounce, resp_code: 550, resp_class: 10 };
    const again = { ...known, id: '2'.repeat(32), time: 1755444199 };
    expect(keyOf({ ...known, id: '1'.repeat(32) }, 'failed')).toEqual(keyOf(again, 'hard_bounced'));
    expect(keyOf(bounce, 'failed')).toEqual(keyOf({ ...bounce, resp_code: 450 }, 'failed'));
    expect(keyOf(bounce, 'failed')).not.toEqual(keyOf(bounce, 'hard_bounced'));
    expect(keyOf(known, 'failed')).not.toEqual(keyOf({ ...known, rcpt_to: 'b@b.example' }, 'failed'));
    expect(keyOf(known, 'failed')).not.toEqual(keyOf({ ...known, tracking_id: 'u' }, 'failed'));
  });
});

it('the URLs of the webhook contain the token, are shown for each event, and are accepted', () => {
  const url = 'https://crm.example/webhooks/v2/smtpcom/0198c6f2-7a1b-7c33-9d6e-000000000001';
  expect(webhooks.address(url, settings())).toBe(`${url}?token=${TOKEN}`);
  expect(webhooks.address(url, settings({ webhookToken: '' }))).toBe(url);
  const steps = webhooks.setupInstructions(url, settings());
  const values = steps.flatMap(({ value }) => value ?? []);
  const events = 'delivered failed hard_bounced bounceback queued complained opened clicked unsubscribed'.split(' ');
  expect(values).toEqual([...events.map((event) => `${url}?token=${TOKEN}&event=${event}`), `${url}?token=${TOKEN}`]);
  expect(JSON.stringify(steps)).toContain('acme_transactional');
  for (const value of values) {
    const query = Object.fromEntries(new URL(value).searchParams);
    const request = webhookRequest('[{"rcpt_to":"a@b.example","time":1755444161}]', { query });
    expect(webhooks.authenticate(request, settings())).toBe('verified');
    expect(webhooks.parse(request)).toMatchObject([{ ok: query['event'] !== undefined }]);
  }
});

it('requests of a thousand events are received, and their token is not stored', () => {
  expect(webhooks.bodyLimit).toBeGreaterThanOrEqual(4 * 1024 * 1024);
  expect(webhooks.bodyLimit).toBeLessThanOrEqual(10 * 1024 * 1024);
  expect(webhooks.parameters).toEqual(['event']);
});
