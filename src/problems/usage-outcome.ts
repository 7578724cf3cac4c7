import { ConnectionInUseError, TooManyUsagesError } from '@score-crm/connections';
import type { Outcome } from './outcome.types.ts';

/** What it means that a connection is used, or used too much; undefined for any other error. */
export function usageOutcome(error: unknown): Outcome | undefined {
  if (error instanceof ConnectionInUseError) {
    const usages = error.usages.map(({ consumer, ref, name, status }) => ({ consumer, ref, name, status }));
    return { status: 409, code: 'connection_in_use', detail: error.message, usages };
  }
  if (error instanceof TooManyUsagesError) return { status: 409, code: 'too_many_usages', detail: error.message };
  return undefined;
}
