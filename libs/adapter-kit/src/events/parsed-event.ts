import type { EmailEvent, ParsedEvent } from './email-event.ts';

/**
 * Returns the outcome of an item that was parsed. An event without a usable time is kept if it names its message or its
 * recipient; without any of the three it is rejected.
 */
export function parsedEvent(event: EmailEvent, deduplicationKey: readonly (string | number)[]): ParsedEvent {
  const { occurredAt, messageId, recipient, raw } = event;
  if (occurredAt !== undefined || messageId !== undefined || recipient !== undefined) {
    return { ok: true, event, deduplicationKey };
  }
  return { ok: false, reason: 'The event has no valid time, no message and no recipient.', raw };
}
