import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Diagnosis, Mailbox } from '@score-crm/adapter-kit';
import { jsonAnswer } from '@score-crm/adapter-kit/sandbox';
import { httpServer, plainMessage, silentProbe } from '@score-crm/adapter-kit/testing';
import { answers, MailgunSandbox, SANDBOX_DOMAINS, SANDBOX_KEYS } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const TO = ['ada@recipient.example', 'bob@recipient.example'];
const PASSED = { connectivity: 'passed', authentication: 'passed', sendPermission: 'passed', fromAddress: 'passed' };
const SKIPPED = {
  connectivity: 'skipped',
  authentication: 'skipped',
  sendPermission: 'skipped',
  fromAddress: 'skipped',
};
const KEY_IS_FINE = { ...SKIPPED, connectivity: 'passed', authentication: 'passed' };
const ACTIVE = jsonAnswer(200, { domain: { state: 'active' } });

let sandbox: MailgunSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await MailgunSandbox.start({ verifiedSenders: ['@sender.example'] });
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

function statuses({ stages }: Diagnosis): string {
  return stages.map(({ stage, status }) => `${stage} ${status}`).join(', ');
}

describe('a test without recipients', () => {
  it('checks key, domain and sender, and sends nothing', async () => {
    const before = sandbox.mails.length;
    const diagnosis = await adapter.diagnose(settings(), silentProbe());
    expect(diagnosis).toMatchObject({ ok: true, checks: PASSED, warnings: [] });
    expect(diagnosis).not.toHaveProperty('sent');
    expect(diagnosis).not.toHaveProperty('error');
    expect(statuses(diagnosis)).toBe(
      'connect passed, tls skipped, authenticate passed, sender passed, recipient skipped, message skipped',
    );
    expect(sandbox.mails).toHaveLength(before);
  });

  it('without a sender only checks key and domain', async () => {
    const { from: _from, ...anonymous } = silentProbe();
    const diagnosis = await adapter.diagnose(settings(), anonymous);
    expect(diagnosis).toMatchObject({ ok: true, checks: { ...PASSED, fromAddress: 'skipped' } });
  });

  it.each(['a@mg.sender.example', 'a@SENDER.example', 'a@news.mg.sender.example'])(
    'passes the sender %s of the domain',
    async (email) => {
      expect((await adapter.diagnose(settings(), silentProbe({ from: { email } }))).checks).toEqual(PASSED);
    },
  );

  it.each(['a@other.example', 'a@notsender.example', 'a@xmg.sender.example.org', 'nobody'])(
    'reports that the sender %s is of another domain',
    async (email) => {
      const diagnosis = await adapter.diagnose(settings(), silentProbe({ from: { email } }));
      expect(diagnosis).toMatchObject({ ok: true, checks: { ...PASSED, fromAddress: 'skipped' } });
      expect(diagnosis.stages.find(({ stage }) => stage === 'sender')?.detail).toContain('mg.sender.example');
    },
  );

  it('accepts a sending key, which cannot read its domain', async () => {
    const diagnosis = await adapter.diagnose(settings({ apiKey: SANDBOX_KEYS.sending }), silentProbe());
    expect(diagnosis).toMatchObject({ ok: true, checks: { ...PASSED, fromAddress: 'skipped' } });
    expect(diagnosis.stages.find(({ stage }) => stage === 'sender')?.detail).toContain('sending key');
  });
});

