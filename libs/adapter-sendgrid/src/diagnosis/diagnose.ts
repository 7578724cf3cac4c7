import { AdapterError, type CallOptions, type Diagnosis, type Probe, type SendResult } from '@score-crm/adapter-kit';
import type { SendgridApi } from '../api/sendgrid-api.ts';
import type { SendgridSettings } from '../settings/sendgrid.settings.ts';
import { readScopes } from './read-scopes.ts';
import { StageReport } from './stage-report.ts';
import { concernOf, inTheScopesCall, unexpected } from './test-failure.ts';
import { checkSender, sendTest } from './test-message.ts';

const TIME_LIMIT_MS = 14_000;

/**
 * Tests an account within 15 seconds: by what the key may do, and by a message. That one goes to `probe.to`; without
 * recipients it goes to nobody, in the vendor's sandbox mode, which still looks at the sender.
 * Never throws for a failure.
 */
export async function diagnose(
  api: SendgridApi,
  settings: SendgridSettings,
  probe: Probe,
  options: CallOptions,
): Promise<Diagnosis> {
  const started = performance.now();
  const deadline = AbortSignal.timeout(TIME_LIMIT_MS);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  const report = new StageReport();
  let sent: SendResult | undefined;
  try {
    await testKey(api, settings, signal, report);
    sent = await testMessage(api, settings, probe, signal, report);
  } catch (error) {
    const { details } = error instanceof AdapterError ? error : unexpected();
    report.failed(details, concernOf(details));
  }
  return {
    ok: report.error === undefined,
    durationMs: Math.round(performance.now() - started),
    stages: report.stages(),
    checks: report.checks(),
    warnings: [],
    ...(report.error === undefined ? {} : { error: report.error }),
    ...(sent === undefined ? {} : { sent }),
  };
}

async function testKey(
  api: SendgridApi,
  settings: SendgridSettings,
  signal: AbortSignal,
  report: StageReport,
): Promise<void> {
  let scopes: ReadonlySet<string>;
  try {
    scopes = await readScopes(api, settings, signal);
  } catch (error) {
    const failure = inTheScopesCall(error);
    if (failure.details.stage === 'tls') report.stage('connect', 'passed');
    if (failure.details.status !== undefined) reportConnection(api, settings, report);
    // 403 says that the key is known, and that something else keeps it out.
    if (failure.details.status === 403) reportLogin(report);
    throw failure;
  }
  reportConnection(api, settings, report);
  reportLogin(report);
  if (!scopes.has('mail.send')) throw mayNotSend();
  report.check('sendPermission', 'passed');
}

async function testMessage(
  api: SendgridApi,
  settings: SendgridSettings,
  probe: Probe,
  signal: AbortSignal,
  report: StageReport,
): Promise<SendResult | undefined> {
  const isSent = probe.to !== undefined && probe.to.length > 0;
  if (!isSent && probe.from === undefined) return undefined;
  const sent = isSent ? await sendTest(api, settings, probe, signal) : await checkSender(api, settings, probe, signal);
  report.stage('sender', 'passed');
  report.check('fromAddress', 'passed');
  if (sent === undefined) {
    report.stage('message', 'skipped', 'sandbox mode: accepted, not sent');
    return undefined;
  }
  report.stage('recipient', 'passed');
  report.stage('message', 'passed');
  return sent;
}

function reportConnection(api: SendgridApi, settings: SendgridSettings, report: StageReport): void {
  report.stage('connect', 'passed');
  if (api.baseUrl(settings).startsWith('https:')) report.stage('tls', 'passed');
  else report.stage('tls', 'skipped', 'not encrypted');
  report.check('connectivity', 'passed');
}

function reportLogin(report: StageReport): void {
  report.stage('authenticate', 'passed');
  report.check('authentication', 'passed');
}

function mayNotSend(): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'permission_denied',
    fault: 'configuration',
    retryable: false,
    hint: 'The API key is valid but may not send. Give it the permission “Mail Send” at SendGrid.',
  });
}
