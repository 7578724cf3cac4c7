import type { EmailEvent } from '@score-crm/adapter-kit';
import type { EventOrigin } from '../persistence/schema/event-row.ts';

/** The metadata of a message that names the connection it was sent through. */
export const CONNECTION_ID_METADATA = 'score_connection_id';

/** The event stays with the connection whose URL it came to; its metadata only tell whether the message was that one's. */
export function eventOrigin({ metadata = {}, test }: EmailEvent, connectionId: string): EventOrigin {
  if (test === true) return 'test';
  const named = Object.hasOwn(metadata, CONNECTION_ID_METADATA) ? metadata[CONNECTION_ID_METADATA] : undefined;
  if (named === undefined) return 'unmatched';
  return named.toLowerCase() === connectionId ? 'ours' : 'foreign';
}
