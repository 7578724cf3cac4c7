import type { AdapterErrorDetails, Scrubber, Stage } from '@score-crm/adapter-kit';

/** What an adapter told of its failure; undefined where it broke its promise to throw nothing but an AdapterError. */
export function toldDetails(error: unknown): AdapterErrorDetails | undefined {
  // By its name: an adapter that brings a copy of the kit along has a class of its own.
  const isAdapterError = error instanceof Error && error.name === 'AdapterError' && 'details' in error;
  return isAdapterError ? (error.details as AdapterErrorDetails) : undefined;
}

/** The failure of an adapter that told nothing. */
export function unexpectedFailure(stage: Stage, hint: string): AdapterErrorDetails {
  return { stage, code: 'unexpected', fault: 'vendor', retryable: false, hint };
}

/** The closed sets stay as they are: a secret such as "timeout" would turn one code into another. */
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
