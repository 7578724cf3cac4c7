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
 * Tests an account within 15 seconds: the scopes of the key, and a message. The message goes to `probe.to`; without
 * recipients it is sent in the vendor's sandbox mode, which checks the sender and delivers nothing. Failures are
 * returned, never thrown.
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
    // 403 means that the key is known, but something else denies access.
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

/** Makes the vendor check a message from the sender to the sender's own address, without sending it. */
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
    hint: 'The API key is valid but cannot send. Grant it the permission “Mail Send” at SendGrid.',
  });
}
