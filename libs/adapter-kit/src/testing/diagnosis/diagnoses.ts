import assert from 'node:assert/strict';
import type { EmailAdapter } from '../../adapter/email-adapter.ts';
import type { CheckStatus, Diagnosis, DiagnosisChecks } from '../../diagnosis/diagnosis.ts';
import { type Stage, STAGES } from '../../errors/adapter-error.ts';
import type { VendorSandbox } from '../../sandbox/vendor-sandbox.ts';
import { validSettings, withSandbox, withServer } from '../bench/bench.ts';
import { check } from '../bench/check.ts';
import type { Context } from '../bench/context.ts';
import { assertWellFormed, promptly } from '../bench/failure.ts';
import { RECIPIENT, silentProbe } from '../bench/messages.ts';
import { type LoopbackServer, httpServer, tcpServer } from '../bench/loopback-server.ts';
import type { ConformanceCheck } from '../conformance-check.ts';

const STATUSES = new Set<CheckStatus>(['passed', 'failed', 'skipped']);
const CHECKS = ['connectivity', 'authentication', 'sendPermission', 'fromAddress'] as const;
const SHOWN_STAGES = STAGES.filter((stage) => stage !== 'settings');
const DEADLINE_MS = 2_000;

export function diagnosesChecks(context: Context): readonly ConformanceCheck[] {
  return [
    check('diagnosis-silent', 'tests an account without sending anything', () => isSilent(context)),
    check('diagnosis-silent', 'sends a test to whom the probe names', () => sendsItsProbe(context)),
    check('diagnosis-answers', 'answers a test whatever the vendor does', () => answers(context)),
    check('diagnosis-consistent', 'does not contradict itself in a test', () => testsAgree(context)),
  ];
}

async function isSilent(context: Context): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const { from: _nobody, ...senderless } = silentProbe();
    for (const probe of [silentProbe(), silentProbe({ to: [] }), senderless]) {
      const diagnosis = await diagnose(adapter, settings, probe);
      assert(
        diagnosis.ok,
        `The test of an account for which everything works failed: ${JSON.stringify(diagnosis.error)}`,
      );
      assert.deepEqual([diagnosis.checks.connectivity, diagnosis.checks.authentication], ['passed', 'passed']);
      assert.equal(diagnosis.sent, undefined, 'Nothing was to be sent.');
      assert.deepEqual(mailsOf(sandbox), [], 'Something was sent that nobody asked for.');
    }
  });
}

async function sendsItsProbe(context: Context): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const to = [RECIPIENT, 'grace@recipient.example'];
    const diagnosis = await diagnose(adapter, settings, silentProbe({ to }));
    const { ok, checks, sent, error } = diagnosis;
    assert(ok, `The test message was not sent: ${JSON.stringify(error)}`);
    const passed: DiagnosisChecks = {
      connectivity: 'passed',
      authentication: 'passed',
      sendPermission: 'passed',
      fromAddress: 'passed',
    };
    assert.deepEqual(checks, passed, 'A message that was sent passes all checks.');
    assert.deepEqual(sent?.accepted, to, '`sent` must tell who was accepted.');
    assert.deepEqual(mailsOf(sandbox), [[sent?.messageId, to]], 'The vendor has another message than `sent` tells.');
  });
}

async function answers(context: Context): Promise<void> {
  const settings = await withSandbox(context, ({ sandbox }) => validSettings(context, sandbox.settings));
  for (const start of oddVendors(context)) {
    const { ok, error } = await withServer(context, start(), (adapter) =>
      diagnose(adapter, settings, silentProbe({ to: [RECIPIENT] })),
    );
    assert(!ok, 'A test cannot pass where nobody answers as the vendor does.');
    assert(error !== undefined, 'A test that failed must say why.');
    assertWellFormed(error, 'The error of a diagnosis');
  }
  await withSandbox(context, async ({ adapter, settings }) => {
    const probe = silentProbe({
      to: Array.from({ length: 11 }, (_none, index) => `reader-${String(index)}@recipient.example`),
    });
    const { ok, error } = await diagnose(adapter, settings, probe);
    assert.deepEqual([ok, error?.code], [false, 'invalid_request'], 'A test goes to ten recipients at most.');
  });
}