describe('a test with recipients', () => {
  it.each([SANDBOX_KEYS.working, SANDBOX_KEYS.sending])('sends one message to all of them with %s', async (apiKey) => {
    const before = sandbox.mails.length;
    const diagnosis = await adapter.diagnose(settings({ apiKey }), silentProbe({ to: TO }));
    expect(diagnosis).toMatchObject({ ok: true, checks: PASSED, sent: { accepted: TO, rejected: [] } });
    expect(statuses(diagnosis)).toContain('sender passed, recipient passed, message passed');
    expect(sandbox.mails.slice(before)).toMatchObject([
      { messageId: diagnosis.sent?.messageId, subject: '[TEST] Welcome', sandboxed: false },
    ]);
  });

  it('requires a sender', async () => {
    const { from: _from, ...anonymous } = silentProbe({ to: TO });
    const diagnosis = await adapter.diagnose(settings(), anonymous);
    expect(diagnosis).toMatchObject({
      ok: false,
      checks: { ...PASSED, fromAddress: 'failed' },
      error: { code: 'sender_missing', pointer: '/from' },
    });
  });

  it.each([
    ['more than ten', Array.from({ length: 11 }, (_, index) => `r${String(index)}@recipient.example`), '/to'],
    ['an invalid one', ['victim@example.org>\r\nDATA'], '/to/0/email'],
    ['a duplicate', ['a@b.example', 'A@b.example'], '/to/1/email'],
  ])('rejects %s', async (_what, to, pointer) => {
    const before = sandbox.mails.length;
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to }));
    expect(diagnosis).toMatchObject({ ok: false, error: { code: 'invalid_request', stage: 'recipient', pointer } });
    expect(diagnosis.checks).toEqual({ ...PASSED, fromAddress: 'skipped' });
    expect(sandbox.mails).toHaveLength(before);
  });

  it('detects an unverified sender', async () => {
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to: TO, from: { email: 'x@other.example' } }));
    expect(diagnosis).toMatchObject({
      ok: false,
      checks: { ...PASSED, fromAddress: 'failed' },
      error: { code: 'sender_not_verified', stage: 'sender' },
    });
  });
});

