import { SendFailedError } from '@score-crm/connections';
import type { Outcome } from './outcome.types.ts';
import { vendorOutcome } from './vendor-outcome.ts';

/** What it means to the sender that his message was not sent; undefined for any other error. */
export function sendOutcome(error: unknown): Outcome | undefined {
  if (!(error instanceof SendFailedError)) return undefined;
  const { code, hint, pointer } = error.details;
  return {
    ...vendorOutcome('send_failed', error.details),
    ...(pointer === undefined ? {} : { errors: [{ pointer, code, message: hint }] }),
  };
}
