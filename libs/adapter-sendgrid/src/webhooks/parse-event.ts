import {
  type EmailEvent,
  type EventKind,
  type JsonItem,
  optional,
  type ParsedEvent,
  scalarOf,
  textOf,
  unixTime,
} from '@score-crm/adapter-kit';
import { bounceOf, dropOf } from './bounce.ts';
import { ENGAGEMENT, EVENT_KINDS } from './event-kinds.ts';
import { identityOf } from './identity.ts';
import { isIntegrationTest } from './integration-test.ts';
import { messageIdOf } from './message-id.ts';
import { senderDataOf } from './sender-data.ts';

/** One item of a batch. What is no event, or tells no kind or no time, is kept as it came. */
export function parseEvent(item: unknown): ParsedEvent {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    return { ok: false, reason: 'The item is no object.', raw: item };
  }
  const event = item as JsonItem;
  const name = textOf(event, 'event');
  if (name === undefined) return { ok: false, reason: 'The item has no event.', raw: item };
  // One example of the vendor's has milliseconds.
  const time = unixTime(scalarOf(event, 'timestamp'));
  if (time === undefined) return { ok: false, reason: 'The item has no valid timestamp.', raw: item };
  const kind = EVENT_KINDS.get(name) ?? 'unknown';
  return { ok: true, event: emailEvent(event, kind, time), identity: identityOf(event, time) };
}

function emailEvent(event: JsonItem, kind: EventKind, time: Date): EmailEvent {
  return {
    kind,
    occurredAt: time,
    ...optional('recipient', textOf(event, 'email')),
    ...optional('messageId', messageIdOf(event)),
    ...optional('vendorEventId', textOf(event, 'sg_event_id')),
    ...(kind === 'bounced' ? { bounce: bounceOf(event) } : {}),
    ...(kind === 'rejected' ? { bounce: dropOf(event) } : {}),
    ...optional('url', textOf(event, 'url')),
    ...optional('userAgent', textOf(event, 'useragent')),
    ...(ENGAGEMENT.has(kind) ? optional('ip', textOf(event, 'ip')) : {}),
    ...(kind === 'opened' && typeof event['sg_machine_open'] === 'boolean'
      ? { machine: event['sg_machine_open'] }
      : {}),
    ...senderDataOf(event),
    ...(isIntegrationTest(event) ? { test: true as const } : {}),
    raw: event,
  };
}
