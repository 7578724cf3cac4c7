import type { AdapterErrorDetails, Scrubber, Stage } from '@score-crm/adapter-kit';

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
