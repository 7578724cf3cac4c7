import {
  AdapterError,
  type AdapterErrorDetails,
  type CallOptions,
  type Diagnosis,
  type Mailbox,
  type OutboundConnector,
  type Probe,
  type SendResult,
  withCredentialHint,
} from '@score-crm/adapter-kit';
import { encryptionOf } from '../connection/encryption.ts';
import { SmtpSession } from '../connection/smtp-session.ts';
import { TIME_LIMITS } from '../connection/time-limits.ts';
import { composeMessage } from '../message/compose-message.ts';
import { mainRejection } from '../message/send-result.ts';
import type { SmtpSettings } from '../settings/smtp.settings.ts';
import { settingsWarnings } from './settings-warnings.ts';
import { StageReport } from './stage-report.ts';

const MAX_RECIPIENTS = 10;

/** Tests an account over a separate connection, within 15 seconds. Failures are returned, never thrown. */
export async function diagnose(
  connector: OutboundConnector,
  settings: SmtpSettings,
  probe: Probe,
  options: CallOptions = {},
): Promise<Diagnosis> {
  const started = performance.now();
  const report = new StageReport();
  const deadline = AbortSignal.timeout(TIME_LIMITS.diagnosis);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  const session = new SmtpSession(connector, settings, signal);
  let sent: SendResult | undefined;
  let encrypted: boolean | undefined;
  try {
    await session.open();
    encrypted = session.encrypted;
    reportConnection(report, settings, session);
    await session.authenticate();
    reportLogin(report, settings);
    if (probe.to !== undefined && probe.to.length > 0) {
      sent = await session.deliver(await testMessage(settings, probe, probe.to));
      reportDelivery(report, sent);
    }
  } catch (error) {
    report.failed(withCredentialHint(inTest(detailsOf(error)), settings));
  } finally {
    await session.close();
  }
  return {
    ok: report.error === undefined,
    durationMs: Math.round(performance.now() - started),
    stages: report.stages(),
    checks: report.checks(),
    warnings: settingsWarnings(settings, encrypted),
    ...(report.error === undefined ? {} : { error: report.error }),
    ...(sent === undefined ? {} : { sent }),
  };
}

function reportConnection(report: StageReport, settings: SmtpSettings, session: SmtpSession): void {
  report.passed('connect');
  const unchecked = encryptionOf(settings) === 'opportunistic' ? ', certificate not checked' : '';
  if (session.encrypted) report.passed('tls', `${session.protocol ?? 'TLS'}${unchecked}`);
  else report.skipped('tls', 'not encrypted');
}

function reportLogin(report: StageReport, settings: SmtpSettings): void {
  if (settings.authentication === 'password') report.passed('authenticate');
  else report.skipped('authenticate', 'no authentication');
}

function reportDelivery(report: StageReport, sent: SendResult): void {
  // If some recipients were accepted, so was the sender.
  if (sent.accepted.length > 0) {
    report.passed('sender');
    report.passed('message');
  }
  const rejection = mainRejection(sent.rejected);
  if (rejection === undefined) report.passed('recipient');
  else report.failed(rejection.error);
}

async function testMessage(settings: SmtpSettings, probe: Probe, to: readonly string[]) {
  if (to.length > MAX_RECIPIENTS) {
    const hint = `A test can have at most ${MAX_RECIPIENTS} recipients. Remove some.`;
    throw new AdapterError({
      stage: 'recipient',
      code: 'invalid_request',
      fault: 'configuration',
      retryable: false,
      hint,
      pointer: '/to',
    });
  }
  const from = probe.from ?? senderFromLogin(settings);
  return composeMessage({ from, to: to.map((email) => ({ email })), subject: probe.subject, text: probe.text });
}

function senderFromLogin({ authentication, username = '' }: SmtpSettings): Mailbox {
  if (authentication === 'password' && /^[^\s@]+@[^\s@]+$/.test(username)) return { email: username };
  throw new AdapterError({
    stage: 'sender',
    code: 'sender_missing',
    fault: 'configuration',
    retryable: false,
    hint: 'The connection has no sender address, and the username is not an email address. Set a “From email”.',
    pointer: '/from',
  });
}

/**
 * While sending, a refused connection is an interruption, and the message may be sent again later. In a test of the
 * settings, the likely cause is a wrong host or port, and testing again does not help.
 */
function inTest(details: AdapterErrorDetails): AdapterErrorDetails {
  if (details.code !== 'connection_refused') return details;
  return { ...details, fault: 'configuration', retryable: false, pointer: '/settings/port' };
}

function detailsOf(error: unknown): AdapterErrorDetails {
  if (error instanceof AdapterError) return error.details;
  return {
    stage: 'message',
    code: 'unexpected',
    fault: 'configuration',
    retryable: false,
    hint: 'The test failed for an unknown reason. Contact your operator.',
  };
}
