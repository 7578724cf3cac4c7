import assert from 'node:assert/strict';
import type { EmailAdapter } from '../../adapter/email-adapter.ts';
import type { CheckStatus, Diagnosis, DiagnosisChecks } from '../../diagnosis/diagnosis.ts';
import { type Stage, STAGES } from '../../errors/adapter-error.ts';
import type { VendorSandbox } from '../../sandbox/vendor-sandbox.ts';
import { RECIPIENT, silentProbe, validSettings, withSandbox, withServer } from '../bench/bench.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { Context } from '../bench/context.ts';
import { assertWellFormed, promptly } from '../bench/failure.ts';
import { type LoopbackServer, httpServer, tcpServer } from '../bench/loopback-server.ts';

const STATUSES = new Set<CheckStatus>(['passed', 'failed', 'skipped']);
const CHECKS = ['connectivity', 'authentication', 'sendPermission', 'fromAddress'] as const;
const SHOWN_STAGES = STAGES.filter((stage) => stage !== 'settings');
const DEADLINE_MS = 2_000;

export function diagnosesChecks(context: Context): readonly ConformanceCheck[] {
  return [
    check('diagnosis-silent', 'tests an account without sending anything', () => isSilent(context)),
    check('diagnosis-silent', 'sends a test message to the recipients of the probe', () => sendsItsProbe(context)),
    check('diagnosis-answers', 'returns a diagnosis for any behavior of the vendor', () => answers(context)),
    check('diagnosis-consistent', 'returns a consistent diagnosis', () => testsAgree(context)),
  ];
}

async function isSilent(context: Context): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox, settings }) => {
    const { from: _from, ...senderless } = silentProbe();
    for (const probe of [silentProbe(), silentProbe({ to: [] }), senderless]) {
      const diagnosis = await diagnose(adapter, settings, probe);
      assert(
        diagnosis.ok,
        `The test of an account for which everything works failed: ${JSON.stringify(diagnosis.error)}`,
      );
      assert.deepEqual([diagnosis.checks.connectivity, diagnosis.checks.authentication], ['passed', 'passed']);
      assert.equal(diagnosis.sent, undefined, 'The test must not send a message.');
      assert.deepEqual(mailsOf(sandbox), [], 'A message was sent without recipients in the probe.');
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
    assert.deepEqual(checks, passed, 'If a message was sent, all checks must pass.');
    assert.deepEqual(sent?.accepted, to, '`sent` must list the accepted recipients.');
    assert.deepEqual(mailsOf(sandbox), [[sent?.messageId, to]], 'The message at the vendor differs from `sent`.');
  });
}

async function answers(context: Context): Promise<void> {
  const settings = await withSandbox(context, ({ sandbox }) => validSettings(context, sandbox.settings));
  for (const start of oddVendors(context)) {
    const { ok, error } = await withServer(context, start(), (adapter) =>
      diagnose(adapter, settings, silentProbe({ to: [RECIPIENT] })),
    );
    assert(!ok, 'A test cannot pass if nothing responds like the vendor.');
    assert(error !== undefined, 'A failed test must have an error.');
    assertWellFormed(error, 'The error of a diagnosis');
  }
  await withSandbox(context, async ({ adapter, settings }) => {
    const probe = silentProbe({
      to: Array.from({ length: 11 }, (_none, index) => `reader-${String(index)}@recipient.example`),
    });
    const { ok, error } = await diagnose(adapter, settings, probe);
    assert.deepEqual([ok, error?.code], [false, 'invalid_request'], 'A test has at most ten recipients.');
  });
}

/** What the vendor should have sent. */
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
  assert(Number.isFinite(durationMs) && durationMs >= 0, 'durationMs must be a number of milliseconds.');
  assert(Array.isArray(warnings), 'warnings must be an array.');
  assert.deepEqual(
    stages.map(({ stage }) => stage),
    SHOWN_STAGES,
    'The diagnosis must list all stages in their order.',
  );
  assert.deepEqual(Object.keys(checks).sort(), [...CHECKS].sort(), 'The diagnosis must list all four checks.');
  const statuses = [...stages.map(({ status }) => status), ...CHECKS.map((name) => checks[name])];
  assert(
    statuses.every((status) => STATUSES.has(status)),
    'A stage or check has an unknown status.',
  );

  assert.equal(ok, error === undefined, 'A diagnosis must be ok exactly if it has no error.');
  const failed = stages.filter(({ status }) => status === 'failed').map(({ stage }) => stage);
  if (error === undefined) {
    assert.deepEqual(failed, [], 'If a diagnosis is ok, no stage may have failed.');
    assert(!Object.values(checks).includes('failed'), 'If a diagnosis is ok, no check may have failed.');
  } else {
    assertWellFormed(error, 'The error of a diagnosis');
    assert(failed.includes(error.stage), `The error is at the stage ${error.stage}, which has not failed.`);
  }
  const statusOf = (stage: Stage): CheckStatus | undefined => stages.find((one) => one.stage === stage)?.status;
  assert(
    checks.connectivity !== 'passed' || statusOf('connect') === 'passed',
    'The connectivity check passed, but the connect stage did not.',
  );
  const authenticated = checks.authentication !== 'passed' || statusOf('authenticate') === 'passed';
  assert(authenticated, 'The authentication check passed, but the authenticate stage did not.');
  assert(
    statusOf('connect') !== 'failed' || checks.authentication !== 'passed',
    'The authentication check passed without a connection.',
  );
  if (sent === undefined) return;
  assert.equal(
    statusOf('message') === 'passed',
    sent.accepted.length > 0,
    'If a message was sent, the message stage must have passed.',
  );
}
