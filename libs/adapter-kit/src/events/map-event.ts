import { isJsonObject, type JsonItem, scalarOf, scalarText, textOf } from '../json/json.ts';
import type { Bounce, EmailEvent, EventKind, ParsedEvent } from './email-event.ts';

/** What the readers of an event get besides its item. */
export interface EventFacts {
  /** The vendor's name of the event. */
  readonly name: string;
  readonly kind: EventKind;
}

/** How a text of an event is read: a field, several of which the first that has a text is used, or a function. */
export type EventText = string | readonly string[] | ((item: JsonItem, facts: EventFacts) => string | undefined);

/**
 * How a vendor's events become the kit's: a table of kinds, and where each value is found. What an event of its kind
 * cannot have is left out.
 *
 * @example
 * const EVENTS: EventMap = {
 *   name: 'RecordType',
 *   kinds: new Map([['Delivery', 'delivered'], ['Bounce', 'bounced'], ['Open', 'opened']]),
 *   time: (item) => unixTime(scalarOf(item, 'timestamp')),
 *   recipient: ['Recipient', 'Email'],
 *   messageId: 'MessageID',
 *   bounce: (item) => ({ class: CLASSES.get(textOf(item, 'Type') ?? '') ?? 'unknown' }),
 *   ip: (item) => textOf(objectIn(item, 'Geo'), 'IP'),
 *   metadata: (item) => textsOf(objectIn(item, 'Metadata')),
 *   deduplicationKey: (item, { name }) => [name, textOf(item, 'ID') ?? contentDigest(item)],
 * };
 * const parsed = parseJsonBatch(body, (item) => mapEvent(item, EVENTS));
 */
export interface EventMap {
  /** The vendor's name of the event. An item without one is kept as unreadable. */
  readonly name: string | ((item: JsonItem) => string | undefined);
  /** By the vendor's name. Any other is `unknown`. */
  readonly kinds: ReadonlyMap<string, EventKind>;
  /** Corrects the kind by other fields, such as the type of a complaint. */
  readonly kind?: (item: JsonItem, facts: EventFacts) => EventKind;
  readonly time: (item: JsonItem) => Date | undefined;
  readonly recipient: EventText;
  readonly messageId: EventText;
  readonly vendorEventId?: EventText;
  /** For `bounced`, `rejected`, `failed` and `deferred`. */
  readonly bounce?: (item: JsonItem, facts: EventFacts) => Bounce | undefined;
  /** For `delivered` and `deferred`. */
  readonly reply?: EventText;
  /** For `clicked`, or the kinds of `urlKinds`. */
  readonly url?: EventText;
  readonly userAgent?: EventText;
  /** For events that a person caused; for all others the address is a server's. */
  readonly ip?: EventText;
  /** For `opened` and `clicked`. */
  readonly machine?: (item: JsonItem, facts: EventFacts) => boolean | undefined;
  /** Whether a person caused the event. Default: `opened`, `clicked`, `complained`, `unsubscribed`. */
  readonly isEngagement?: (facts: EventFacts) => boolean;
  /** Kinds with a `url`. Default: `clicked`. */
  readonly urlKinds?: ReadonlySet<EventKind>;
  readonly tags?: (item: JsonItem) => readonly string[];
  readonly metadata?: (item: JsonItem) => Readonly<Record<string, string>>;
  /** Whether the vendor posted the event only to test the webhook. */
  readonly isTest?: (item: JsonItem, event: EmailEvent) => boolean;
  /** The parts of the deduplication key, see `ParsedEvent`. */
  readonly deduplicationKey: (item: JsonItem, facts: EventFacts, event: EmailEvent) => readonly (string | number)[];
  /** Whether the vendor may repeat the event with another time, which is then not in its deduplication key. Default: no. */
  readonly mayChangeTime?: (facts: EventFacts) => boolean;
}

