import { type AdapterErrorDetails, type Stage, STAGES } from '../errors/adapter-error.ts';
import type { CheckStatus, DiagnosisChecks, DiagnosisStage } from './diagnosis.ts';

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
