import type { Diagnosis } from '@score-crm/adapter-kit';
import { toldDetails, unexpectedFailure } from '../adapters/failure-details.ts';

const HINT = 'The test broke off for a reason of ours, which is in the service’s log.';

/** The diagnosis of an adapter that broke its promise to answer with one. */
export function failedDiagnosis(failure: unknown, durationMs: number): Diagnosis {
  const error = toldDetails(failure) ?? unexpectedFailure('settings', HINT);
  return {
    ok: false,
    durationMs,
    stages: [{ stage: error.stage, status: 'failed' }],
    checks: { connectivity: 'skipped', authentication: 'skipped', sendPermission: 'skipped', fromAddress: 'skipped' },
    warnings: [],
    error,
  };
}
