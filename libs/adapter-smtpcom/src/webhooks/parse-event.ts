import {
  type Bounce,
  type EmailEvent,
  type EventKind,
  feedbackKind,
  isJsonObject,
  type JsonItem,
  omitUndefined,
  type ParsedEvent,
  parsedEvent,
  scalarOf,
  scalarText,
  textOf,
} from '@score-crm/adapter-kit';
import { MESSAGE_ID, READER, TIMES } from '../assumptions.ts';
import { bounceOf } from './bounce.ts';
import { eventIdOf } from './event-id.ts';
import { firstOf } from './first-of.ts';
import { deduplicationKeyOf } from './deduplication-key.ts';
import { isReservedField } from './reserved-fields.ts';
import { labelOf, vendorEventOf } from './vendor-event-of.ts';
import { VENDOR_EVENTS, type VendorEvent } from './vendor-events.ts';
import { vendorTime } from './vendor-time.ts';

/** Events for which SMTP.com reports the receiving server's reply. That of a bounce is its reason. */
const REPLIED: ReadonlySet<EventKind> = new Set(['delivered', 'deferred']);

/** Events caused by a person: only for these, the IP address is that person's. */
const ENGAGEMENT: ReadonlySet<EventKind> = new Set(['opened', 'clicked', 'complained', 'unsubscribed']);

/**
 * Parses one item of a batch. An item that is not an event, or has no kind, is kept unchanged.
 * @param registered the event that the URL was registered for
 */
export function parseEvent(item: unknown, registered: VendorEvent | undefined): ParsedEvent {
  if (!isJsonObject(item)) return { ok: false, reason: 'The item is not an object.', raw: item };
  const event = vendorEventOf(item, registered);
  const name = event ?? labelOf(item);
  if (name === undefined) return { ok: false, reason: 'The item names no event.', raw: item };
  const time = timeOf(item);
  const bounce = event !== undefined && VENDOR_EVENTS[event] === 'bounced' ? bounceOf(item, event) : undefined;
  const kind = kindOf(item, event, bounce);
  return parsedEvent(emailEvent(item, kind, time, bounce), deduplicationKeyOf(item, name, time, bounce));
}

function timeOf(fields: JsonItem): Date | undefined {
  return TIMES.map((field) => vendorTime(scalarOf(fields, field))).find((time) => time !== undefined);
}

function kindOf(fields: JsonItem, event: VendorEvent | undefined, bounce: Bounce | undefined): EventKind {
  if (event === undefined) return 'unknown';
  // The vendor itself did not try.
  if (bounce?.class === 'admin') return 'rejected';
  if (event === 'complained') return feedbackKind(textOf(fields, 'feedback_type'));
  return event === 'queued' && wasTried(fields) ? 'deferred' : VENDOR_EVENTS[event];
}

/** `queued` is reported for messages that wait for their first attempt, and for messages that wait for another one. */
function wasTried(fields: JsonItem): boolean {
  const isRefused = /^4\d\d$/.test(scalarOf(fields, 'resp_code') ?? '');
  return isRefused || Number(scalarOf(fields, 'tries') ?? 0) >= 1 || /defer/.test(labelOf(fields) ?? '');
}

function emailEvent(fields: JsonItem, kind: EventKind, time: Date | undefined, bounce: Bounce | undefined): EmailEvent {
  return {
    kind,
    ...omitUndefined('occurredAt', time),
    ...omitUndefined('recipient', textOf(fields, 'rcpt_to')),
    ...omitUndefined('messageId', textOf(fields, MESSAGE_ID)),
    ...omitUndefined('vendorEventId', eventIdOf(fields)),
    ...omitUndefined('bounce', bounce),
    ...(REPLIED.has(kind) ? omitUndefined('reply', textOf(fields, 'resp_msg')) : {}),
    ...(kind === 'clicked' ? omitUndefined('url', firstOf(fields, READER.url)) : {}),
    ...omitUndefined('userAgent', firstOf(fields, READER.userAgent)),
    ...(ENGAGEMENT.has(kind) ? omitUndefined('ip', firstOf(fields, READER.ip)) : {}),
    ...omitUndefined('metadata', metadataOf(fields)),
    raw: fields,
  };
}

/** Returns the sender's unique arguments: all fields that are not the vendor's. */
function metadataOf(fields: JsonItem): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(fields).flatMap(([name, value]) => {
    const text = isReservedField(name) ? undefined : scalarText(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
