import { AdapterError } from '../errors/adapter-error.ts';

/**
 * Converts a failure of a call about a webhook's registration: such a call concerns no message, so the stage `message`
 * becomes `webhook`. Failures at earlier stages are returned unchanged.
 */
export function registrationCallError(error: unknown): unknown {
  if (!(error instanceof AdapterError) || error.details.stage !== 'message') return error;
  return new AdapterError({ ...error.details, stage: 'webhook' });
}
