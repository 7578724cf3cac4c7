import {
  accountCallError,
  AdapterError,
  type CallOptions,
  type Diagnosis,
  type Probe,
  runDiagnosis,
  type SendResult,
  type StageReport,
  testMessage,
} from '@score-crm/adapter-kit';
import type { SendgridApi } from '../api/sendgrid-api.ts';
import { checkMessage } from '../message/check-message.ts';
import { mailData } from '../message/mail-data.ts';
import { sendMail } from '../message/send-mail.ts';
import { sendResult } from '../message/send-result.ts';
import type { SendgridSettings } from '../settings/sendgrid.settings.ts';
import { readScopes } from './read-scopes.ts';

/**
 * Tests an account within 15 seconds: by what the key may do, and by a message. That one goes to `probe.to`; without
 * recipients it goes to nobody, in the vendor's sandbox mode, which still looks at the sender.
 * Never throws for a failure.
 */
export function diagnose(
  api: SendgridApi,
  settings: SendgridSettings,
  probe: Probe,
  options: CallOptions,
): Promise<Diagnosis> {
  return runDiagnosis(settings, options, async (report, signal) => {
    await testKey(api, settings, signal, report);
    if (probe.to !== undefined && probe.to.length > 0) return sendTest(api, settings, probe, signal, report);
    if (probe.from !== undefined) await checkSender(api, settings, probe, signal, report);
    return undefined;
  });
}

async function testKey(
  api: SendgridApi,
  settings: SendgridSettings,
  signal: AbortSignal,
  report: StageReport,
): Promise<void> {
  const baseUrl = api.baseUrl(settings);
  let scopes: ReadonlySet<string>;
  try {
    scopes = await readScopes(api, settings, signal);
  } catch (error) {
    const failure = accountCallError(error);
    if (failure.details.status !== undefined) report.connected(baseUrl);
    // 403 says that the key is known, and that something else keeps it out.
    if (failure.details.status === 403) report.authenticated();
    throw failure;
  }
  report.connected(baseUrl);
  report.authenticated();
  if (!scopes.has('mail.send')) throw mayNotSend();
  report.check('sendPermission', 'passed');
}

async function sendTest(
  api: SendgridApi,
  settings: SendgridSettings,
  probe: Probe,
  signal: AbortSignal,
  report: StageReport,
): Promise<SendResult> {
  const message = testMessage(probe, 'SendGrid');
  checkMessage(message);
  const sent = sendResult(message, await sendMail(api, settings, mailData(message), signal));
  report.sent();
  return sent;
}

/** Has the vendor check a message from the sender, to himself, without sending it. */
async function checkSender(
  api: SendgridApi,
  settings: SendgridSettings,
  probe: Probe,
  signal: AbortSignal,
  report: StageReport,
): Promise<void> {
  const message = testMessage(probe, 'SendGrid', [probe.from?.email ?? '']);
  checkMessage(message);
  await sendMail(api, settings, { ...mailData(message), mailSettings: { sandboxMode: { enable: true } } }, signal);
  report.stage('sender', 'passed');
  report.check('fromAddress', 'passed');
  report.stage('message', 'skipped', 'sandbox mode: accepted, not sent');
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