const ENGAGEMENT: ReadonlySet<EventKind> = new Set(['opened', 'clicked', 'complained', 'unsubscribed']);
const UNDELIVERED: ReadonlySet<EventKind> = new Set(['bounced', 'rejected', 'failed', 'deferred']);
const REPLIED: ReadonlySet<EventKind> = new Set(['delivered', 'deferred']);
const READ: ReadonlySet<EventKind> = new Set(['opened', 'clicked']);
const CLICKED: ReadonlySet<EventKind> = new Set(['clicked']);

/**
 * Maps one item of a webhook request. An item that is not an object, has no name, or neither time, message nor recipient
 * is kept unchanged as unreadable.
 * @param raw what the event keeps, if it is not the item itself
 */
export function mapEvent(item: unknown, map: EventMap, raw: unknown = item): ParsedEvent {
  if (!isJsonObject(item)) return { ok: false, reason: 'The item is not an object.', raw };
  const name = typeof map.name === 'string' ? textOf(item, map.name) : map.name(item);
  if (name === undefined) return { ok: false, reason: 'The item names no event.', raw };
  const listed = map.kinds.get(name) ?? 'unknown';
  const facts = { name, kind: map.kind?.(item, { name, kind: listed }) ?? listed };
  const event = emailEvent(item, map, facts, raw);
  const isTest = map.isTest?.(item, event) === true;
  const key = map.deduplicationKey(item, facts, event);
  return parsedEvent(isTest ? { ...event, test: true } : event, key, map.mayChangeTime?.(facts) !== true);
}

function emailEvent(item: JsonItem, map: EventMap, facts: EventFacts, raw: unknown): EmailEvent {
  const { kind } = facts;
  const { isEngagement = () => ENGAGEMENT.has(kind), urlKinds = CLICKED } = map;
  const event: { -readonly [Member in keyof EmailEvent]: EmailEvent[Member] } = { kind, raw };
  // Every event of every webhook passes here: spreading an object for each member would take longer than all else.
  const set = <Name extends keyof EmailEvent>(name: Name, value: EmailEvent[Name] | undefined): void => {
    if (value !== undefined) event[name] = value;
  };
  const text = (reader: EventText | undefined): string | undefined => textBy(reader, item, facts);
  set('occurredAt', map.time(item));
  set('recipient', text(map.recipient));
  set('messageId', text(map.messageId));
  set('vendorEventId', text(map.vendorEventId));
  if (UNDELIVERED.has(kind)) set('bounce', map.bounce?.(item, facts));
  if (REPLIED.has(kind)) set('reply', text(map.reply));
  if (urlKinds.has(kind)) set('url', text(map.url));
  set('userAgent', text(map.userAgent));
  if (isEngagement(facts)) set('ip', text(map.ip));
  if (READ.has(kind)) set('machine', map.machine?.(item, facts));
  const tags = map.tags?.(item) ?? [];
  if (tags.length > 0) event.tags = tags;
  const metadata = map.metadata?.(item) ?? {};
  if (Object.keys(metadata).length > 0) event.metadata = metadata;
  return event;
}

