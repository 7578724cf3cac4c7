import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { MalformedWebhookError, type ParsedEvent, type WebhookHead } from '@score-crm/adapter-kit';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { adapterFor, settings, TOKEN } from './support.ts';

const HEADER = 'x-smtpcom-signature';
const KEY = 'a signing key: ключ';
const OTHER = TOKEN.split('').toReversed().join('');
const BODY = Buffer.from('[{"event_label":"delivery","subject":"Gr\u00fc\u00dfe"}]\r\n');

const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

type Json = Record<string, unknown>;

function parse(text: string, event?: string): readonly ParsedEvent[] {
  return webhooks.parse(webhookRequest(text, { query: event === undefined ? {} : { event } }));
}

describe('the token in the URL', () => {
  it('is required next to other parameters', () => {
    const verdict = (query: WebhookHead['query']): string =>
      webhooks.authenticate(webhookRequest(BODY, { query }), settings());
    expect(verdict({ token: TOKEN, event: ['a', 'b'], x: '' })).toBe('verified');
    expect(verdict({ event: 'delivered', Token: TOKEN })).toBe('missing');
    expect(verdict({ token: TOKEN.toUpperCase() })).toBe('invalid');
  });
});

describe('a signing key', () => {
  const digest = (body: Uint8Array = BODY, key = KEY): Buffer => createHmac('sha256', key).update(body).digest();
  const signed = (signature: string | readonly string[] | undefined, query: WebhookHead['query'] = { token: TOKEN }) =>
    webhooks.authenticate(
      webhookRequest(BODY, { query, headers: { [HEADER]: signature } }),
      settings({ webhookSigningKey: KEY }),
    );

  it.each([
    ['hexadecimal', digest().toString('hex')],
    ['capitals', digest().toString('hex').toUpperCase()],
    ['base64', digest().toString('base64')],
    ['a name before it', `sha256=${digest().toString('hex')}`],
    ['a name before base64', `SHA256=${digest().toString('base64')}`],
  ])('accepts a signature in %s, with the token', (_form, signature) => {
    expect(signed(signature)).toBe('verified');
    expect(signed([signature])).toBe('verified');
    expect(signed(signature, {})).toBe('missing');
    expect(signed(signature, { token: '' })).toBe('missing');
    expect(signed(signature, { token: OTHER })).toBe('invalid');
    expect(signed(signature, { token: [TOKEN, TOKEN] })).toBe('invalid');
  });

  it.each<[string, string | readonly string[] | undefined, string]>([
    ['none', undefined, 'missing'],
    ['an empty one', '', 'missing'],
    ['a duplicate', [digest().toString('hex'), digest().toString('hex')], 'invalid'],
    ['one of other bytes', digest(BODY.subarray(0, -2)).toString('hex'), 'invalid'],
    ['one by another key', digest(BODY, `${KEY} `).toString('hex'), 'invalid'],
    ['one by the token', digest(BODY, TOKEN).toString('hex'), 'invalid'],
    ['one without a key', digest(BODY, '').toString('hex'), 'invalid'],
    ['random bytes', randomBytes(32).toString('hex'), 'invalid'],
    ['a part', digest().toString('hex').slice(2), 'malformed'],
    ['more', `${digest().toString('hex')}00`, 'malformed'],
    ['another algorithm', `sha1=${digest().toString('hex')}`, 'malformed'],
    ['base64 without its padding', digest().toString('base64').slice(0, -1), 'malformed'],
    ['words', 'trust me', 'malformed'],
    ['two with a comma', `${digest().toString('hex')},${digest().toString('hex')}`, 'malformed'],
  ])('rejects %s', (_what, signature, expected) => {
    expect(signed(signature)).toBe(expected);
  });

  it('rejects any byte of the body changed', () => {
    const signature = digest().toString('hex');
    for (let index = 0; index < BODY.length; index += 1) {
      const altered = Buffer.from(BODY);
      altered[index] = (altered[index] ?? 0) ^ 1;
      const request = webhookRequest(altered, { query: { token: TOKEN }, headers: { [HEADER]: signature } });
      expect(webhooks.authenticate(request, settings({ webhookSigningKey: KEY }))).toBe('invalid');
    }
  });

  it('that is not set requires no signature', () => {
    for (const webhookSigningKey of ['', undefined]) {
      const request = webhookRequest(BODY, { query: { token: TOKEN }, headers: { [HEADER]: 'nonsense' } });
      expect(webhooks.authenticate(request, settings({ webhookSigningKey } as { webhookSigningKey: string }))).toBe(
        'verified',
      );
    }
  });
});

