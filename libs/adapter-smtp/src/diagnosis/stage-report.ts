import {
  type AdapterErrorCode,
  type AdapterErrorDetails,
  type CheckStatus,
  type DiagnosisChecks,
  type DiagnosisStage,
  type Stage,
  STAGES,
} from '@score-crm/adapter-kit';

interface Outcome {
  readonly status: CheckStatus;
  readonly detail?: string;
}

/** Records how far a test got, as stages and as the four checks shown to users. */
export class StageReport {
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