function textBy(reader: EventText | undefined, item: JsonItem, facts: EventFacts): string | undefined {
  if (typeof reader === 'function') return reader(item, facts);
  if (typeof reader === 'string') return textOf(item, reader);
  for (const field of reader ?? []) {
    const value = textOf(item, field);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Returns the first of these fields that is present, as a text; numbers are returned as they were written. */
export function firstOf(item: JsonItem, fields: readonly string[]): string | undefined {
  return fields.map((field) => scalarOf(item, field)).find((value) => value !== undefined);
}

/** Returns a member that is an object, or an empty object for anything else. */
export function objectIn(item: JsonItem, member: string): JsonItem {
  const value = Object.hasOwn(item, member) ? item[member] : undefined;
  return isJsonObject(value) ? value : {};
}

/** Returns the objects of a value that is a list or, in some responses, a single object. */
export function objectsIn(value: unknown): readonly JsonItem[] {
  return [value].flat().filter(isJsonObject);
}

/** Returns the texts, numbers and booleans of an object as texts: metadata as they were sent. */
export function textsOf(
  object: JsonItem,
  isKept: (name: string) => boolean = () => true,
): Readonly<Record<string, string>> {
  const entries: [string, string][] = [];
  for (const name of Object.keys(object)) {
    const text = isKept(name) ? scalarText(object[name]) : undefined;
    if (text !== undefined) entries.push([name, text]);
  }
  return Object.fromEntries(entries);
}

/** Returns the tags of a field that is one text or a list of texts. Anything else in it is ignored. */
export function tagsOf(value: unknown): readonly string[] {
  const tags: readonly unknown[] = Array.isArray(value) ? value : [value];
  return tags.filter((tag): tag is string => typeof tag === 'string' && tag !== '');
}

/**
 * Returns the outcome of an item that was parsed. An event without a usable time is kept if it names its message or its
 * recipient; without any of the three it is rejected.
 * @param keepsTime whether the vendor repeats the event with the same time
 */
export function parsedEvent(
  event: EmailEvent,
  deduplicationKey: readonly (string | number)[],
  keepsTime = false,
): ParsedEvent {
  const { occurredAt, messageId, recipient, raw } = event;
  if (occurredAt !== undefined && keepsTime) {
    return { ok: true, event, deduplicationKey, deduplicationTime: occurredAt };
  }
  if (occurredAt !== undefined || messageId !== undefined || recipient !== undefined) {
    return { ok: true, event, deduplicationKey };
  }
  return { ok: false, reason: 'The event has no valid time, no message and no recipient.', raw };
}

/**
 * Event kinds by the `Feedback-Type` of a feedback-loop report.
 * https://www.iana.org/assignments/marf-parameters
 */
const KINDS: ReadonlyMap<string, EventKind> = new Map<string, EventKind>([
  // Unsolicited or other abuse (RFC 5965, 3.1).
  ['abuse', 'complained'],
  // Fraud or phishing (RFC 5965).
  ['fraud', 'complained'],
  // A virus in the message (RFC 5965).
  ['virus', 'complained'],
  // Any other feedback (RFC 5965).
  ['other', 'complained'],
  // A request to be removed from the list. It appeared in drafts of RFC 5965 and is still sent.
  ['opt-out', 'unsubscribed'],
  ['opt-out-list', 'unsubscribed'],
  // The reader reports that the message is not spam (RFC 6430), the opposite of a complaint. There is no kind for that.
  ['not-spam', 'unknown'],
  // The receiver reports that SPF, DKIM or DMARC failed (RFC 6591). There was no complaint by a person.
  ['auth-failure', 'unknown'],
]);

/**
 * Returns the kind of an event that the vendor calls a complaint: `complained` unless its type says otherwise.
 * @param type the `Feedback-Type`, in any case; an unregistered or missing type is a complaint
 */
export function feedbackKind(type: string | undefined): EventKind {
  return (
    KINDS.get(
      (type ?? '')
        .trim()
        .toLowerCase()
        .replace(/[\s_]+/g, '-'),
    ) ?? 'complained'
  );
}

// `Date.parse` by itself would also accept "1" and "soon 1".
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const MILLISECONDS_FROM = 1e12;
const END_OF_9999 = 253_402_300_799_999;

/** Parses a time in Unix seconds, or in milliseconds above 10¹². Returns undefined if the value is not a time. */
export function unixTime(value: string | number | undefined): Date | undefined {
  const text = String(value ?? '');
  if (!/^\d{1,15}(?:\.\d+)?(?:e\+?\d{1,2})?$/i.test(text)) return undefined;
  const number = Number(text);
  const milliseconds = Math.trunc(number > MILLISECONDS_FROM ? number : number * 1000);
  return milliseconds > 0 && milliseconds <= END_OF_9999 ? new Date(milliseconds) : undefined;
}

/** Parses a time such as `2026-01-02T03:04:05.678Z` (RFC 3339). Returns undefined if the value is not a time after 1970. */
export function rfc3339Time(value: string | undefined): Date | undefined {
  const milliseconds = RFC_3339.test(value ?? '') ? Date.parse(value ?? '') : Number.NaN;
  return milliseconds > 0 ? new Date(milliseconds) : undefined;
}