describe('the head of a request', () => {
  it.each<[WebhookHead['query'], WebhookHead['headers'], string]>([
    [{ token: TOKEN }, { [HEADER]: 'x' }, 'needs_body'],
    [{ token: TOKEN }, {}, 'missing'],
    [{ token: 'x' }, { [HEADER]: 'x' }, 'invalid'],
  ])('with %j and %j is %s if a signing key is set', (query, headers, expected) => {
    expect(webhooks.authenticateHead({ headers, query }, settings({ webhookSigningKey: KEY }))).toBe(expected);
  });
});

describe('a body', () => {
  it.each(
    ['[', '[{}', 'null', 'true', '7', '"text"', '<html>', '[{"event_label":"open"},]', '\u0000', 'event=open'].concat([
      '"a=[]"',
      '=',
      '&&=',
      'data=',
      'data=[{',
      'data=%5B1',
      '<a href="[]">',
    ]),
  )('%j is not a batch', (text) => {
    expect(() => parse(text, 'opened')).toThrow(MalformedWebhookError);
  });

  it.each(['', ' \r\n', '[]', '[]\r\n', '{}', ' { } ', 'data=[]', 'data=%7B%7D', 'a=1&data= [] '])(
    '%j contains no event',
    (text) => {
      expect(parse(text, 'opened')).toEqual([]);
    },
  );
});

describe('the deduplication key', () => {
  const keyOf = (one: Json, event?: string): unknown =>
    (parse(JSON.stringify([one]), event)[0] as ParsedEvent & { deduplicationKey?: unknown }).deduplicationKey;

  it('contains everything else if there is nothing specific', () => {
    const account = { event_label: 'account', time: 1755453161, reason: 'suspended' };
    expect(keyOf({ ...account, reason: 'reactivated' })).not.toEqual(keyOf(account));
  });

  it('is that of one bounce, unless only the second report classifies the address as hard', () => {
    const bounce = { event_label: 'bounce', tracking_id: 't', rcpt_to: 'a@b.example', time: 1755444161 };
    const known = { ...bounce, resp_code: 550, resp_class: 10 };
    expect(keyOf({ ...known, id: '1'.repeat(32) }, 'failed')).toEqual(
      keyOf({ ...known, id: '2'.repeat(32), time: 1755444199 }, 'hard_bounced'),
    );
    expect(keyOf(bounce, 'failed')).toEqual(keyOf({ ...bounce, resp_code: 450 }, 'failed'));
    expect(keyOf(bounce, 'failed')).not.toEqual(keyOf(bounce, 'hard_bounced'));
    expect(keyOf(known, 'failed')).not.toEqual(keyOf({ ...known, rcpt_to: 'b@b.example' }, 'failed'));
    expect(keyOf(known, 'failed')).not.toEqual(keyOf({ ...known, tracking_id: 'u' }, 'failed'));
  });
});

describe('the URLs of the webhook', () => {
  const url = 'https://crm.example/webhooks/v2/smtpcom/0198c6f2-7a1b-7c33-9d6e-000000000001';

  it('contain the token as stored', () => {
    expect(webhooks.address(url, settings())).toBe(`${url}?token=${TOKEN}`);
    expect(webhooks.address(url, settings({ webhookToken: '••••' }))).toBe(`${url}?token=••••`);
    expect(webhooks.address(url, settings({ webhookToken: '' }))).toBe(url);
  });

  it('are shown for each event, and accepted by the receiver', () => {
    const steps = webhooks.setupInstructions(url, settings());
    const events = ['delivered', 'failed', 'hard_bounced', 'bounceback', 'queued', 'complained', 'opened'];
    const values = steps.flatMap(({ value }) => value ?? []);
    expect(values).toEqual([
      ...[...events, 'clicked', 'unsubscribed'].map((event) => `${url}?token=${TOKEN}&event=${event}`),
      `${url}?token=${TOKEN}`,
    ]);
    expect(JSON.stringify(steps)).toContain('acme_transactional');
    for (const value of values) {
      const query = Object.fromEntries(new URL(value).searchParams);
      const request = webhookRequest('[{"rcpt_to":"a@b.example","time":1755444161}]', { query });
      expect(webhooks.authenticate(request, settings())).toBe('verified');
      expect(webhooks.parse(request)).toMatchObject([{ ok: query['event'] !== undefined }]);
    }
  });

  it('are received for a thousand events and more, without keeping the token', () => {
    expect(webhooks.bodyLimit).toBeGreaterThanOrEqual(4 * 1024 * 1024);
    expect(webhooks.bodyLimit).toBeLessThanOrEqual(10 * 1024 * 1024);
    expect(webhooks.parameters).toEqual(['event']);
  });
});