/** What the vendor was to send. */
function mailsOf({ mails }: VendorSandbox): readonly (readonly [messageId: string, recipients: readonly string[]])[] {
  const sent = mails.filter(({ sandboxed }) => sandboxed !== true);
  return sent.map(({ messageId, recipients }) => [messageId, [...recipients]]);
}

function oddVendors({ http }: Context): readonly (() => Promise<LoopbackServer>)[] {
  const statuses = [200, 204, 302, 400, 401, 403, 404, 429, 500, 503];
  return [
    () => tcpServer((socket) => socket.destroy()),
    () => tcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')),
    ...(http
      ? statuses.map((status) => () => httpServer((_request, response) => void response.writeHead(status).end()))
      : []),
  ];
}

async function testsAgree(context: Context): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox }) => {
    for (const change of [{}, ...Object.values(sandbox.failures)]) {
      const settings = validSettings(context, { ...sandbox.settings, ...change });
      assertConsistent(await diagnose(adapter, settings, silentProbe()));
      assertConsistent(await diagnose(adapter, settings, silentProbe({ to: [RECIPIENT] })));
    }
  });
}

async function diagnose(adapter: EmailAdapter, settings: object, probe: Parameters<EmailAdapter['diagnose']>[1]) {
  const call = adapter.diagnose(settings, probe, { signal: AbortSignal.timeout(DEADLINE_MS) });
  const rejected = (error: unknown): never => assert.fail(`A diagnosis must not reject: ${String(error)}`);
  return promptly(call.catch(rejected), 'A diagnosis');
}

function assertConsistent({ ok, durationMs, stages, checks, error, sent, warnings }: Diagnosis): void {
  assert(Number.isFinite(durationMs) && durationMs >= 0, 'durationMs must be milliseconds.');
  assert(Array.isArray(warnings), 'warnings must be a list.');
  assert.deepEqual(
    stages.map(({ stage }) => stage),
    SHOWN_STAGES,
    'The stages must be all of them, in their order.',
  );
  assert.deepEqual(Object.keys(checks).sort(), [...CHECKS].sort(), 'The checks must be all four.');
  const statuses = [...stages.map(({ status }) => status), ...CHECKS.map((name) => checks[name])];
  assert(
    statuses.every((status) => STATUSES.has(status)),
    'A stage or check has a status that there is not.',
  );

  assert.equal(ok, error === undefined, 'A diagnosis is ok if it has no error.');
  const failed = stages.filter(({ status }) => status === 'failed').map(({ stage }) => stage);
  if (error === undefined) {
    assert.deepEqual(failed, [], 'No stage of a diagnosis that is ok has failed.');
    assert(!Object.values(checks).includes('failed'), 'No check of a diagnosis that is ok has failed.');
  } else {
    assertWellFormed(error, 'The error of a diagnosis');
    assert(failed.includes(error.stage), `The error is at the stage ${error.stage}, which has not failed.`);
  }
  const statusOf = (stage: Stage): CheckStatus | undefined => stages.find((one) => one.stage === stage)?.status;
  assert(
    checks.connectivity !== 'passed' || statusOf('connect') === 'passed',
    'It is connected, and has not connected.',
  );
  const authenticated = checks.authentication !== 'passed' || statusOf('authenticate') === 'passed';
  assert(authenticated, 'The key was taken at a stage that was not passed.');
  assert(statusOf('connect') !== 'failed' || checks.authentication !== 'passed', 'It logged in without a connection.');
  if (sent === undefined) return;
  assert.equal(statusOf('message') === 'passed', sent.accepted.length > 0, 'What was sent has passed its stage.');
}
