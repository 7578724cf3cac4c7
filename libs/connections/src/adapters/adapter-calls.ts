import { setTimeout as delay } from 'node:timers/promises';
import type { AdapterErrorDetails, Scrubber, Stage } from '@score-crm/adapter-kit';

/** The time after its signal in which an adapter must end, unless it may clean up first. */
const GRACE_MS = 500;

/**
 * Calls an adapter with a time limit.
 * @throws Error if the adapter continues after its signal; otherwise the error of the call
 */
export async function withTimeout<T>(
  vendor: string,
  timeoutMs: number,
  call: (signal: AbortSignal) => Promise<T>,
  graceMs = GRACE_MS,
): Promise<T> {
  const left = new AbortController();
  const late = delay(timeoutMs + graceMs, undefined, { signal: left.signal }).then(() => {
    throw new Error(`The adapter of ${vendor} did not obey its signal.`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([call(AbortSignal.timeout(timeoutMs)), late]);
  } finally {
    left.abort();
  }
}

/** The details of an AdapterError; undefined for any other error, which breaks the adapter's contract. */
export function reportedDetails(error: unknown): AdapterErrorDetails | undefined {
  // By name: an adapter with its own copy of the kit has another class.
  const isAdapterError = error instanceof Error && error.name === 'AdapterError' && 'details' in error;
  return isAdapterError ? (error.details as AdapterErrorDetails) : undefined;
}

/** The details for an error that is not an AdapterError. */
export function unexpectedFailure(stage: Stage, hint: string): AdapterErrorDetails {
  return { stage, code: 'unexpected', fault: 'vendor', retryable: false, hint };
}

/** Enumerated values are not scrubbed: a secret such as "timeout" would change a code. */
export function scrubbedDetails(details: AdapterErrorDetails, scrub: Scrubber): AdapterErrorDetails {
  return withClosedSets(scrub({ ...details }), details);
}

/** Many at a time, because a scrubber limits the work of one call. */
export function scrubbedDetailsList(list: readonly AdapterErrorDetails[], scrub: Scrubber): AdapterErrorDetails[] {
  return scrub(list.map((details) => ({ ...details }))).map((scrubbed, index) =>
    withClosedSets(scrubbed, list[index] ?? scrubbed),
  );
}

function withClosedSets(scrubbed: AdapterErrorDetails, { stage, code, fault }: AdapterErrorDetails) {
  return { ...scrubbed, stage, code, fault };
}
