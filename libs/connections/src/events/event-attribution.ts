import type { EmailEvent, ParsedEvent } from '@score-crm/adapter-kit';
import { EVENT_LENGTHS, type EventAttribution } from '../persistence/schema/event-row.ts';
import { storedId } from './stored-text.ts';

/** The metadata of a message that names the connection it was sent through. */
export const CONNECTION_ID_METADATA = 'score_connection_id';

/** The metadata of a test message. */
export const TEST_METADATA = 'score_test';

/**
 * Whether the message of an event was sent through the connection that received it. The metadata decides; without it, whether
 * the connection sent a message with this id. The event belongs to the connection of the URL in every case.
 * @param sent the stored ids of messages that were sent through the connection; of the event's own at least
 */
export function eventAttribution(event: EmailEvent, connectionId: string, sent: ReadonlySet<string>): EventAttribution {
  if (isTest(event)) return 'test';
  const named = namedConnection(event);
  if (named !== undefined) return named.toLowerCase() === connectionId ? 'own' : 'foreign';
  return event.messageId !== undefined && sent.has(storedMessageId(event.messageId)) ? 'own' : 'unmatched';
}

/** The stored ids of the messages whose events have no metadata of this service. */
export function messagesToLookUp(items: readonly ParsedEvent[]): readonly string[] {
  const ids = items.flatMap((item) => {
    if (!item.ok || isTest(item.event) || namedConnection(item.event) !== undefined) return [];
    return item.event.messageId === undefined ? [] : [storedMessageId(item.event.messageId)];
  });
  return [...new Set(ids)];
}

function isTest({ test, metadata = {} }: EmailEvent): boolean {
  return test === true || Object.hasOwn(metadata, TEST_METADATA);
}

function namedConnection({ metadata = {} }: EmailEvent): string | undefined {
  return Object.hasOwn(metadata, CONNECTION_ID_METADATA) ? metadata[CONNECTION_ID_METADATA] : undefined;
}

function storedMessageId(id: string): string {
  return storedId(id, EVENT_LENGTHS.id);
}
