import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Diagnosis } from '@score-crm/adapter-kit';
import { jsonAnswer } from '@score-crm/adapter-kit/sandbox';
import { httpServer, silentProbe } from '@score-crm/adapter-kit/testing';
import { answers, SANDBOX_CHANNELS, SANDBOX_KEYS, SmtpcomSandbox } from '../sandbox/index.ts';
import { adapterFor, settings, withSandbox } from './support.ts';

const TO = ['ada@recipient.example', 'bob@recipient.example'];
const PASSED = { connectivity: 'passed', authentication: 'passed', sendPermission: 'passed', fromAddress: 'passed' };
const SKIPPED = {
  connectivity: 'skipped',
  authentication: 'skipped',
  sendPermission: 'skipped',
  fromAddress: 'skipped',
};
const MAY_NOT_SEND = { ...PASSED, sendPermission: 'failed', fromAddress: 'skipped' };
const ACCOUNT = jsonAnswer(200, { status: 'success', data: { status: 'active' } });

let sandbox: SmtpcomSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await SmtpcomSandbox.start({ verifiedSenders: ['@sender.example'] });
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

function statuses({ stages }: Diagnosis): string {
  return stages.map(({ stage, status }) => `${stage} ${status}`).join(', ');
}

describe('a test without recipients', () => {
  it('checks key and channel and sends nothing', async () => {
    const before = sandbox.mails.length;
    const diagnosis = await adapter.diagnose(settings(), silentProbe());
    expect(diagnosis).toMatchObject({ ok: true, checks: { ...PASSED, fromAddress: 'skipped' }, warnings: [] });
    expect(diagnosis).not.toHaveProperty('sent');
    expect(diagnosis).not.toHaveProperty('error');
    expect(statuses(diagnosis)).toBe(
      'connect passed, tls skipped, authenticate passed, sender skipped, recipient skipped, message skipped',
    );
    expect(sandbox.mails).toHaveLength(before);
  });

  it.each(['object', 'items', 'list'] as const)('parses a channel in the form %s', async (channelShape) => {
    await withSandbox({ channelShape }, async (other) => {
      const active = await adapterFor(other).diagnose(settings(), silentProbe());
      expect(active).toMatchObject({ ok: true, checks: { sendPermission: 'passed' } });
      const old = await adapterFor(other).diagnose(settings({ channel: SANDBOX_CHANNELS.canceled }), silentProbe());
      expect(old).toMatchObject({ ok: false, error: { code: 'permission_denied', reply: 'canceled' } });
    });
  });

  it.each([
    ['without a name', { status: 'active', quota: 5 }],
    [
      'among others',
      {
        items: [
          { name: 'another', status: 'canceled' },
          { name: 'acme_transactional', status: 'active' },
        ],
      },
    ],
    ['in another case', { name: 'acme_transactional', status: 'Active' }],
    ['without a status', { name: 'acme_transactional' }],
  ])('reads a channel %s', async (_how, data) => {
    sandbox.answerNext(ACCOUNT, jsonAnswer(200, { status: 'success', data }));
    expect(await adapter.diagnose(settings(), silentProbe())).toMatchObject({ ok: true });
  });

  it.each([
    ['404', answers.notFound],
    ['400', answers.invalid({ name: 'not found' })],
    [
      'the data of another',
      jsonAnswer(200, { status: 'success', data: { name: 'Acme_Transactional', status: 'active' } }),
    ],
    ['others', jsonAnswer(200, { status: 'success', data: { items: [{ name: 'another', status: 'active' }] } })],
    ['no channels', jsonAnswer(200, { status: 'success', data: { items: [] } })],
    ['no data', jsonAnswer(200, { status: 'success', data: {} })],
    ['odd data', jsonAnswer(200, { status: 'success', data: { items: [null, 5, 'acme_transactional'] } })],
  ])('detects by %s that there is no such channel', async (_what, answer) => {
    sandbox.answerNext(ACCOUNT, answer);
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to: TO }));
    expect(diagnosis).toMatchObject({
      ok: false,
      error: { code: 'invalid_request', fault: 'configuration', pointer: '/channel' },
    });
    expect(diagnosis.checks).toEqual(MAY_NOT_SEND);
  });

  it.each(['a/b', '../account', 'a?b#c', 'a%2fb', 'Ünï 1'])('reads exactly the channel %j', async (channel) => {
    const paths: string[] = [];
    const odd = await httpServer(({ url = '' }, response) => {
      paths.push(url);
      response.end(JSON.stringify({ status: 'success', data: { name: channel, status: 'active' } }));
    });
    expect(await adapterFor(odd).diagnose(settings({ channel }), silentProbe())).toMatchObject({ ok: true });
    expect(paths).toEqual(['/v4/account/', `/v4/channels/${encodeURIComponent(channel)}`]);
    await odd.close();
  });
});

