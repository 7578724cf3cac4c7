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

/** Of the closed sets nothing is taken: a secret such as "timeout" would make another code of one. */
export function scrubbedDetails(details: AdapterErrorDetails, scrub: Scrubber): AdapterErrorDetails {
  const { stage, code, fault } = details;
  return { ...scrub({ ...details }), stage, code, fault };
}
