import type { AdapterErrorCode, AdapterErrorDetails, Fault } from '@score-crm/adapter-kit';
import type { Outcome } from './outcome.types.ts';

const BY_CODE: ReadonlyMap<AdapterErrorCode, number> = new Map<AdapterErrorCode, number>([
  ['rate_limited', 429],
  ['quota_exceeded', 429],
  ['connection_timeout', 504],
  ['timeout', 504],
]);
/** Whoever asked can do something about these. */
const OURS_TO_MEND: ReadonlySet<Fault> = new Set(['recipient', 'sender', 'configuration']);

/** What it means to whoever asked that a vendor failed, or refused. */
export function vendorOutcome(code: string, details: AdapterErrorDetails): Outcome {
  const status = statusOf(details);
  const { hint, retryAfterMs } = details;
  return {
    status,
    code,
    detail: hint,
    error: details,
    ...(retryAfterMs === undefined || (status !== 429 && status !== 503)
      ? {}
      : { headers: { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) } }),
  };
}

function statusOf({ code, fault, retryable }: AdapterErrorDetails): number {
  if (OURS_TO_MEND.has(fault)) return 422;
  return BY_CODE.get(code) ?? (retryable ? 503 : 502);
}