describe('a test with recipients', () => {
  it('sends one message to all of them', async () => {
    const before = sandbox.mails.length;
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to: TO }));
    expect(diagnosis).toMatchObject({ ok: true, checks: PASSED, sent: { accepted: TO, rejected: [] } });
    expect(statuses(diagnosis)).toContain('sender passed, recipient passed, message passed');
    expect(sandbox.mails.slice(before)).toMatchObject([
      { messageId: diagnosis.sent?.messageId, subject: '[TEST] Welcome', recipients: TO },
    ]);
  });

  it('detects an unverified sender', async () => {
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to: TO, from: { email: 'x@other.example' } }));
    expect(diagnosis).toMatchObject({
      ok: false,
      checks: { ...PASSED, fromAddress: 'failed' },
      error: { code: 'sender_not_verified', stage: 'sender', fault: 'sender' },
    });
  });
});

describe('a failure', () => {
  it.each<[string, object, string, object]>([
    [
      'a wrong key',
      { apiKey: 'e'.repeat(40) },
      'authentication_failed',
      { ...SKIPPED, connectivity: 'passed', authentication: 'failed' },
    ],
    ['a key without permission', { apiKey: SANDBOX_KEYS.forbidden }, 'permission_denied', MAY_NOT_SEND],
    ['a canceled channel', { channel: SANDBOX_CHANNELS.canceled }, 'permission_denied', MAY_NOT_SEND],
    ['an unknown channel', { channel: 'acme_Transactional' }, 'invalid_request', MAY_NOT_SEND],
    ['no quota', { apiKey: SANDBOX_KEYS.noQuota }, 'quota_exceeded', MAY_NOT_SEND],
    [
      'an unverified sender',
      { apiKey: SANDBOX_KEYS.unverifiedSender },
      'sender_not_verified',
      { ...PASSED, fromAddress: 'failed' },
    ],
    ['too many calls', { apiKey: SANDBOX_KEYS.rateLimited }, 'rate_limited', { ...SKIPPED, connectivity: 'passed' }],
    [
      'trouble',
      { apiKey: SANDBOX_KEYS.serverError },
      'temporarily_unavailable',
      { ...SKIPPED, connectivity: 'passed' },
    ],
    ['a gateway', { apiKey: SANDBOX_KEYS.notJson }, 'temporarily_unavailable', { ...SKIPPED, connectivity: 'passed' }],
  ])('detects %s', async (_what, changes, code, checks) => {
    const diagnosis = await adapter.diagnose(settings(changes), silentProbe({ to: TO }));
    expect(diagnosis).toMatchObject({ ok: false, error: { code } });
    expect(diagnosis.checks).toEqual(checks);
    expect(diagnosis.stages.filter(({ status }) => status === 'failed')).toEqual([
      { stage: diagnosis.error?.stage, status: 'failed' },
    ]);
  });

  it('detects an inactive account', async () => {
    sandbox.answerNext(jsonAnswer(200, { status: 'success', data: { status: 'suspended' } }));
    const diagnosis = await adapter.diagnose(settings(), silentProbe());
    expect(diagnosis).toMatchObject({ ok: false, error: { code: 'permission_denied', reply: 'suspended' } });
    expect(diagnosis.checks).toEqual(MAY_NOT_SEND);
  });

  it('does not show a status that is the key', async () => {
    sandbox.answerNext(jsonAnswer(200, { status: 'success', data: { status: SANDBOX_KEYS.working } }));
    const diagnosis = await adapter.diagnose(settings(), silentProbe());
    expect(diagnosis).toMatchObject({ ok: false, error: { code: 'permission_denied', reply: '[redacted]' } });
  });

  it.each([
    ['no JSON', { status: 200, body: '<html>' }],
    ['other JSON', { status: 200, body: '{"account":"active"}' }],
    ['null', { status: 200, body: 'null' }],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
  ])('with a base URL that is not SMTP.com’s is reported: %s', async (_what, answer) => {
    sandbox.answerNext(answer);
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to: TO }));
    expect(diagnosis).toMatchObject({ ok: false, error: { code: 'invalid_response' } });
    expect(diagnosis.checks).toEqual({ ...SKIPPED, connectivity: 'passed' });
  });

  it('between key and channel, or channel and message, keeps earlier results', async () => {
    sandbox.answerNext(ACCOUNT, answers.serverError);
    const early = await adapter.diagnose(settings(), silentProbe({ to: TO }));
    expect(early.checks).toEqual({ ...PASSED, sendPermission: 'skipped', fromAddress: 'skipped' });
    sandbox.answerNext(
      ACCOUNT,
      jsonAnswer(200, { status: 'success', data: { status: 'active' } }),
      answers.serverError,
    );
    const late = await adapter.diagnose(settings(), silentProbe({ to: TO }));
    expect(late.checks).toEqual({ ...PASSED, fromAddress: 'skipped' });
    expect(statuses(late)).toContain('authenticate passed, sender skipped, recipient skipped, message failed');
  });
});
