import {
  type EmailEvent,
  type EventKind,
  isJsonObject,
  type JsonItem,
  omitUndefined,
  type ParsedEvent,
  parsedEvent,
  scalarOf,
  textOf,
  unixTime,
} from '@score-crm/adapter-kit';
import { bounceOf, dropOf } from './bounce.ts';
import { ENGAGEMENT, EVENT_KINDS, REPLIED } from './event-kinds.ts';
import { deduplicationKeyOf } from './deduplication-key.ts';
import { isIntegrationTest } from './integration-test.ts';
import { messageIdOf } from './message-id.ts';
import { senderDataOf } from './sender-data.ts';

/** Parses one item of a batch. An item that is not an event, or has no kind, is kept unchanged. */
export function parseEvent(item: unknown): ParsedEvent {
  if (!isJsonObject(item)) return { ok: false, reason: 'The item is not an object.', raw: item };
  const name = textOf(item, 'event');
  if (name === undefined) return { ok: false, reason: 'The item has no event name.', raw: item };
  // One of the vendor's examples has milliseconds.
  const time = unixTime(scalarOf(item, 'timestamp'));
  const kind = EVENT_KINDS.get(name) ?? 'unknown';
  return parsedEvent(emailEvent(item, kind, time), deduplicationKeyOf(item, kind, time));
}

function emailEvent(event: JsonItem, kind: EventKind, time: Date | undefined): EmailEvent {
  return {
    kind,
    ...omitUndefined('occurredAt', time),
    ...omitUndefined('recipient', textOf(event, 'email')),
    ...omitUndefined('messageId', messageIdOf(event)),
    ...omitUndefined('vendorEventId', scalarOf(event, 'sg_event_id')),
    ...(kind === 'bounced' ? { bounce: bounceOf(event) } : {}),
    ...(kind === 'rejected' ? { bounce: dropOf(event) } : {}),
    ...(REPLIED.has(kind) ? omitUndefined('reply', textOf(event, 'response') ?? textOf(event, 'reason')) : {}),
    ...omitUndefined('url', textOf(event, 'url')),
    ...omitUndefined('userAgent', textOf(event, 'useragent')),
    ...(ENGAGEMENT.has(kind) ? omitUndefined('ip', textOf(event, 'ip')) : {}),
    ...(kind === 'opened' && typeof event['sg_machine_open'] === 'boolean'
      ? { machine: event['sg_machine_open'] }
      : {}),
    ...senderDataOf(event),
    ...(isIntegrationTest(event) ? { test: true as const } : {}),
    raw: event,
  };
}
