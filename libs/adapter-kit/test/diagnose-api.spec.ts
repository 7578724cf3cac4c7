import { describe, expect, it, jest } from '@jest/globals';
import {
  abortedError,
  AdapterError,
  type AdapterErrorDetails,
  type ApiDiagnosis,
  diagnoseApi,
  type Diagnosis,
  type Probe,
  type SendResult,
} from '@score-crm/adapter-kit';
import { silentProbe } from '@score-crm/adapter-kit/testing';

class AcmeSettings {}
const api = { displayName: 'Acme', baseUrl: () => 'https://api.acme.example' };
type Steps = ApiDiagnosis<AcmeSettings, typeof api, string>;

function failure(details: Partial<AdapterErrorDetails> = {}): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'invalid_request',
    fault: 'configuration',
    retryable: false,
    hint: 'Wrong.',
    ...details,
  });
}

function diagnose(
  steps: Partial<Steps>,
  probe: Partial<Probe> = {},
  sent: Partial<SendResult> | AdapterError = {},
): Promise<Diagnosis> {
  const all: Steps = { account: async () => 'an account', ...steps };
  return diagnoseApi(all, { api, settings: new AcmeSettings(), probe: silentProbe(probe) }, {}, async ({ to }) => {
    if (sent instanceof AdapterError) throw sent;
    return { messageId: '1', accepted: to.map(({ email }) => email), rejected: [], ...sent };
  });
}

const TO = { to: ['ada@recipient.example'] };
const fails = (details: Partial<AdapterErrorDetails>) => async () => {
  throw failure(details);
};
const stagesOf = ({ stages }: Diagnosis): string => stages.map(({ stage, status }) => `${stage} ${status}`).join(', ');

