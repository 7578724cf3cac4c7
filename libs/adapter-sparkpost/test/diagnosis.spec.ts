import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Diagnosis, Mailbox } from '@score-crm/adapter-kit';
import { httpServer, plainMessage, silentProbe } from '@score-crm/adapter-kit/testing';
import { answers, SANDBOX_KEYS, SparkpostSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const TO = ['ada@recipient.example', 'bob@recipient.example'];
const PASSED = { connectivity: 'passed', authentication: 'passed', sendPermission: 'passed', fromAddress: 'passed' };
const SKIPPED = {
  connectivity: 'skipped',
  authentication: 'skipped',
  sendPermission: 'skipped',
  fromAddress: 'skipped',
};
// Only a message shows that a key can send.
const UNSENT = { ...PASSED, sendPermission: 'skipped' };

let sandbox: SparkpostSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await SparkpostSandbox.start({ verifiedSenders: ['@sender.example', 'info@second.example'] });
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

function statuses({ stages }: Diagnosis): string {
  return stages.map(({ stage, status }) => `${stage} ${status}`).join(', ');
}

function from(email: string): { from: Mailbox } {
  return { from: { email } };
}

describe('a test without recipients', () => {
  it('checks the account and the sender’s domain, and sends nothing', async () => {
    const before = sandbox.mails.length;
    const diagnosis = await adapter.diagnose(settings(), silentProbe());
    expect(diagnosis).toMatchObject({ ok: true, checks: UNSENT, warnings: [] });
    expect(diagnosis).not.toHaveProperty('sent');
    expect(diagnosis).not.toHaveProperty('error');
    expect(statuses(diagnosis)).toBe(
      'connect passed, tls skipped, authenticate passed, sender passed, recipient skipped, message skipped',
    );
    expect(sandbox.mails).toHaveLength(before);
  });

  it('without a sender only checks the account', async () => {
    const before = sandbox.requests;
    const { from: _from, ...anonymous } = silentProbe();
    const diagnosis = await adapter.diagnose(settings(), anonymous);
    expect(diagnosis).toMatchObject({ ok: true, checks: { ...UNSENT, fromAddress: 'skipped' } });
    expect(sandbox.requests).toBe(before + 1);
  });

  it('with a key that can only send does not fail because of that', async () => {
    const diagnosis = await adapter.diagnose(settings({ apiKey: SANDBOX_KEYS.onlyTransmissions }), silentProbe());
    expect(diagnosis).toMatchObject({ ok: true, checks: { ...UNSENT, fromAddress: 'skipped' } });
    expect(diagnosis.stages).toContainEqual({
      stage: 'sender',
      status: 'skipped',
      detail: 'the key cannot read the sending domains',
    });
  });

  it('compares domains case-insensitively', async () => {
    expect(await adapter.diagnose(settings(), silentProbe(from('x@Second.Example')))).toMatchObject({ ok: true });
  });

  it.each([
    ['x@unverified.example', 'sender_not_verified', 'not verified'],
    ['x@blocked.example', 'sender_rejected', 'blocked'],
    ['x@elsewhere.example', 'sender_not_verified', 'not a sending domain'],
    ['x@sub.sender.example', 'sender_not_verified', 'not a sending domain'],
    ['nobody', 'sender_not_verified', 'not a sending domain'],
  ])('reports that %s cannot send: %s', async (sender, code, words) => {
    const diagnosis = await adapter.diagnose(settings(), silentProbe(from(sender)));
    expect(diagnosis).toMatchObject({
      ok: false,
      checks: { ...UNSENT, fromAddress: 'failed' },
      error: { code, stage: 'sender', fault: 'sender', pointer: '/from/email' },
    });
    expect(diagnosis.error?.hint).toContain(words);
  });

  it.each([{ results: null }, { results: [null, 5, { domain: 5 }] }, null])(
    'treats the list %j as one without the domain',
    async (list) => {
      sandbox.answerNext(answers.results({ status: 'active' }), { status: 200, body: JSON.stringify(list) });
      expect(await adapter.diagnose(settings(), silentProbe())).toMatchObject({
        error: { code: 'sender_not_verified' },
      });
    },
  );
});

describe('a test with recipients', () => {
  it('sends one message to all of them', async () => {
    const before = sandbox.mails.length;
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to: TO }));
    expect(diagnosis).toMatchObject({ ok: true, checks: PASSED, sent: { accepted: TO, rejected: [] } });
    expect(statuses(diagnosis)).toContain('sender passed, recipient passed, message passed');
    expect(sandbox.mails.slice(before)).toMatchObject([
      { messageId: diagnosis.sent?.messageId, recipients: TO, subject: '[TEST] Welcome' },
    ]);
  });

  it('is sufficient for a key that can only send', async () => {
    const diagnosis = await adapter.diagnose(
      settings({ apiKey: SANDBOX_KEYS.onlyTransmissions }),
      silentProbe({ to: TO }),
    );
    expect(diagnosis).toMatchObject({ ok: true, checks: PASSED });
  });

  it('fails for a recipient that SparkPost rejects, and lists the accepted ones', async () => {
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to: [...TO, 'nobody@nodot.invalid'] }));
    expect(diagnosis).toMatchObject({
      ok: false,
      checks: PASSED,
      error: { code: 'recipient_rejected', stage: 'recipient' },
      sent: { accepted: TO, rejected: [{ recipient: 'nobody@nodot.invalid' }] },
    });
    expect(statuses(diagnosis)).toContain('sender passed, recipient failed, message passed');
  });

  it('requires a sender', async () => {
    const { from: _from, ...anonymous } = silentProbe({ to: TO });
    const diagnosis = await adapter.diagnose(settings(), anonymous);
    expect(diagnosis).toMatchObject({
      ok: false,
      checks: { ...UNSENT, fromAddress: 'failed' },
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
    expect(sandbox.mails).toHaveLength(before);
  });
});

