import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MalformedWebhookError, type ParsedEvent, type WebhookHead } from '@score-crm/adapter-kit';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { adapterFor, settings, TOKEN } from './support.ts';

const HEADER = 'x-smtpcom-signature';
const KEY = 'a signing key: ключ';
const OTHER = TOKEN.split('').toReversed().join('');
const BODY = Buffer.from('[{"event_label":"delivery","subject":"Gr\u00fc\u00dfe"}]\r\n');
const FOLDER = new URL('fixtures/', import.meta.url);

const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

type Json = Record<string, unknown>;

function read(name: string): Buffer {
  return readFileSync(new URL(name, FOLDER));
}

function expectedOf(name: string): unknown[] {
  return JSON.parse(read(`${name.replace(/(?:\.request)?\.(?:json|raw)$/, '')}.expected.json`).toString()) as unknown[];
}

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

  it('is parsed the same as one batch and as several, in JSON and in a form', () => {
    const [delivery, bounce, open] = ['delivery', 'bounce', 'open'].map((name) => expectedOf(`${name}.json`)[0]);
    expect(expectedOf('batch-mixed.json')).toEqual([delivery, bounce, open]);
    const [old, failed] = ['legacy-delivery', 'legacy-bounce'].map((name) => expectedOf(`${name}.json`)[0]);
    expect(expectedOf('legacy-form.raw')).toEqual([old, failed]);
  });
});

describe('the deduplication key', () => {
  const deduplicationKeys = (name: string): unknown[] =>
    expectedOf(name).map((parsed) => (parsed as { deduplicationKey?: unknown }).deduplicationKey);

  it('is that of one bounce, for any event that reports it', () => {
    const [bounce] = deduplicationKeys('bounce.json');
    expect(deduplicationKeys('bounce-to-failed.request.json')).toEqual([bounce]);
    expect(deduplicationKeys('bounce-to-hard-bounced.request.json')).toEqual([bounce]);
    expect(deduplicationKeys('legacy-bounce.json')).toEqual([bounce]);
    expect(deduplicationKeys('bounce-to-bounceback.request.json')).not.toEqual([bounce]);
  });

  it('differs between all events of one message', () => {
    const names = [
      'received-and-queued',
      'delivery',
      'bounce',
      'bounceback',
      'open',
      'click',
      'complaint',
      'unsubscribe',
    ];
    const all = names
      .flatMap((name) => deduplicationKeys(`${name}.json`))
      .map((deduplicationKey) => JSON.stringify(deduplicationKey));
    expect(new Set(all).size).toBe(all.length);
  });

  const deduplicationKeyOf = (one: Json, event?: string): unknown =>
    (parse(JSON.stringify([one]), event)[0] as ParsedEvent & { deduplicationKey?: unknown }).deduplicationKey;

  it('contains everything else if there is nothing specific', () => {
    const account = { event_label: 'account', time: 1755453161, reason: 'suspended' };
    expect(deduplicationKeyOf({ ...account, reason: 'reactivated' })).not.toEqual(deduplicationKeyOf(account));
    expect(deduplicationKeyOf(Object.fromEntries(Object.entries(account).toReversed()))).toEqual(
      deduplicationKeyOf(account),
    );
  });

  it('is that of one bounce, unless only the second report classifies the address as hard', () => {
    const bounce = { event_label: 'bounce', tracking_id: 't', rcpt_to: 'a@b.example', time: 1755444161 };
    const known = { ...bounce, resp_code: 550, resp_class: 10 };
    expect(deduplicationKeyOf({ ...known, id: '1'.repeat(32) }, 'failed')).toEqual(
      deduplicationKeyOf({ ...known, id: '2'.repeat(32), time: 1755444199 }, 'hard_bounced'),
    );
    expect(deduplicationKeyOf(bounce, 'failed')).toEqual(deduplicationKeyOf({ ...bounce, resp_code: 450 }, 'failed'));
    expect(deduplicationKeyOf(bounce, 'failed')).not.toEqual(deduplicationKeyOf(bounce, 'hard_bounced'));
    expect(deduplicationKeyOf(known, 'failed')).not.toEqual(
      deduplicationKeyOf({ ...known, rcpt_to: 'b@b.example' }, 'failed'),
    );
    expect(deduplicationKeyOf(known, 'failed')).not.toEqual(
      deduplicationKeyOf({ ...known, tracking_id: 'u' }, 'failed'),
    );
  });
});
