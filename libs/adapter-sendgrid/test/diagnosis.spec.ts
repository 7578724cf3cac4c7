import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Diagnosis, Mailbox } from '@score-crm/adapter-kit';
import { httpServer, plainMessage, silentProbe } from '@score-crm/adapter-kit/testing';
import { answers, SANDBOX_KEYS, SendgridSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const TO = ['ada@recipient.example', 'bob@recipient.example'];
const PASSED = { connectivity: 'passed', authentication: 'passed', sendPermission: 'passed', fromAddress: 'passed' };
const SKIPPED = {
  connectivity: 'skipped',
  authentication: 'skipped',
  sendPermission: 'skipped',
  fromAddress: 'skipped',
};

let sandbox: SendgridSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await SendgridSandbox.start({ verifiedSenders: ['@sender.example'] });
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

function statuses({ stages }: Diagnosis): string {
  return stages.map(({ stage, status }) => `${stage} ${status}`).join(', ');
}

describe('a test without recipients', () => {
  it('checks key and sender and sends nothing', async () => {
    const before = sandbox.mails.length;
    const diagnosis = await adapter.diagnose(settings(), silentProbe());
    expect(diagnosis).toMatchObject({ ok: true, checks: PASSED, warnings: [] });
    expect(diagnosis).not.toHaveProperty('sent');
    expect(diagnosis).not.toHaveProperty('error');
    expect(statuses(diagnosis)).toBe(
      'connect passed, tls skipped, authenticate passed, sender passed, recipient skipped, message skipped',
    );
    expect(sandbox.mails.slice(before)).toMatchObject([
      { sandboxed: true, json: { mail_settings: { sandbox_mode: { enable: true } }, subject: '[TEST] Welcome' } },
    ]);
  });

  it('without a sender only checks the key', async () => {
    const before = sandbox.mails.length;
    const { from: _from, ...anonymous } = silentProbe();
    const diagnosis = await adapter.diagnose(settings(), anonymous);
    expect(diagnosis).toMatchObject({ ok: true, checks: { ...PASSED, fromAddress: 'skipped' } });
    expect(sandbox.mails).toHaveLength(before);
  });

  it('accepts a sandbox response without an id', async () => {
    sandbox.answerNext({ status: 200, body: '{"scopes":["mail.send"]}' }, { status: 200 });
    expect(await adapter.diagnose(settings(), silentProbe())).toMatchObject({ ok: true, checks: PASSED });
  });

  it('detects an unverified sender', async () => {
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ from: { email: 'x@other.example' } }));
    expect(diagnosis).toMatchObject({
      ok: false,
      checks: { ...PASSED, fromAddress: 'failed' },
      error: { code: 'sender_not_verified', stage: 'sender', fault: 'sender' },
    });
  });

  it('detects an invalid sender', async () => {
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ from: { email: 'nobody' } }));
    expect(diagnosis).toMatchObject({
      checks: { ...PASSED, fromAddress: 'failed' },
      error: { pointer: '/from/email' },
    });
  });
});

describe('a test with recipients', () => {
  it('sends one message to all of them', async () => {
    const before = sandbox.mails.length;
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to: TO }));
    expect(diagnosis).toMatchObject({ ok: true, checks: PASSED, sent: { accepted: TO, rejected: [] } });
    expect(statuses(diagnosis)).toContain('sender passed, recipient passed, message passed');
    expect(sandbox.mails.slice(before)).toMatchObject([{ sandboxed: false, messageId: diagnosis.sent?.messageId }]);
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
});

describe('a failure', () => {
  it.each([
    ['SG.wrong', 'authentication_failed', { ...SKIPPED, connectivity: 'passed', authentication: 'failed' }],
    [SANDBOX_KEYS.noMailScope, 'permission_denied', { ...PASSED, sendPermission: 'failed', fromAddress: 'skipped' }],
    [SANDBOX_KEYS.noCredits, 'quota_exceeded', { ...PASSED, sendPermission: 'failed', fromAddress: 'skipped' }],
    [SANDBOX_KEYS.unverifiedSender, 'sender_not_verified', { ...PASSED, fromAddress: 'failed' }],
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
    ['no JSON', { status: 200, body: '<html>' }],
    ['other JSON', { status: 200, body: '{"scopes":"mail.send"}' }],
    ['null', { status: 200, body: 'null' }],
    ['a redirect', answers.redirect('http://127.0.0.1:1/')],
  ])('with a base URL that is not SendGrid’s is reported: %s', async (_what, answer) => {
    sandbox.answerNext(answer);
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to: TO }));
    expect(diagnosis).toMatchObject({ ok: false, error: { code: 'invalid_response' } });
    expect(diagnosis.checks).toEqual({ ...SKIPPED, connectivity: 'passed' });
  });

  it('with a key without permission to send fails without trying', async () => {
    const before = sandbox.requests;
    const { from: _from, ...anonymous } = silentProbe();
    const diagnosis = await adapter.diagnose(settings({ apiKey: SANDBOX_KEYS.noMailScope }), anonymous);
    expect(diagnosis.error).toMatchObject({ code: 'permission_denied', stage: 'message' });
    expect(sandbox.requests).toBe(before + 1);
  });

  it('with a key that is denied access does not report a wrong key', async () => {
    sandbox.answerNext(answers.noScope);
    const diagnosis = await adapter.diagnose(settings(), silentProbe());
    expect(diagnosis.error?.code).toBe('permission_denied');
    expect(diagnosis.checks).toEqual({ ...PASSED, sendPermission: 'failed', fromAddress: 'skipped' });
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
    expect(broken).toMatchObject({
      error: { code: 'connection_closed', stage: 'connect' },
      checks: { ...SKIPPED, connectivity: 'failed' },
    });
  });

  it('between key and message keeps earlier results', async () => {
    sandbox.answerNext({ status: 200, body: '{"scopes":["mail.send"]}' }, answers.serverError);
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
    expect(aborted.durationMs).toBeLessThan(1_000);
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