describe('a failure', () => {
  const KNOWN = { ...SKIPPED, connectivity: 'passed', authentication: 'passed' };

  it.each<[string, string, object]>([
    ['0'.repeat(40), 'authentication_failed', { ...SKIPPED, connectivity: 'passed', authentication: 'failed' }],
    [SANDBOX_KEYS.noTransmissions, 'permission_denied', { ...KNOWN, sendPermission: 'failed' }],
    [SANDBOX_KEYS.suspended, 'permission_denied', { ...KNOWN, sendPermission: 'failed' }],
    [SANDBOX_KEYS.hourlyLimit, 'quota_exceeded', { ...KNOWN, sendPermission: 'failed' }],
    [SANDBOX_KEYS.unverifiedSender, 'sender_not_verified', { ...KNOWN, fromAddress: 'failed' }],
    [SANDBOX_KEYS.blockedSender, 'sender_rejected', { ...KNOWN, fromAddress: 'failed' }],
    [SANDBOX_KEYS.noRecipients, 'recipient_rejected', KNOWN],
    [SANDBOX_KEYS.rateLimited, 'rate_limited', { ...SKIPPED, connectivity: 'passed' }],
    [SANDBOX_KEYS.serverError, 'temporarily_unavailable', { ...SKIPPED, connectivity: 'passed' }],
    [SANDBOX_KEYS.notJson, 'temporarily_unavailable', { ...SKIPPED, connectivity: 'passed' }],
    [SANDBOX_KEYS.signInPage, 'invalid_response', { ...SKIPPED, connectivity: 'passed' }],
  ])('with the key %s is %s', async (apiKey, code, checks) => {
    const diagnosis = await adapter.diagnose(settings({ apiKey }), silentProbe({ to: TO }));
    expect(diagnosis).toMatchObject({ ok: false, error: { code } });
    expect(diagnosis.checks).toEqual(checks);
    expect(diagnosis.stages.filter(({ status }) => status === 'failed')).toEqual([
      { stage: diagnosis.error?.stage, status: 'failed' },
    ]);
  });

  it('of an inactive account fails without sending', async () => {
    const before = sandbox.mails.length;
    const diagnosis = await adapter.diagnose(settings({ apiKey: SANDBOX_KEYS.suspended }), silentProbe({ to: TO }));
    expect(diagnosis.error).toMatchObject({ code: 'permission_denied', stage: 'message', reply: 'suspended' });
    expect(sandbox.mails).toHaveLength(before);
  });

  it.each([
    ['no JSON', { status: 200, body: '<html>' }],
    ['other JSON', { status: 200, body: '{"results":{"status":5}}' }],
    ['null', { status: 200, body: 'null' }],
    ['a redirect', answers.redirect('http://127.0.0.1:1/')],
  ])('with a base URL that is not SparkPost’s is reported: %s', async (_what, answer) => {
    sandbox.answerNext(answer);
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to: TO }));
    expect(diagnosis).toMatchObject({ ok: false, error: { code: 'invalid_response' } });
    expect(diagnosis.checks).toEqual({ ...SKIPPED, connectivity: 'passed' });
  });

  it('of an Enterprise account without a base URL is an error of the settings', async () => {
    const diagnosis = await adapter.diagnose(settings({ region: 'enterprise' }), silentProbe());
    expect(diagnosis).toMatchObject({ ok: false, error: { stage: 'settings', pointer: '/baseUrl' }, checks: SKIPPED });
  });

  it('of the connection is connectivity', async () => {
    const gone = await httpServer(() => undefined);
    await gone.close();
    const refused = await adapterFor(gone).diagnose(settings(), silentProbe());
    const unconnected = { ...SKIPPED, connectivity: 'failed' };
    expect(refused).toMatchObject({ error: { code: 'connection_refused' }, checks: unconnected });
    sandbox.answerNext('hang up');
    const broken = await adapter.diagnose(settings(), silentProbe());
    expect(broken).toMatchObject({ error: { code: 'connection_closed', stage: 'connect' }, checks: unconnected });
  });

  it('between account and message keeps earlier results', async () => {
    sandbox.answerNext(answers.results({ status: 'active' }), answers.serverError);
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ to: TO }));
    expect(diagnosis.checks).toEqual(KNOWN);
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
  });

  it('and does not affect the adapter', async () => {
    expect(await adapter.send(plainMessage(), settings())).toMatchObject({ accepted: ['ada@recipient.example'] });
  });
});
