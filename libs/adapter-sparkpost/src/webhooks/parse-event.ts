import { type EmailEvent, type JsonItem, optional, type ParsedEvent, textOf } from '@score-crm/adapter-kit';
import { PREFETCHED, SAMPLE_EVENT_ID } from '../assumptions.ts';
import { bounceOf, kindByClass } from './bounce.ts';
import { identityOf, idOf } from './event-id.ts';
import { ENGAGEMENT, EVENT_KINDS } from './event-kinds.ts';
import { eventTime } from './event-time.ts';
import { senderDataOf } from './sender-data.ts';

/**
 * One event. What is none, or tells no type or no time, is kept as it came.
 * @param raw what is kept
 */
export function parseEvent(value: unknown, raw: unknown): ParsedEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, reason: 'The event is no object.', raw };
  }
  const event = value as JsonItem;
  const type = textOf(event, 'type');
  if (type === undefined) return { ok: false, reason: 'The event has no type.', raw };
  const time = eventTime(event);
  if (time === undefined) return { ok: false, reason: 'The event has no valid timestamp.', raw };
  return { ok: true, event: emailEvent(event, type, time, raw), identity: identityOf(event, type) };
}

function emailEvent(event: JsonItem, type: string, time: Date, raw: unknown): EmailEvent {
  const kind = kindByClass(EVENT_KINDS.get(type) ?? 'unknown', event);
  const vendorEventId = idOf(event, 'event_id');
  return {
    kind,
    occurredAt: time,
    // As it was sent; `rcpt_to` is in lower case.
    ...optional('recipient', textOf(event, 'raw_rcpt_to') ?? textOf(event, 'rcpt_to')),
    ...optional('messageId', idOf(event, 'transmission_id')),
    ...optional('vendorEventId', vendorEventId),
    ...optional('bounce', bounceOf(kind, event)),
    ...optional('url', textOf(event, 'target_link_url')),
    ...optional('userAgent', textOf(event, 'user_agent')),
    ...(ENGAGEMENT.has(type) ? optional('ip', textOf(event, 'ip_address')) : {}),
    ...(kind === 'opened' ? optional('machine', isPrefetched(event)) : {}),
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