describe('the test of an account', () => {
  it('passes step by step, with what each step shows', async () => {
    const seen: unknown[] = [];
    const diagnosis = await diagnose({
      permissions: (account, { probe, settings, signal }) => {
        seen.push(account, probe.subject, settings, signal.aborted);
        return true;
      },
      sender: async (from, account) => {
        seen.push(from.email, account);
        return undefined;
      },
    });
    expect(seen).toEqual([
      'an account',
      '[TEST] Welcome',
      new AcmeSettings(),
      false,
      'no-reply@sender.example',
      'an account',
    ]);
    expect(diagnosis).toMatchObject({
      ok: true,
      checks: { connectivity: 'passed', authentication: 'passed', sendPermission: 'passed', fromAddress: 'passed' },
    });
    expect(stagesOf(diagnosis)).toBe(
      'connect passed, tls passed, authenticate passed, sender passed, recipient skipped, message skipped',
    );
  });

  it('shows nothing about sending or the sender without steps for them', async () => {
    const { ok, checks } = await diagnose({});
    expect([ok, checks.sendPermission, checks.fromAddress]).toEqual([true, 'skipped', 'skipped']);
    expect(await diagnose({}, { to: [] })).not.toHaveProperty('sent');
    expect((await diagnose({ permissions: () => false })).checks.sendPermission).toBe('skipped');
  });

  it('gives the reason for which the sender was not checked', async () => {
    const diagnosis = await diagnose({ sender: async () => 'the key cannot read it' });
    expect(diagnosis.stages).toContainEqual({ stage: 'sender', status: 'skipped', detail: 'the key cannot read it' });
    expect(diagnosis).toMatchObject({ ok: true, checks: { fromAddress: 'skipped' } });
  });

  it.each<[string, Partial<AdapterErrorDetails>, string, string]>([
    ['an unreachable vendor', { stage: 'connect', code: 'connection_refused' }, 'failed', 'skipped'],
    ['a silent vendor', { code: 'timeout' }, 'failed', 'skipped'],
    ['a wrong key', { stage: 'authenticate', code: 'authentication_failed', status: 401 }, 'passed', 'failed'],
    ['a forbidden key', { code: 'permission_denied', status: 403 }, 'passed', 'passed'],
    ['trouble', { code: 'temporarily_unavailable', status: 503 }, 'passed', 'skipped'],
  ])('ends with %s', async (_what, details, connectivity, authentication) => {
    const diagnosis = await diagnose({ account: fails(details), sender: fails({}) }, TO);
    expect(diagnosis).toMatchObject({
      ok: false,
      error: { code: details.code },
      checks: { connectivity, authentication },
    });
    expect(diagnosis).not.toHaveProperty('sent');
  });

  it('knows by the vendor’s own sign that the key is valid', async () => {
    const steps: Partial<Steps> = {
      account: fails({ stage: 'sender', code: 'sender_not_verified', status: 404 }),
      isKeyKnown: ({ stage }) => stage === 'sender',
    };
    expect((await diagnose(steps)).checks).toMatchObject({ authentication: 'passed', fromAddress: 'failed' });
    const other = { ...steps, account: fails({ code: 'permission_denied', status: 403 }) };
    expect((await diagnose(other)).checks.authentication).toBe('skipped');
  });

  it('fails at the permissions, which concern sending if a setting is wrong', async () => {
    const denied = await diagnose({ permissions: fails({ code: 'permission_denied' }) }, TO);
    expect(denied).toMatchObject({ ok: false, checks: { authentication: 'passed', sendPermission: 'failed' } });
    const wrong = await diagnose({ permissions: fails({ pointer: '/channel' }) }, TO);
    expect(wrong).toMatchObject({ ok: false, checks: { sendPermission: 'failed' }, error: { pointer: '/channel' } });
    const trouble = await diagnose({ permissions: fails({ code: 'temporarily_unavailable', status: 503 }) });
    expect(trouble.checks.sendPermission).toBe('skipped');
    const sender = await diagnose({ permissions: fails({ stage: 'sender', pointer: '/from' }) });
    expect(sender.checks).toMatchObject({ sendPermission: 'skipped', fromAddress: 'failed' });
  });

  it('sends a message to the recipients of the probe, and does not check the sender before', async () => {
    const diagnosis = await diagnose({ sender: fails({}) }, TO);
    expect(diagnosis).toMatchObject({
      ok: true,
      sent: { accepted: TO.to },
      checks: { sendPermission: 'passed', fromAddress: 'passed' },
    });
    expect(stagesOf(diagnosis)).toContain('sender passed, recipient passed, message passed');
  });

  it('fails with the message, and with one of its recipients', async () => {
    const failed = await diagnose({}, TO, failure({ stage: 'sender', code: 'sender_not_verified' }));
    expect(failed).toMatchObject({ ok: false, checks: { fromAddress: 'failed' } });
    const { details } = failure({ stage: 'recipient', code: 'recipient_rejected', fault: 'recipient' });
    const partly = await diagnose({}, TO, { rejected: [{ recipient: 'ada@recipient.example', error: details }] });
    expect(partly).toMatchObject({ ok: false, error: details, sent: { messageId: '1' } });
  });

  it('does not check a sender that the connection does not have', async () => {
    const { from: _from, ...anonymous } = silentProbe();
    const steps: Steps = { account: async () => '', sender: fails({}) };
    const input = { api, settings: new AcmeSettings(), probe: anonymous };
    const none = async (): Promise<SendResult> => Promise.reject(new TypeError('not sent'));
    expect(await diagnoseApi(steps, input, {}, none)).toMatchObject({ ok: true, checks: { fromAddress: 'skipped' } });
    expect(await diagnoseApi(steps, { ...input, probe: { ...anonymous, ...TO } }, {}, none)).toMatchObject({
      ok: false,
      error: { code: 'sender_missing', hint: expect.stringContaining('Acme') },
    });
  });

  it('ends within 15 seconds for any behavior of the vendor', async () => {
    const start = AbortSignal.timeout.bind(AbortSignal);
    const limit = jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => start(1));
    const silence: Steps['account'] = ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(abortedError(signal, 'message')));
      });
    expect(await diagnose({ account: silence })).toMatchObject({ ok: false, error: { code: 'timeout' } });
    expect(limit).toHaveBeenCalledTimes(1);
    expect(limit.mock.lastCall?.[0]).toBeLessThan(15_000);
    limit.mockRestore();
  });

  it('reports a base URL that the settings do not have', async () => {
    const broken = { ...api, baseUrl: (): string => { throw failure({ stage: 'settings', pointer: '/baseUrl' }); } }; // prettier-ignore
    const input = { api: broken, settings: new AcmeSettings(), probe: silentProbe() };
    const none = async (): Promise<SendResult> => Promise.reject(new TypeError('not sent'));
    expect(await diagnoseApi({ account: async () => '' }, input, {}, none)).toMatchObject({
      ok: false,
      error: { stage: 'settings', pointer: '/baseUrl' },
      checks: { connectivity: 'skipped' },
    });
  });
});
