import {
  accountCallError,
  AdapterError,
  type CallOptions,
  type Diagnosis,
  type Probe,
  runDiagnosis,
  type StageReport,
  testMessage,
} from '@score-crm/adapter-kit';
import type { SmtpcomApi } from '../api/smtpcom-api.ts';
import { PATHS } from '../assumptions.ts';
import { sendMessage } from '../message/send-message.ts';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { refuseInactive } from './inactive.ts';
import { readChannel } from './read-channel.ts';

/**
 * Tests an account within 15 seconds: reads the account and the channel, and sends a message if `probe.to` names
 * recipients. Without recipients the sender is not checked, since SMTP.com cannot check a message without sending it.
 * Failures are returned, never thrown.
 */
export function diagnose(
  api: SmtpcomApi,
  settings: SmtpcomSettings,
  probe: Probe,
  options: CallOptions,
): Promise<Diagnosis> {
  return runDiagnosis(settings, options, async (report, signal) => {
    await testKey(api, settings, signal, report);
    await testChannel(api, settings, signal, report);
    if (probe.to === undefined || probe.to.length === 0) return undefined;
    const sent = await sendMessage(api, settings, testMessage(probe, 'SMTP.com'), signal);
    report.sent();
    return sent;
  });
}

async function testKey(
  api: SmtpcomApi,
  settings: SmtpcomSettings,
  signal: AbortSignal,
  report: StageReport,
): Promise<void> {
  let status: unknown;
  try {
    ({ status } = await api.call(settings, { method: 'GET', path: PATHS.account, signal }));
  } catch (error) {
    const failure = accountCallError(error);
    if (failure.details.status !== undefined) report.connected(api.baseUrl);
    // 403 means that the key is known, but something else denies access.
    if (failure.details.status === 403) report.authenticated();
    throw failure;
  }
  report.connected(api.baseUrl);
  report.authenticated();
  refuseInactive('the account', status, settings);
}

async function testChannel(
  api: SmtpcomApi,
  settings: SmtpcomSettings,
  signal: AbortSignal,
  report: StageReport,
): Promise<void> {
  const { status } = await readChannel(api, settings, signal).catch((error: unknown) => {
    if (error instanceof AdapterError && error.details.pointer === '/channel') report.check('sendPermission', 'failed');
    throw error;
  });
  refuseInactive('the channel', status, settings);
  report.check('sendPermission', 'passed');
}
