import { describe, expect, it } from '@jest/globals';
import type { WebhookHeadVerdict } from '@score-crm/adapter-kit';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import type { SparkpostSettings } from '@score-crm/adapter-sparkpost';
import { adapterFor, settings, WEBHOOK_PASSWORD } from './support.ts';

const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });
const TOKEN = 'legacy-token-0123456789';
const USER = 'score-crm';

type Header = string | readonly string[] | undefined;

function basic(username = USER, password = WEBHOOK_PASSWORD): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function verdict(headers: Record<string, Header>, overrides: Partial<SparkpostSettings> = {}): string {
  return webhooks.authenticate(webhookRequest('[{"msys":{}}]', { headers }), settings(overrides));
}

describe('Basic credentials', () => {
  it('authenticate a request with any body', () => {
    for (const body of ['', '[]', 'garbage', '[{"msys":{}}]']) {
      const request = webhookRequest(body, { headers: { authorization: basic() } });
      expect(webhooks.authenticate(request, settings())).toBe('verified');
    }
  });

  it.each<[string, Header, string]>([
    ['absent', undefined, 'missing'],
    ['empty', '', 'missing'],
    ['an empty list', [], 'missing'],
    ['as a list of one', [basic()], 'verified'],
    ['with the scheme in lowercase', basic().replace('Basic', 'basic'), 'verified'],
    ['with two spaces', basic().replace(' ', '  '), 'verified'],
    ['twice', [basic(), basic()], 'invalid'],
    ['twice, one of them wrong', ['Basic x', basic()], 'invalid'],
    ['twice in one value', `${basic()}, ${basic()}`, 'malformed'],
    ['with another password', basic(USER, 'another-password'), 'invalid'],
    ['with another user', basic('another'), 'invalid'],
    ['with a password that is longer', basic(USER, `${WEBHOOK_PASSWORD}x`), 'invalid'],
    ['with a password that is shorter', basic(USER, WEBHOOK_PASSWORD.slice(0, -1)), 'invalid'],
    ['with a password in another case', basic(USER, WEBHOOK_PASSWORD.toLowerCase()), 'invalid'],
    ['without a password', basic(USER, ''), 'invalid'],
    ['without a user', basic(''), 'invalid'],
    ['with user and password exchanged', basic(WEBHOOK_PASSWORD, USER), 'invalid'],
    ['of another scheme', `Bearer ${WEBHOOK_PASSWORD}`, 'malformed'],
    ['of only the password', WEBHOOK_PASSWORD, 'malformed'],
    ['that are not base64', 'Basic !?ä', 'malformed'],
    [
      'of base64 of another alphabet',
      `Basic ${Buffer.from(`${USER}:\u00ff\u00ff`, 'latin1').toString('base64url')}`,
      'malformed',
    ],
    ['of base64 without its padding', 'Basic YTpiYw', 'malformed'],
    ['without a colon', `Basic ${Buffer.from('nocolon').toString('base64')}`, 'malformed'],
    ['of only the scheme', 'Basic ', 'malformed'],
    ['without end', `Basic ${'QTpB'.repeat(1_000_000)}`, 'invalid'],
  ])('%s', (_what, authorization, expected) => {
    expect(verdict({ authorization })).toBe(expected);
  });

  it('are rejected with any character changed', () => {
    const whole = basic();
    for (let at = 'Basic '.length; at < whole.length; at += 1) {
      const changed = whole.slice(0, at) + (whole[at] === 'A' ? 'B' : 'A') + whole.slice(at + 1);
      expect([changed, verdict({ authorization: changed })]).not.toContain('verified');
    }
  });

  it('can have a password with a colon, and any username', () => {
    const own = { webhookUsername: 'acme/hook', webhookPassword: 'a:b:c:0123456789' };
    expect(verdict({ authorization: basic('acme/hook', 'a:b:c:0123456789') }, own)).toBe('verified');
  });
});

describe('the token of legacy webhooks', () => {
  const old = { webhookToken: TOKEN };
  const header = 'X-MessageSystems-Webhook-Token';

  it.each<[string, Record<string, Header>, string]>([
    ['authenticates a request', { [header]: TOKEN }, 'verified'],
    ['absent', {}, 'missing'],
    ['empty', { [header]: '' }, 'missing'],
    ['twice', { [header]: [TOKEN, TOKEN] }, 'invalid'],
    ['wrong', { [header]: `${TOKEN}x` }, 'invalid'],
    ['with the right credentials', { [header]: TOKEN, authorization: basic() }, 'verified'],
    ['wrong with the right credentials', { [header]: 'wrong', authorization: basic() }, 'invalid'],
    ['with wrong credentials', { [header]: TOKEN, authorization: basic('x') }, 'invalid'],
    ['with malformed credentials', { [header]: TOKEN, authorization: 'Basic' }, 'malformed'],
    ['missing with the right credentials', { authorization: basic() }, 'verified'],
  ])('%s', (_what, headers, expected) => {
    expect(verdict(headers, old)).toBe(expected);
  });

  it('does not authenticate for a connection without one', () => {
    expect(verdict({ [header]: TOKEN })).toBe('missing');
    expect(verdict({ [header]: '' })).toBe('missing');
  });

  it("can be a connection's only secret", () => {
    const alone = settings({ webhookToken: TOKEN });
    delete alone.webhookPassword;
    expect(webhooks.authenticate(webhookRequest('', { headers: { [header]: TOKEN } }), alone)).toBe('verified');
    expect(webhooks.authenticate(webhookRequest('', { headers: { authorization: basic() } }), alone)).toBe('missing');
  });
});

describe('a connection with neither', () => {
  it.each([undefined, ''])('accepts nothing (%p)', (nothing) => {
    const bare = Object.assign(settings(), { webhookPassword: nothing, webhookToken: nothing });
    for (const authorization of [basic(), basic(USER, ''), 'Basic Og==', undefined]) {
      expect(webhooks.authenticate(webhookRequest('', { headers: { authorization } }), bare)).toBe('not_configured');
    }
  });
});

describe('the head of a request', () => {
  it.each<[Record<string, Header>, WebhookHeadVerdict]>([
    [{}, 'missing'],
    [{ authorization: '' }, 'missing'],
    [{ authorization: [] }, 'missing'],
    [{ 'x-messagesystems-batch-id': '1' }, 'missing'],
    [{ authorization: 'anything' }, 'malformed'],
    [{ authorization: ['a', 'b'] }, 'invalid'],
    [{ authorization: basic(USER, 'wrong') }, 'invalid'],
    [{ authorization: basic() }, 'verified'],
  ])('%j is %p without the body', (headers, expected) => {
    expect(webhooks.authenticateHead({ headers, query: {} }, settings())).toBe(expected);
  });
});
