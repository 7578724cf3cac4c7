import {
  type EmailEvent,
  type EventKind,
  feedbackKind,
  isJsonObject,
  type JsonItem,
  omitUndefined,
  type ParsedEvent,
  parsedEvent,
  scalarOf,
  textOf,
} from '@score-crm/adapter-kit';
import { PREFETCHED, SAMPLE_EVENT_ID } from '../assumptions.ts';
import { bounceOf, kindByClass, reasonOf } from './bounce.ts';
import { deduplicationKeyOf } from './event-id.ts';
import { ENGAGEMENT, EVENT_KINDS, REPLIED } from './event-kinds.ts';
import { eventTime } from './event-time.ts';
import { senderDataOf } from './sender-data.ts';

/**
 * Parses one event. An event that is not an object, or has no type, is kept unchanged.
 * @param raw what is kept
 */
export function parseEvent(value: unknown, raw: unknown): ParsedEvent {
  if (!isJsonObject(value)) return { ok: false, reason: 'The event is not an object.', raw };
  const type = textOf(value, 'type');
  if (type === undefined) return { ok: false, reason: 'The event has no type.', raw };
  return parsedEvent(emailEvent(value, type, raw), deduplicationKeyOf(value, type));
}

function kindOf(event: JsonItem, type: string): EventKind {
  const kind = EVENT_KINDS.get(type) ?? 'unknown';
  return kind === 'complained' ? feedbackKind(textOf(event, 'fbtype')) : kindByClass(kind, event);
}

function emailEvent(event: JsonItem, type: string, raw: unknown): EmailEvent {
  const kind = kindOf(event, type);
  const vendorEventId = scalarOf(event, 'event_id');
  return {
    kind,
    ...omitUndefined('occurredAt', eventTime(event)),
    // As it was sent; `rcpt_to` is in lowercase.
    ...omitUndefined('recipient', textOf(event, 'raw_rcpt_to') ?? textOf(event, 'rcpt_to')),
    ...omitUndefined('messageId', scalarOf(event, 'transmission_id')),
    ...omitUndefined('vendorEventId', vendorEventId),
    ...omitUndefined('bounce', bounceOf(kind, event)),
    ...(REPLIED.has(kind) ? omitUndefined('reply', reasonOf(event)) : {}),
    ...omitUndefined('url', textOf(event, 'target_link_url')),
    ...omitUndefined('userAgent', textOf(event, 'user_agent')),
    ...(ENGAGEMENT.has(type) ? omitUndefined('ip', textOf(event, 'ip_address')) : {}),
    ...(kind === 'opened' ? omitUndefined('machine', isPrefetched(event)) : {}),
    ...senderDataOf(event),
    ...(vendorEventId === SAMPLE_EVENT_ID ? { test: true as const } : {}),
    raw,
  };
}

function isPrefetched(event: JsonItem): boolean | undefined {
  const agent = event['user_agent_parsed'];
  const value = typeof agent === 'object' && agent !== null ? (agent as JsonItem)[PREFETCHED] : undefined;
  return typeof value === 'boolean' ? value : undefined;
}
