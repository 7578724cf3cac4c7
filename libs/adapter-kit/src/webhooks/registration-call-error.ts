import { AdapterError } from '../errors/adapter-error.ts';

/** A failure of a call about a webhook's registration: it concerns no message. What failed earlier keeps its stage. */
export function registrationCallError(error: unknown): unknown {
  if (!(error instanceof AdapterError) || error.details.stage !== 'message') return error;
  return new AdapterError({ ...error.details, stage: 'webhook' });
}
