import { isIP } from 'node:net';
import { createHash, hash } from 'node:crypto';
import { toUSVString } from 'node:util';
import {
  type Bounce,
  canonicalAddress,
  displayAddress,
  type EmailEvent,
  EVENT_KINDS,
  type ParsedEvent,
} from '@score-crm/adapter-kit';
import { EVENT_LENGTHS, type EventAttribution, type NewEvent } from './events.repository.ts';
import type { RejectedItem } from './webhook-requests.repository.ts';

/** Where the events come from. */
export interface EventSource {
  /** As `EventRow` has it. */
  readonly requestId: string;
  readonly connectionId: string;
  readonly organization: string;
  readonly receivedAt: Date;
  /** See `eventAttribution`. Empty by default. */
  readonly sentMessages?: ReadonlySet<string>;
}

export interface BatchRecords {
  /** Each record is built when it is read: building a large batch together would need too much time and memory. */
  readonly events: Iterable<NewEvent>;
  readonly eventCount: number;
  readonly rejected: readonly RejectedItem[];
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** How far a vendor's clock may be ahead of the service's, including every mistake about time zones. */
const MAX_AHEAD_MS = DAY_MS;
/** Bounces come late and backlogs are posted again, but nothing is older than the vendors' webhooks. */
const MAX_AGE_MS = 10 * 365 * DAY_MS;

const REASON_LENGTH = 200;
const MAX_JSON_TEXT = 4_000;
const MAX_JSON_ENTRIES = 200;
/** Of all entries of one event together, so that a row fits into one statement; the raw form has everything. */
const MAX_JSON_CHARACTERS = 64 * 1024;

/** The rows of a batch. An item that is not an event is rejected without affecting the others. */
export function batchRecords(items: readonly ParsedEvent[], source: EventSource): BatchRecords {
  const rejected: RejectedItem[] = [];
  for (const [position, item] of items.entries()) {
    if (!item.ok) rejected.push({ position, reason: cutText(item.reason, REASON_LENGTH) });
  }
  const events = { [Symbol.iterator]: () => eventRecords(items, source) };
  return { events, eventCount: items.length - rejected.length, rejected };
}

function* eventRecords(items: readonly ParsedEvent[], source: EventSource): Generator<NewEvent, undefined> {
  for (const [position, item] of items.entries()) {
    if (item.ok) yield eventRecord(item.event, item.deduplicationKey, position, source);
  }
}

function eventRecord(
  event: EmailEvent,
  deduplicationKey: readonly (string | number)[],
  position: number,
  { requestId, connectionId, organization, receivedAt, sentMessages = new Set() }: EventSource,
): NewEvent {
  const { recipient, messageId, vendorEventId, bounce, reply, url, userAgent, ip, machine, tags, metadata } = event;
  return {
    connectionId,
    organization,
    digest: eventDigest(connectionId, deduplicationKey),
    requestId,
    position,
    kind: EVENT_KINDS.includes(event.kind) ? event.kind : 'unknown',
    occurredAt: countedTime(event.occurredAt, receivedAt),
    receivedAt,
    recipient: recipient === undefined ? null : storedAddress(recipient, EVENT_LENGTHS.recipient),
    messageId: messageId === undefined ? null : storedId(messageId, EVENT_LENGTHS.id),
    vendorEventId: vendorEventId === undefined ? null : storedId(vendorEventId, EVENT_LENGTHS.id),
    bounce: bounce === undefined ? null : storedBounce(bounce),
    reply: reply === undefined ? null : cutText(reply, EVENT_LENGTHS.reply),
    url: url === undefined ? null : cutText(url, EVENT_LENGTHS.url),
    userAgent: userAgent === undefined ? null : cutText(userAgent, EVENT_LENGTHS.userAgent),
    ip: ip !== undefined && isIP(ip) !== 0 && ip.length <= 45 ? ip : null,
    machine: machine ?? null,
    tags: tags === undefined ? null : storedTags(tags),
    metadata: metadata === undefined ? null : storedMetadata(metadata),
    attribution: eventAttribution(event, connectionId, sentMessages),
  };
}

function storedBounce(bounce: Bounce): Bounce {
  const entries = Object.entries(bounce).map(([name, value]: [string, unknown]) => {
    return [name, typeof value === 'string' ? jsonText(value) : value];
  });
  return Object.fromEntries(entries) as Bounce;
}

function storedTags(tags: readonly string[]): string[] {
  return withinLength(tags.slice(0, MAX_JSON_ENTRIES).map(jsonText), (tag) => tag.length);
}

function storedMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(metadata)
    .slice(0, MAX_JSON_ENTRIES)
    .map(([name, value]) => [jsonText(name), jsonText(value)] as const);
  return Object.fromEntries(withinLength(entries, ([name, value]) => name.length + value.length));
}

