import { hash } from 'node:crypto';
import { toUSVString } from 'node:util';
import {
  canonicalAddress,
  displayAddress,
  type EmailEvent,
  EVENT_KINDS,
  type ParsedEvent,
} from '@score-crm/adapter-kit';
import type { RejectedItem } from './event-batches.repository.ts';
import {
  BOUNCE_CLASS_CODES,
  EVENT_LENGTHS,
  type EventAttribution,
  lookupHash,
  type NewEvent,
} from './events.repository.ts';

/** Where the events come from. */
export interface EventSource {
  readonly connection: { readonly id: string; readonly number: number };
  readonly receivedAt: Date;
  /** See `eventAttribution`. Empty by default. */
  readonly sentMessages?: ReadonlySet<string>;
  /** Events that happened earlier are rejected: they may be repetitions of deleted ones. By default none are. */
  readonly notBefore?: Date | undefined;
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
const TOO_OLD = 'The event is older than the retention of events.';

/** The rows of a batch. An item that is not an event is rejected without affecting the others. */
export function batchRecords(items: readonly ParsedEvent[], source: EventSource): BatchRecords {
  const rejected: RejectedItem[] = [];
  for (const [position, item] of items.entries()) {
    if (!item.ok) rejected.push({ position, reason: cutText(item.reason, REASON_LENGTH) });
    else if (isTooOld(item, source)) rejected.push({ position, reason: TOO_OLD });
  }
  const events = { [Symbol.iterator]: () => eventRecords(items, source) };
  return { events, eventCount: items.length - rejected.length, rejected };
}

function* eventRecords(items: readonly ParsedEvent[], source: EventSource): Generator<NewEvent, undefined> {
  for (const [position, item] of items.entries()) {
    if (item.ok && !isTooOld(item, source)) yield eventRecord(item, position, source);
  }
}

/** By the time that decides whether it is a repetition. An implausible time, or that of a vendor's test, decides nothing. */
function isTooOld(
  { event, deduplicationTime }: Extract<ParsedEvent, { ok: true }>,
  { notBefore, receivedAt }: EventSource,
): boolean {
  const time = deduplicationTime ?? event.occurredAt;
  if (notBefore === undefined || time === undefined || time >= notBefore) return false;
  return receivedAt.getTime() - time.getTime() <= MAX_AGE_MS && !isTest(event);
}

const NO_MESSAGES: ReadonlySet<string> = new Set();

function eventRecord(
  { event, deduplicationKey, deduplicationTime }: Extract<ParsedEvent, { ok: true }>,
  position: number,
  { connection, receivedAt, sentMessages = NO_MESSAGES }: EventSource,
): NewEvent {
  const sha256 = eventSha256(connection.id, deduplicationKey);
  const recipient = event.recipient === undefined ? null : storedAddress(event.recipient);
  const messageId = event.messageId === undefined ? null : storedId(event.messageId);
  return {
    connection: connection.number,
    digest: timedDigest(sha256, deduplicationTime),
    legacyDigest: sha256.slice(0, DIGEST_LENGTH),
    position,
    kind: EVENT_KINDS.includes(event.kind) ? event.kind : 'unknown',
    occurredAt: countedTime(event.occurredAt, receivedAt),
    machine: event.machine ?? null,
    bounceClass: bounceClassOf(event),
    attribution: eventAttribution(event, connection.id, messageId, sentMessages),
    recipient,
    recipientHash: recipient === null ? null : lookupHash(connection.number, recipient),
    messageId,
    messageHash: messageId === null ? null : lookupHash(connection.number, messageId),
  };
}

/** An adapter of another version may have more classes. */
function bounceClassOf({ bounce }: EmailEvent): NewEvent['bounceClass'] {
  if (bounce === undefined) return null;
  return Object.hasOwn(BOUNCE_CLASS_CODES, bounce.class) ? bounce.class : 'unknown';
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
function eventAttribution(
  event: EmailEvent,
  connectionId: string,
  messageId: string | null,
  sent: ReadonlySet<string>,
): EventAttribution {
  if (isTest(event)) return 'test';
  const named = namedConnection(event);
  if (named !== undefined) return named.toLowerCase() === connectionId ? 'own' : 'foreign';
  return messageId !== null && sent.has(messageId) ? 'own' : 'unmatched';
}

/** The stored ids of the messages whose events have no metadata of this service. */
export function messagesToLookUp(items: readonly ParsedEvent[]): readonly string[] {
  const ids = items.flatMap((item) => {
    if (!item.ok || isTest(item.event) || namedConnection(item.event) !== undefined) return [];
    return item.event.messageId === undefined ? [] : [storedId(item.event.messageId)];
  });
  return [...new Set(ids)];
}

function isTest({ test, metadata = {} }: EmailEvent): boolean {
  return test === true || Object.hasOwn(metadata, TEST_METADATA);
}

function namedConnection({ metadata = {} }: EmailEvent): string | undefined {
  return Object.hasOwn(metadata, CONNECTION_ID_METADATA) ? metadata[CONNECTION_ID_METADATA] : undefined;
}

/** In hexadecimal digits. */
const DIGEST_LENGTH = 32;
const TIME_LENGTH = 8;
const LATEST_SECOND = 0xffffffff;

/**
 * Identifies an event within its connection. JSON separates the parts: `['a', 'bc']` is not `['ab', 'c']`.
 * @param deduplicationKey the parts that the adapter names
 */
function eventSha256(connectionId: string, deduplicationKey: readonly (string | number)[]): string {
  return hash('sha256', JSON.stringify([connectionId, ...deduplicationKey]));
}

/** The first four bytes are the time, in seconds: digests of one time are next to each other in the index. */
function timedDigest(sha256: string, time: Date | undefined): string {
  const seconds = Math.floor((time?.getTime() ?? 0) / 1_000);
  const prefix = Math.min(Math.max(seconds, 0), LATEST_SECOND).toString(16).padStart(TIME_LENGTH, '0');
  return prefix + sha256.slice(0, DIGEST_LENGTH - TIME_LENGTH);
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
export function storedId(id: string): string {
  if (id.length <= EVENT_LENGTHS.id && PLAIN_ID.test(id)) return id;
  return `sha256:${hash('sha256', id)}`;
}

/** An address as it is stored and looked up: what differs only in case or in the spelling of its domain is one mailbox. */
export function storedAddress(address: string): string {
  return cutText(canonicalAddress(address), EVENT_LENGTHS.recipient);
}

/** The forms under which an earlier version may have stored an address: with the domain in its own letters, too. */
export function legacySpellings(address: string): readonly string[] {
  const canonical = canonicalAddress(address);
  return [...new Set([canonical, displayAddress(canonical)])].map((spelling) =>
    cutText(spelling, EVENT_LENGTHS.recipient),
  );
}
