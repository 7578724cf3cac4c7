import type { Diagnosis } from '@score-crm/adapter-kit';
import { reportedDetails, unexpectedFailure } from '../adapters/failure-details.ts';

const HINT = 'The test failed because of an internal error. See the service log for details.';

/** The diagnosis for an adapter that threw an error instead of returning one. */
export function failedDiagnosis(failure: unknown, durationMs: number): Diagnosis {
  const error = reportedDetails(failure) ?? unexpectedFailure('settings', HINT);
  return {
    ok: false,
    durationMs,
    stages: [{ stage: error.stage, status: 'failed' }],
    checks: { connectivity: 'skipped', authentication: 'skipped', sendPermission: 'skipped', fromAddress: 'skipped' },
    warnings: [],
    error,
  };
}
