import type { CallOptions } from '../adapter/call-options.ts';
import { AdapterError } from '../errors/adapter-error.ts';
import type { SendResult } from '../messages/email-message.ts';
import { credentialWarnings, withCredentialHint } from './credential-warnings.ts';
import type { Diagnosis, DiagnosisWarning } from './diagnosis.ts';
import { StageReport } from './stage-report.ts';

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