/** As many of the first entries as there is room for. */
function withinLength<T>(entries: readonly T[], lengthOf: (entry: T) => number): T[] {
  let left = MAX_JSON_CHARACTERS;
  return entries.filter((entry) => (left -= lengthOf(entry)) >= 0);
}

function jsonText(text: string): string {
  return cutText(text, MAX_JSON_TEXT);
}

/**
 * The time that an event is stored and counted with: the vendor's, or that of the receipt where the vendor's is absent or
 * implausible (a clock that shows 1970, or a year of 9996 that every statistic would count forever). The vendor's own stays in
 * the raw form and in the deduplication key.
 */
function countedTime(reported: Date | undefined, receivedAt: Date): Date {
  if (reported === undefined) return receivedAt;
  const ahead = reported.getTime() - receivedAt.getTime();
  return ahead <= MAX_AHEAD_MS && ahead >= -MAX_AGE_MS ? reported : receivedAt;
}

/** The metadata of a message that names the connection it was sent through. */
export const CONNECTION_ID_METADATA = 'score_connection_id';

/** The metadata of a test message. */
export const TEST_METADATA = 'score_test';

/**
 * Whether the message of an event was sent through the connection that received it. The metadata decides; without it, whether
 * the connection sent a message with this id. The event belongs to the connection of the URL in every case.
 * @param sent the stored ids of messages that were sent through the connection; of the event's own at least
 */
function eventAttribution(event: EmailEvent, connectionId: string, sent: ReadonlySet<string>): EventAttribution {
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

/** A message's id as it is stored and looked up. */
export function storedMessageId(id: string): string {
  return storedId(id, EVENT_LENGTHS.id);
}

const BYTES = 16;

/**
 * The digest that identifies an event within its connection. JSON separates the parts: `['a', 'bc']` is not `['ab', 'c']`.
 * @param deduplicationKey the parts that the adapter names
 */
function eventDigest(connectionId: string, deduplicationKey: readonly (string | number)[]): Buffer {
  return hash('sha256', JSON.stringify([connectionId, ...deduplicationKey]), 'buffer').subarray(0, BYTES);
}

const PLAIN_ID = /^[\x21-\x7e]*$/;

/** Text that every database accepts: complete characters, at most `length` of them. */
export function cutText(text: string, length: number): string {
  const whole = toUSVString(text);
  // MySQL counts characters, JavaScript halves of them: a text that is short enough to one is to the other.
  return whole.length <= length ? whole : toUSVString(whole.slice(0, length)).replace(/\uFFFD$/, '');
}

/**
 * A vendor's id as it is stored and looked up. One that is too long, or not plain ASCII, becomes its SHA-256: cut off, two
 * ids could become one.
 */
function storedId(id: string, length: number): string {
  if (id.length <= length && PLAIN_ID.test(id)) return id;
  return `sha256:${createHash('sha256').update(id).digest('hex')}`;
}

/** An address as it is stored and looked up: what differs only in case or in the spelling of its domain is one mailbox. */
function storedAddress(address: string, length: number): string {
  return cutText(canonicalAddress(address), length);
}

/** The forms under which an address may be stored: older rows have the domain in its own letters. */
export function storedSpellings(address: string, length: number): readonly string[] {
  const canonical = canonicalAddress(address);
  return [...new Set([canonical, displayAddress(canonical)])].map((spelling) => cutText(spelling, length));
}
