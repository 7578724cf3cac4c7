import { AdapterError, type Diagnosis } from '@score-crm/adapter-kit';

/** The diagnosis of an adapter that broke its promise to answer with one. */
export function failedDiagnosis(error: unknown, durationMs: number): Diagnosis {
  const details =
    error instanceof AdapterError
      ? error.details
      : ({
          stage: 'settings',
          code: 'unexpected',
          fault: 'vendor',
          retryable: false,
          hint: 'The test broke off for a reason of ours, which is in the service’s log.',
        } as const);
  return {
    ok: false,
    durationMs,
    stages: [{ stage: details.stage, status: 'failed' }],
    checks: { connectivity: 'skipped', authentication: 'skipped', sendPermission: 'skipped', fromAddress: 'skipped' },
    warnings: [],
    error: details,
  };
}
