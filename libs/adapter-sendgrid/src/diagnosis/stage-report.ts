import {
  type AdapterErrorDetails,
  type CheckStatus,
  type DiagnosisChecks,
  type DiagnosisStage,
  type Stage,
  STAGES,
} from '@score-crm/adapter-kit';

/** Collects how far a test came, and says it in stages and in the four checks that people are shown. */
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

  failed(error: AdapterErrorDetails, concerns: keyof DiagnosisChecks | undefined): void {
    this.error = error;
    this.stage(error.stage, 'failed');
    if (concerns !== undefined) this.check(concerns, 'failed');
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
