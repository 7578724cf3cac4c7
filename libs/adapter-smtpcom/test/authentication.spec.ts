import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { WebhookHead, WebhookHeadVerdict } from '@score-crm/adapter-kit';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { adapterFor, settings, TOKEN } from './support.ts';

const HEADER = 'x-smtpcom-signature';
const KEY = 'a signing key: ключ';
const OTHER = TOKEN.split('').toReversed().join('');
const BODY = Buffer.from('[{"event_label":"delivery","subject":"Gr\u00fc\u00dfe"}]\r\n');

const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

function verdict(query: WebhookHead['query'], overrides: Parameters<typeof settings>[0] = {}): string {
  return webhooks.authenticate(webhookRequest(BODY, { query }), settings(overrides));
}

describe('the token in the URL', () => {
  it('verifies a request with any other query parameters', () => {
    expect(verdict({ token: TOKEN })).toBe('verified');
    expect(verdict({ token: TOKEN, event: 'delivered' })).toBe('verified');
    expect(verdict({ token: TOKEN, event: ['a', 'b'], x: '' })).toBe('verified');
    expect(verdict({ token: [TOKEN] })).toBe('verified');
  });

  it('is rejected with any character changed, removed or added', () => {
    for (let index = 0; index < TOKEN.length; index += 1) {
      const [before, after] = [TOKEN.slice(0, index), TOKEN.slice(index + 1)];
      const other = TOKEN[index] === 'A' ? 'B' : 'A';
      for (const changed of [other, '', `${TOKEN[index] ?? ''}${other}`, `${TOKEN[index] ?? ''} `]) {
        expect(verdict({ token: before + changed + after })).toBe('invalid');
      }
    }
  });

  it.each<[string, WebhookHead['query'], string]>([
    ['another', { token: OTHER }, 'invalid'],
    ['a part', { token: TOKEN.slice(0, -1) }, 'invalid'],
    ['another case', { token: TOKEN.toUpperCase() }, 'invalid'],
    ['the same twice', { token: [TOKEN, TOKEN] }, 'invalid'],
    ['it and another', { token: [TOKEN, OTHER] }, 'invalid'],
    ['another and it', { token: [OTHER, TOKEN] }, 'invalid'],
    ['none', {}, 'missing'],
    ['an empty one', { token: '' }, 'missing'],
    ['empty ones', { token: ['', ''] }, 'invalid'],
    ['no value at all', { token: [] }, 'missing'],
    ['another name', { Token: TOKEN, key: TOKEN }, 'missing'],
    ['very much', { token: TOKEN.repeat(10_000) }, 'invalid'],
  ])('%s is not sufficient', (_what, query, expected) => {
    expect(verdict(query)).toBe(expected);
  });

  it.each([undefined, ''])('a connection without one, %j, accepts nothing', (webhookToken) => {
    const none = { webhookToken } as { webhookToken: string };
    for (const query of [{}, { token: '' }, { token: TOKEN }, { token: 'undefined' }, { token: 'null' }]) {
      expect(verdict(query, none)).toBe('not_configured');
      expect(verdict(query, { ...none, webhookSigningKey: KEY })).toBe('not_configured');
    }
  });

  it('is independent of the body and its headers', () => {
    const request = webhookRequest(`token=${TOKEN}`, { headers: { token: TOKEN, authorization: `Bearer ${TOKEN}` } });
    expect(webhooks.authenticate(request, settings())).toBe('missing');
  });
});

describe('the head of a request', () => {
  it.each<[WebhookHead['query'], WebhookHeadVerdict]>([
    [{ token: TOKEN }, 'verified'],
    [{ token: 'x' }, 'invalid'],
    [{ token: [TOKEN, 'y'] }, 'invalid'],
    [{ token: '' }, 'missing'],
    [{}, 'missing'],
    [{ event: 'delivered' }, 'missing'],
  ])('with %j is %j without the body', (query, expected) => {
    expect(webhooks.authenticateHead({ headers: {}, query }, settings())).toBe(expected);
    expect(webhooks.authenticateHead({ headers: { token: TOKEN, [HEADER]: 'x' }, query }, settings())).toBe(expected);
  });

  it('needs the body only for a signature with the right token', () => {
    const signing = settings({ webhookSigningKey: KEY });
    const verdict = (query: WebhookHead['query'], headers: WebhookHead['headers']) =>
      webhooks.authenticateHead({ headers, query }, signing);
    expect(verdict({ token: TOKEN }, { [HEADER]: 'x' })).toBe('needs_body');
    expect(verdict({ token: TOKEN }, {})).toBe('missing');
    expect(verdict({ token: 'x' }, { [HEADER]: 'x' })).toBe('invalid');
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
