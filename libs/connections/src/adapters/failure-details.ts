import type { AdapterErrorDetails, Stage } from '@score-crm/adapter-kit';

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
