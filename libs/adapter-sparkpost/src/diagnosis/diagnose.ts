import {
  accountCallError,
  AdapterError,
  type AdapterErrorDetails,
  type CallOptions,
  type Diagnosis,
  type Probe,
  runDiagnosis,
  type SendResult,
  type StageReport,
  testMessage,
} from '@score-crm/adapter-kit';
import type { SparkpostApi } from '../api/sparkpost-api.ts';
import { ACTIVE_STATUS } from '../assumptions.ts';
import { sendMessage } from '../message/send-message.ts';
import { settingsScrubber } from '../settings/settings-scrubber.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';
import { readAccountStatus } from './read-account.ts';
import { readSendingDomain } from './read-sending-domain.ts';

/**
 * Tests an account within 15 seconds: reads the account, then sends a message to `probe.to`, which shows whether the
 * sender is accepted. Without recipients, the list of sending domains is checked instead; only a message shows whether
 * the key can send. Failures are returned, never thrown.
 */
export function diagnose(
  api: SparkpostApi,
  settings: SparkpostSettings,
  probe: Probe,
  options: CallOptions,
): Promise<Diagnosis> {
  return runDiagnosis(settings, options, async (report, signal) => {
    await testKey(api, settings, signal, report);
    if (probe.to !== undefined && probe.to.length > 0) return sendTest(api, settings, probe, signal, report);
    if (probe.from !== undefined) await checkDomain(api, settings, probe.from.email, signal, report);
    return undefined;
  });
}

async function testKey(
  api: SparkpostApi,
  settings: SparkpostSettings,
  signal: AbortSignal,
  report: StageReport,
): Promise<void> {
  const baseUrl = api.baseUrl(settings);
  let status = ACTIVE_STATUS;
  try {
    status = await readAccountStatus(api, settings, signal);
  } catch (error) {
    const failure = accountCallError(error);
    if (failure.details.status !== undefined) report.connected(baseUrl);
    // 403 means that the key is known but lacks the permission to read the account, which it does not need.
    if (failure.details.status !== 403) throw failure;
  }
  report.connected(baseUrl);
  report.authenticated();
  if (status !== ACTIVE_STATUS) throw notActive(settingsScrubber(settings)(status));
}

async function sendTest(
  api: SparkpostApi,
  settings: SparkpostSettings,
  probe: Probe,
  signal: AbortSignal,
  report: StageReport,
): Promise<SendResult> {
  const sent = await sendMessage(api, testMessage(probe, 'SparkPost'), settings, signal);
  report.sent();
  const [refused] = sent.rejected;
  if (refused !== undefined) report.failed(refused.error);
  return sent;
}

async function checkDomain(
  api: SparkpostApi,
  settings: SparkpostSettings,
  sender: string,
  signal: AbortSignal,
  report: StageReport,
): Promise<void> {
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  const state = await readSendingDomain(api, settings, domain, signal);
  if (state === 'not_permitted') {
    report.stage('sender', 'skipped', 'the key cannot read the sending domains');
    return;
  }
  if (state !== 'ready') throw unfitDomain(state);
  report.stage('sender', 'passed');
  report.check('fromAddress', 'passed');
}

function notActive(status: string): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'permission_denied',
    fault: 'configuration',
    retryable: false,
    hint: 'The SparkPost account is not active, although the API key is valid. Log in there to see why, or contact its support.',
    reply: status,
  });
}

const UNFIT: Readonly<Record<'unverified' | 'blocked' | 'missing', Pick<AdapterErrorDetails, 'code' | 'hint'>>> = {
  unverified: {
    code: 'sender_not_verified',
    hint: 'The sender’s domain is not verified at SparkPost. Verify it there (Configuration, Domains).',
  },
  blocked: {
    code: 'sender_rejected',
    hint: 'SparkPost has blocked the sender’s domain. Use another sender, or contact SparkPost’s support.',
  },
  missing: {
    code: 'sender_not_verified',
    hint: 'The sender’s domain is not a sending domain of the SparkPost account. Add it there (Configuration, Domains), use another sender or, if it is shared with a subaccount, send a test message to check it.',
  },
};

function unfitDomain(state: keyof typeof UNFIT): AdapterError {
  return new AdapterError({
    stage: 'sender',
    fault: 'sender',
    retryable: false,
    pointer: '/from/email',
    ...UNFIT[state],
  });
}
