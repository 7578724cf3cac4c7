import {
  AdapterError,
  type AdapterErrorCode,
  type AdapterErrorDetails,
  type CallOptions,
  type CheckStatus,
  credentialWarnings,
  type Diagnosis,
  type DiagnosisChecks,
  type DiagnosisStage,
  type DiagnosisWarning,
  type Mailbox,
  type OutboundConnector,
  type Probe,
  type SendResult,
  type Stage,
  STAGES,
  withCredentialHint,
} from '@score-crm/adapter-kit';
import { encryptionOf, expectsImplicitTls, TIME_LIMITS } from './smtp.connection.ts';
import { type ComposedMessage, composeMessage, mainRejection } from './smtp.message.ts';
import { SmtpSession } from './smtp.session.ts';
import type { SmtpSettings } from './smtp.settings.ts';

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
      sent = await session.deliver(testMessage(settings, probe, probe.to));
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

function testMessage(settings: SmtpSettings, probe: Probe, to: readonly string[]): ComposedMessage {
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

interface Outcome {
  readonly status: CheckStatus;
  readonly detail?: string;
}

/** Records how far a test got, as stages and as the four checks shown to users. */
class StageReport {
  private readonly outcomes = new Map<Stage, Outcome>();

  /** The first failure. */
  error: AdapterErrorDetails | undefined;

  passed(stage: Stage, detail?: string): void {
    this.outcomes.set(stage, { status: 'passed', ...(detail === undefined ? {} : { detail }) });
  }

  skipped(stage: Stage, detail: string): void {
    this.outcomes.set(stage, { status: 'skipped', detail });
  }

  failed(error: AdapterErrorDetails): void {
    this.outcomes.set(error.stage, { status: 'failed' });
    // STARTTLS and the transaction report only their end; everything before the failure passed. Exception: Postfix
    // delays rejections of the client and the sender until RCPT TO.
    if (error.stage === 'tls') this.passed('connect');
    if (error.stage === 'message' || (error.stage === 'recipient' && error.fault === 'recipient')) {
      this.passedUnlessReported('sender', error);
    }
    if (error.stage === 'message') this.passedUnlessReported('recipient', error);
    this.error ??= error;
  }

  stages(): DiagnosisStage[] {
    return STAGES.filter((stage) => stage !== 'settings').map((stage) => ({ stage, ...this.outcome(stage) }));
  }

  checks(): DiagnosisChecks {
    const status = (stage: Stage): CheckStatus => this.outcome(stage).status;
    const connected = [status('connect'), status('tls')];
    return {
      connectivity: connected.includes('failed') ? 'failed' : status('connect'),
      authentication: status('authenticate'),
      fromAddress: this.isAboutTheSender() ? 'failed' : status('sender'),
      sendPermission: this.sendPermission(status('message')),
    };
  }

  private outcome(stage: Stage): Outcome {
    return this.outcomes.get(stage) ?? { status: 'skipped' };
  }

  // Only a server's reply shows that it got this far: a lost connection or a missing address does not.
  private passedUnlessReported(stage: Stage, error: AdapterErrorDetails): void {
    if (error.smtpCode !== undefined && !this.outcomes.has(stage)) this.passed(stage);
  }

  private isAboutTheSender(): boolean {
    return ['sender_rejected', 'sender_not_verified', 'sender_missing'].includes(this.error?.code ?? '');
  }

  // A rejected address, a disallowed sender or a busy server says nothing about the account; a refusal to relay does.
  private sendPermission(message: CheckStatus): CheckStatus {
    if (this.error === undefined || message === 'passed') return message;
    const { stage, fault, code } = this.error;
    if (this.isAboutTheSender() || fault === 'recipient' || PASSING.has(code)) return 'skipped';
    return stage === 'sender' || stage === 'recipient' || stage === 'message' ? 'failed' : 'skipped';
  }
}

/** Temporary failures that concern only the server. */
const PASSING: ReadonlySet<AdapterErrorCode> = new Set([
  'rate_limited',
  'recipient_deferred',
  'temporarily_unavailable',
]);

const STARTTLS_PORTS: ReadonlySet<number> = new Set([25, 587, 2525, 2587]);

/** It closes the connection if the HELO name is not a domain: https://support.google.com/a/answer/2956491. */
const GOOGLE_RELAY = /^smtp-relay\.gmail\.com\.?$/i;

/**
 * Returns warnings about settings that may work but deserve attention.
 * @param encrypted whether the test's connection was encrypted; undefined if there was none
 */
export function settingsWarnings(settings: SmtpSettings, encrypted?: boolean): DiagnosisWarning[] {
  return [
    ...clearTextWarnings(settings, encrypted),
    ...portWarnings(settings),
    ...heloWarnings(settings),
    ...credentialWarnings(settings),
  ];
}

function clearTextWarnings(settings: SmtpSettings, encrypted?: boolean): DiagnosisWarning[] {
  if (encryptionOf(settings) !== 'opportunistic') return [];
  if (settings.authentication === 'password') {
    const seen =
      encrypted === true
        ? 'The password was encrypted this time, but encryption is optional and the certificate was not checked.'
        : 'The password is sent unencrypted and can be read in transit.';
    return [{ code: 'password_in_clear', hint: `${seen} Turn on “Secure (TLS/SSL)”.` }];
  }
  if (encrypted === true) return [];
  return [
    {
      code: 'not_encrypted',
      hint: 'Messages are sent unencrypted. Turn on “Secure (TLS/SSL)”, unless the server runs on this machine.',
    },
  ];
}

function portWarnings(settings: SmtpSettings): DiagnosisWarning[] {
  const { port } = settings;
  const implicit = encryptionOf(settings) === 'implicit';
  if (implicit && STARTTLS_PORTS.has(port)) {
    return [
      {
        code: 'port_mode_mismatch',
        hint: `Port ${port} usually starts unencrypted and continues with STARTTLS, but implicit TLS is selected.`,
      },
    ];
  }
  if (!implicit && expectsImplicitTls(port)) {
    return [
      {
        code: 'port_mode_mismatch',
        hint: `Port ${port} usually expects implicit TLS, but a different encryption mode is selected.`,
      },
    ];
  }
  return [];
}

function heloWarnings({ host, heloName }: SmtpSettings): DiagnosisWarning[] {
  if (heloName !== undefined || !GOOGLE_RELAY.test(host)) return [];
  return [
    {
      code: 'helo_name_missing',
      hint: 'Google’s relay rejects unknown HELO names. Set the HELO name to one of your domains, such as mail.example.com.',
      pointer: '/settings/heloName',
    },
  ];
}
