import {
  AdapterError,
  type AdapterErrorCode,
  type AdapterErrorDetails,
  type Stage,
  STAGES,
} from '../errors/adapter-error.ts';
import { refuseMember } from '../messages/check-members.ts';
import type { EmailMessage, SendResult } from '../messages/email-message.ts';
import type { CallOptions } from '../outbound/outbound-connector.ts';
import { declaredFields } from '../settings/settings-field.decorator.ts';
import { jsonPointer } from '../validation/fields.ts';
import type { CheckStatus, Diagnosis, DiagnosisChecks, DiagnosisStage, DiagnosisWarning, Probe } from './diagnosis.ts';

/** A test returns within 15 seconds. */
const TIME_LIMIT_MS = 14_000;

/**
 * Runs the test of an API vendor. `work` reports what it finds to the report, throws the failure that ends the test,
 * and resolves to the result of the test message if it sent one. Never rejects.
 */
export async function runDiagnosis(
  settings: object,
  options: CallOptions,
  work: (report: StageReport, signal: AbortSignal) => Promise<SendResult | undefined>,
): Promise<Diagnosis> {
  const started = performance.now();
  const deadline = AbortSignal.timeout(TIME_LIMIT_MS);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  const report = new StageReport();
  let warnings: readonly DiagnosisWarning[] = [];
  let sent: SendResult | undefined;
  try {
    warnings = credentialWarnings(settings);
    sent = await work(report, signal);
  } catch (error) {
    report.failed(withCredentialHint((error instanceof AdapterError ? error : unexpected()).details, settings));
  }
  return {
    ok: report.error === undefined,
    durationMs: Math.round(performance.now() - started),
    stages: report.stages(),
    checks: report.checks(),
    warnings,
    ...(report.error === undefined ? {} : { error: report.error }),
    ...(sent === undefined ? {} : { sent }),
  };
}

/**
 * Converts a failure of a call that only identifies the account. Such a call concerns no message: if the vendor did not
 * respond, the stage is `connect`; otherwise it is `authenticate`.
 */
export function accountCallError(error: unknown): AdapterError {
  if (!(error instanceof AdapterError)) return unexpected();
  const { details } = error;
  if (details.stage !== 'message' || details.code === 'permission_denied') return error;
  return new AdapterError({ ...details, stage: details.status === undefined ? 'connect' : 'authenticate' });
}

function unexpected(): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'unexpected',
    fault: 'configuration',
    retryable: false,
    hint: 'The test failed for an unknown reason. Contact your operator.',
  });
}

const MAX_RECIPIENTS = 10;

/**
 * Builds the message of a test.
 * @param vendor the vendor's display name
 * @param to the recipients; by default those of the probe
 * @throws AdapterError `sender_missing` if the connection has no sender, `invalid_request` for too many recipients
 */
