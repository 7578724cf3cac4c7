import type { EmailEvent, EventKind, ParsedEvent } from '@score-crm/adapter-kit';
import { bounceOf, dropOf } from './bounce.ts';
import { ENGAGEMENT, EVENT_KINDS } from './event-kinds.ts';
import { identityOf } from './identity.ts';
import { isIntegrationTest } from './integration-test.ts';
import { messageIdOf } from './message-id.ts';
import { occurredAt } from './occurred-at.ts';
import { senderDataOf } from './sender-data.ts';
import { textOf, type VendorEvent } from './vendor-event.ts';

/** One item of a batch. What is no event, or tells no kind or no time, is kept as it came. */
export function parseEvent(item: unknown): ParsedEvent {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    return { ok: false, reason: 'The item is no object.', raw: item };
  }
  const event = item as VendorEvent;
  const name = textOf(event, 'event');
  if (name === undefined) return { ok: false, reason: 'The item has no event.', raw: item };
  const time = occurredAt(event);
  if (time === undefined) return { ok: false, reason: 'The item has no valid timestamp.', raw: item };
  const kind = EVENT_KINDS.get(name) ?? 'unknown';
  return { ok: true, event: emailEvent(event, kind, time), identity: identityOf(event, time) };
}

function emailEvent(event: VendorEvent, kind: EventKind, time: Date): EmailEvent {
  return {
    kind,
    occurredAt: time,
    ...named('recipient', textOf(event, 'email')),
    ...named('messageId', messageIdOf(event)),
    ...named('vendorEventId', textOf(event, 'sg_event_id')),
    ...(kind === 'bounced' ? { bounce: bounceOf(event) } : {}),
    ...(kind === 'rejected' ? { bounce: dropOf(event) } : {}),
    ...named('url', textOf(event, 'url')),
    ...named('userAgent', textOf(event, 'useragent')),
    ...(ENGAGEMENT.has(kind) ? named('ip', textOf(event, 'ip')) : {}),
    ...(kind === 'opened' && typeof event['sg_machine_open'] === 'boolean'
      ? { machine: event['sg_machine_open'] }
      : {}),
    ...senderDataOf(event),
    ...(isIntegrationTest(event) ? { test: true as const } : {}),
    raw: event,
  };
}

function named<K extends keyof EmailEvent>(name: K, value: string | undefined): { readonly [name in K]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in K]: string });
}
