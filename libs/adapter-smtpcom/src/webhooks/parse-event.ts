import {
  type Bounce,
  type EmailEvent,
  type EventKind,
  type JsonItem,
  optional,
  type ParsedEvent,
  scalarOf,
  textOf,
} from '@score-crm/adapter-kit';
import { MESSAGE_ID, READER, TIMES } from '../assumptions.ts';
import { bounceOf } from './bounce.ts';
import { eventIdOf } from './event-id.ts';
import { firstOf } from './first-of.ts';
import { identityOf } from './identity.ts';
import { isReservedField } from './reserved-fields.ts';
import { labelOf, vendorEventOf } from './vendor-event-of.ts';
import { VENDOR_EVENTS, type VendorEvent } from './vendor-events.ts';
import { vendorTime } from './vendor-time.ts';

/** Those that a person causes: only of these the address is his, if it is told. */
const ENGAGEMENT: ReadonlySet<EventKind> = new Set(['opened', 'clicked', 'complained', 'unsubscribed']);

/**
 * One item of a batch. What is no event, or tells no kind or no time, is kept as it came.
 * @param registered the event that the address was registered for
 */
export function parseEvent(item: unknown, registered: VendorEvent | undefined): ParsedEvent {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    return { ok: false, reason: 'The item is no object.', raw: item };
  }
  const fields = item as JsonItem;
  const event = vendorEventOf(fields, registered);
  const name = event ?? labelOf(fields);
  if (name === undefined) return { ok: false, reason: 'The item names no event.', raw: item };
  const time = timeOf(fields);
  if (time === undefined) return { ok: false, reason: 'The item has no valid time.', raw: item };
  const bounce = event !== undefined && VENDOR_EVENTS[event] === 'bounced' ? bounceOf(fields, event) : undefined;
  const kind = kindOf(fields, event, bounce);
  return { ok: true, event: emailEvent(fields, kind, time, bounce), identity: identityOf(fields, name, time, bounce) };
}

function timeOf(fields: JsonItem): Date | undefined {
  return TIMES.map((field) => vendorTime(scalarOf(fields, field))).find((time) => time !== undefined);
}

function kindOf(fields: JsonItem, event: VendorEvent | undefined, bounce: Bounce | undefined): EventKind {
  if (event === undefined) return 'unknown';
  // The vendor itself did not try.
  if (bounce?.class === 'admin') return 'rejected';
  return event === 'queued' && wasTried(fields) ? 'deferred' : VENDOR_EVENTS[event];
}

/** `queued` is told of mail that waits for its first attempt, and of mail that waits for another one. */
function wasTried(fields: JsonItem): boolean {
  const isRefused = /^4\d\d$/.test(scalarOf(fields, 'resp_code') ?? '');
  return isRefused || Number(scalarOf(fields, 'tries') ?? 0) >= 1 || /defer/.test(labelOf(fields) ?? '');
}

function emailEvent(fields: JsonItem, kind: EventKind, time: Date, bounce: Bounce | undefined): EmailEvent {
  return {
    kind,
    occurredAt: time,
    ...optional('recipient', textOf(fields, 'rcpt_to')),
    ...optional('messageId', textOf(fields, MESSAGE_ID)),
    ...optional('vendorEventId', eventIdOf(fields)),
    ...optional('bounce', bounce),
    ...(kind === 'clicked' ? optional('url', firstOf(fields, READER.url)) : {}),
    ...optional('userAgent', firstOf(fields, READER.userAgent)),
    ...(ENGAGEMENT.has(kind) ? optional('ip', firstOf(fields, READER.ip)) : {}),
    ...optional('metadata', metadataOf(fields)),
    raw: fields,
  };
}

/** The sender's unique arguments: all fields that are not the vendor's. */
function metadataOf(fields: JsonItem): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(fields)
    .filter(([name, value]) => !isReservedField(name) && isScalar(value))
    .map(([name, value]) => [name, String(value)] as const);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