export function testMessage(
  { from, subject, text, metadata, to: probed = [] }: Probe,
  vendor: string,
  to: readonly string[] = probed,
): EmailMessage {
  if (to.length > MAX_RECIPIENTS) {
    refuseMember(
      'invalid_request',
      ['to'],
      `A test can have at most ${String(MAX_RECIPIENTS)} recipients. Remove some.`,
    );
  }
  if (from === undefined) {
    throw new AdapterError({
      stage: 'sender',
      code: 'sender_missing',
      fault: 'configuration',
      retryable: false,
      hint: `The connection has no sender address. Set a “From email” that ${vendor} has verified.`,
      pointer: '/from',
    });
  }
  return {
    from,
    to: to.map((email) => ({ email })),
    subject,
    text,
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** Records how far a test of an API vendor got, as stages and as the four checks shown to users. */
export class StageReport {
  private readonly outcomes = new Map<Stage, Omit<DiagnosisStage, 'stage'>>();
  private readonly known: { -readonly [check in keyof DiagnosisChecks]?: CheckStatus } = {};

  /** The failure that ended the test. */
  error: AdapterErrorDetails | undefined;

  stage(stage: Stage, status: CheckStatus, detail?: string): void {
    this.outcomes.set(stage, { status, ...(detail === undefined ? {} : { detail }) });
  }

  check(check: keyof DiagnosisChecks, status: CheckStatus): void {
    this.known[check] = status;
  }

  /** The vendor responded, with or without TLS. */
  connected(baseUrl: string): void {
    this.stage('connect', 'passed');
    if (baseUrl.startsWith('https:')) this.stage('tls', 'passed');
    else this.stage('tls', 'skipped', 'not encrypted');
    this.check('connectivity', 'passed');
  }

  /** The vendor accepted the key. */
  authenticated(): void {
    this.stage('authenticate', 'passed');
    this.check('authentication', 'passed');
  }

  /** The vendor accepted the test message. */
  sent(): void {
    for (const stage of ['sender', 'recipient', 'message'] as const) this.stage(stage, 'passed');
    this.check('sendPermission', 'passed');
    this.check('fromAddress', 'passed');
  }

  failed(error: AdapterErrorDetails): void {
    this.error = error;
    this.stage(error.stage, 'failed');
    // A TLS failure implies that the connection was made.
    if (error.stage === 'tls') this.stage('connect', 'passed');
    const concern = concernOf(error);
    if (concern !== undefined) this.check(concern, 'failed');
  }

  stages(): DiagnosisStage[] {
    return STAGES.filter((stage) => stage !== 'settings').map((stage) => ({
      stage,
      ...(this.outcomes.get(stage) ?? { status: 'skipped' }),
    }));
  }

  checks(): DiagnosisChecks {
    return {
      connectivity: 'skipped',
      authentication: 'skipped',
      sendPermission: 'skipped',
      fromAddress: 'skipped',
      ...this.known,
    };
  }
}

/** Returns which of the four checks a failure concerns. A rejected recipient or an exceeded quota concerns none. */
function concernOf({ stage, code, fault }: AdapterErrorDetails): keyof DiagnosisChecks | undefined {
  if (stage === 'connect' || stage === 'tls') return 'connectivity';
  if (code === 'authentication_failed') return 'authentication';
  if (stage === 'sender') return 'fromAddress';
  if (code === 'permission_denied' || code === 'quota_exceeded') return 'sendPermission';
  return stage === 'message' && fault === 'sender' ? 'sendPermission' : undefined;
}

/**
 * Characters that are often pasted along with a value. They may belong to a password, so the value is kept unchanged.
 */
const SLIPS: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/^\s|\s$/, 'starts or ends with a space. Remove the space unless it belongs there.'],
  // For example, the zero-width characters that web pages and chat programs add to copied text.
  [/[\p{Cc}\p{Cf}]/u, 'contains an invisible character. Remove it unless it belongs there.'],
  [/^(["'`]).*\1$|^“.*”$/, 'is in quotation marks. Remove them unless they belong there.'],
  [/^(bearer|basic)[\s:]/i, 'starts with “Bearer” or “Basic”. Enter only the value.'],
];

const LOGIN_FAILURES: ReadonlySet<AdapterErrorCode> = new Set(['app_password_required', 'authentication_failed']);

/**
 * Returns warnings about field values that look like paste errors. The warnings name the fields, never their values.
 * @param settings an instance of a settings class
 */
export function credentialWarnings(settings: object): DiagnosisWarning[] {
  const values = settings as Readonly<Record<string, unknown>>;
  return declaredFields(settings.constructor as { readonly prototype: object })
    .filter((field) => field.multiline !== true && field.options === undefined)
    .flatMap(({ name, label }) => {
      const value = values[name];
      const advice = typeof value === 'string' ? SLIPS.find(([pattern]) => pattern.test(value))?.[1] : undefined;
      if (advice === undefined) return [];
      return [
        {
          code: 'suspicious_credential' as const,
          hint: `“${label}” ${advice}`,
          pointer: jsonPointer('settings', name),
        },
      ];
    });
}

/** Adds the suspicious field to the hint of a failed login. Any other failure is returned unchanged. */
export function withCredentialHint(error: AdapterErrorDetails, settings: object): AdapterErrorDetails {
  if (!LOGIN_FAILURES.has(error.code)) return error;
  const warnings = credentialWarnings(settings).map(({ hint }) => hint);
  if (warnings.length === 0) return error;
  const [what = error.hint] = error.hint.split('. ', 1);
  return { ...error, hint: [what.endsWith('.') ? what : `${what}.`, ...warnings].join(' ') };
}