describe('a failure', () => {
  it.each([
    ['wrong', 'authentication_failed', { ...SKIPPED, connectivity: 'passed', authentication: 'failed' }],
    [SANDBOX_KEYS.analyst, 'permission_denied', { ...KEY_IS_FINE, sendPermission: 'failed' }],
    [SANDBOX_KEYS.limited, 'quota_exceeded', { ...KEY_IS_FINE, sendPermission: 'failed' }],
    [SANDBOX_KEYS.rateLimited, 'rate_limited', { ...SKIPPED, connectivity: 'passed' }],
    [SANDBOX_KEYS.serverError, 'temporarily_unavailable', { ...SKIPPED, connectivity: 'passed' }],
    [SANDBOX_KEYS.notJson, 'temporarily_unavailable', { ...SKIPPED, connectivity: 'passed' }],
  ])('with the key %s is %s', async (apiKey, code, checks) => {
    const diagnosis = await adapter.diagnose(settings({ apiKey }), silentProbe({ to: TO }));
    expect(diagnosis).toMatchObject({ ok: false, error: { code } });
    expect(diagnosis.checks).toEqual(checks);
    expect(diagnosis.stages.filter(({ status }) => status === 'failed')).toEqual([
      { stage: diagnosis.error?.stage, status: 'failed' },
    ]);
  });

  it.each([
    [SANDBOX_DOMAINS.unverified, 'sender_not_verified', 'sender', { ...KEY_IS_FINE, fromAddress: 'failed' }],
    [SANDBOX_DOMAINS.disabled, 'permission_denied', 'message', { ...KEY_IS_FINE, sendPermission: 'failed' }],
    ['unheard-of.example', 'sender_not_verified', 'sender', { ...KEY_IS_FINE, fromAddress: 'failed' }],
  ])('of the domain %s is %s', async (domain, code, stage, checks) => {
    const diagnosis = await adapter.diagnose(settings({ domain }), silentProbe());
    expect(diagnosis).toMatchObject({ ok: false, error: { code, stage } });
    expect(diagnosis.checks).toEqual(checks);
  });

  it('of a disabled domain includes Mailgun’s reason', async () => {
    const diagnosis = await adapter.diagnose(settings({ domain: SANDBOX_DOMAINS.disabled }), silentProbe());
    expect(diagnosis.error?.reply).toBe('Too many complaints');
  });

  it('of a sending key for another domain is a wrong key', async () => {
    const other = settings({ apiKey: SANDBOX_KEYS.sending, domain: SANDBOX_DOMAINS.sandbox });
    expect((await adapter.diagnose(other, silentProbe())).error).toMatchObject({
      code: 'authentication_failed',
      stage: 'authenticate',
    });
  });

  it('of a key that can read but not send does not report a wrong key, for any status', async () => {
    sandbox.answerNext(ACTIVE, answers.forbidden);
    const diagnosis = await adapter.diagnose(settings(), silentProbe());
    expect(diagnosis.error).toMatchObject({ code: 'permission_denied', stage: 'message', status: 401 });
    expect(diagnosis.checks).toEqual({ ...KEY_IS_FINE, sendPermission: 'failed' });
  });

  it('of a key that is denied access does not report a wrong key either', async () => {
    sandbox.answerNext(answers.noPermission, answers.noPermission);
    const diagnosis = await adapter.diagnose(settings(), silentProbe());
    expect(diagnosis.error?.code).toBe('permission_denied');
    expect(diagnosis.checks).toEqual({ ...KEY_IS_FINE, sendPermission: 'failed' });
  });

  it('of a sending key whose domain cannot send concerns the domain', async () => {
    sandbox.answerNext(answers.wrongKey, answers.unverified(SANDBOX_DOMAINS.working));
    const diagnosis = await adapter.diagnose(settings(), silentProbe());
    expect(diagnosis.error).toMatchObject({ code: 'sender_not_verified', stage: 'sender' });
    expect(diagnosis.checks).toEqual({ ...KEY_IS_FINE, fromAddress: 'failed' });
  });

  it.each([
    ['no JSON', { status: 200, body: '<html>' }],
    ['other JSON', { status: 200, body: '{"domain":"active"}' }],
    ['null', { status: 200, body: 'null' }],
    ['Mailgun’s greeting', answers.greeting],
    ['a redirect', answers.redirect('http://127.0.0.1:1/')],
  ])('with a base URL that is not Mailgun’s is reported: %s', async (_what, answer) => {
    sandbox.answerNext(answer);
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to: TO }));
    expect(diagnosis).toMatchObject({ ok: false, error: { code: 'invalid_response' } });
    expect(diagnosis.checks).toEqual({ ...SKIPPED, connectivity: 'passed' });
  });

  it.each([
    ['accepts an empty message', answers.greeting, 'invalid_response'],
    ['rejects an empty message for another reason', answers.invalid('unable to parse request'), 'invalid_request'],
  ])('of a vendor that %s is reported', async (_what, answer, code) => {
    sandbox.answerNext(ACTIVE, answer);
    expect(await adapter.diagnose(settings(), silentProbe())).toMatchObject({ ok: false, error: { code } });
  });

  it('of the connection is connectivity', async () => {
    const gone = await httpServer(() => undefined);
    await gone.close();
    const refused = await adapterFor(gone).diagnose(settings(), silentProbe());
    expect(refused).toMatchObject({
      error: { code: 'connection_refused' },
      checks: { ...SKIPPED, connectivity: 'failed' },
    });
    sandbox.answerNext('hang up');
    const broken = await adapter.diagnose(settings(), silentProbe());
    expect(broken).toMatchObject({ error: { code: 'connection_closed', stage: 'connect' } });
  });

  it('between key and message keeps earlier results', async () => {
    const nothing = answers.invalid('from parameter is missing');
    sandbox.answerNext(ACTIVE, nothing, answers.serverError);
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to: TO }));
    expect(diagnosis.checks).toEqual({ ...PASSED, fromAddress: 'skipped' });
    expect(statuses(diagnosis)).toContain('authenticate passed, sender skipped, recipient skipped, message failed');
  });

  it('that is unexpected is not thrown', async () => {
    const broken = Object.defineProperty(settings(), 'region', {
      get: () => {
        throw new TypeError('unforeseen');
      },
    });
    expect(await adapter.diagnose(broken, silentProbe())).toMatchObject({ ok: false, error: { code: 'unexpected' } });
    const odd = await adapter.diagnose(settings(), silentProbe({ from: null as unknown as Mailbox }));
    expect(odd).toMatchObject({ ok: false, error: { code: 'unexpected' } });
  });
});

describe('a test ends', () => {
  it('with its signal', async () => {
    const hanging = settings({ apiKey: SANDBOX_KEYS.hanging });
    const timed = await adapter.diagnose(hanging, silentProbe(), { signal: AbortSignal.timeout(100) });
    expect(timed).toMatchObject({ ok: false, error: { code: 'timeout', stage: 'connect' } });
    const aborted = await adapter.diagnose(hanging, silentProbe(), { signal: AbortSignal.abort() });
    expect(aborted).toMatchObject({ ok: false, error: { code: 'aborted' } });
  });

  it('within 15 seconds for any behavior of the vendor', async () => {
    const diagnosis = await adapter.diagnose(settings({ apiKey: SANDBOX_KEYS.hanging }), silentProbe({ to: TO }));
    expect(diagnosis).toMatchObject({ ok: false, error: { code: 'timeout' } });
    expect(diagnosis.durationMs).toBeLessThan(15_000);
  });

  it('and does not affect the adapter', async () => {
    expect(await adapter.send(plainMessage(), settings())).toMatchObject({ accepted: ['ada@recipient.example'] });
  });
});
