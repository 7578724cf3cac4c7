import type { EventKind } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ConnectionsRepository, type NumberedConnection } from '../connections/connections.repository.ts';
import { type Transaction, UnitOfWork, type WorkOptions } from '../database/unit-of-work.ts';
import { EventDetails } from '../events/event-details.ts';
import { EventsRepository, type StoredEvent } from '../events/events.repository.ts';
import type { IdRange } from '../events/index-scan.ts';
import {
  type WebhookHealthChangeRow,
  WebhookHealthChangesRepository,
} from '../events/webhook-health-changes.repository.ts';
import { type FeedEntryRow, FeedRepository, idsOf } from '../sequence/feed.repository.ts';
import {
  type FeedEvent,
  type FeedEventOf,
  type FeedKind,
  type FeedReads,
  readsOf,
  WEBHOOK_HEALTH_CHANGED,
  type WebhookHealthEvent,
} from './feed-kinds.ts';
import { type FeedPosition, isBefore, PositionExpiredError, positionText } from './feed-position.ts';

/** An event of an email as it is stored, without what only the body of its request has. */
export interface FeedRow {
  /** After this event. */
  readonly position: FeedPosition;
  readonly connection: NumberedConnection;
  readonly row: StoredEvent;
}

/** A change of a webhook's health. */
interface HealthRow extends Omit<FeedRow, 'row'> {
  readonly change: WebhookHealthChangeRow & { readonly event: number };
}

type AnyRow = FeedRow | HealthRow;

export interface FeedPage<Event> {
  readonly events: readonly Event[];
  /** Where to continue, even if no event was found. */
  readonly next: FeedPosition;
  /** Whether there was nothing more to read. */
  readonly isAtEnd: boolean;
}

export interface FeedScan {
  readonly after: FeedPosition;
  /** How many events are read at most. */
  readonly limit: number;
  /** The number of an organization; by default the events of all organizations. */
  readonly organization?: number | undefined;
}

export interface FeedFilter<Kind extends FeedKind = EventKind> {
  /** An organization, for its events only. */
  readonly organization?: string | undefined;
  /** All kinds of events of emails by default. */
  readonly kinds?: readonly Kind[] | undefined;
  readonly connectionIds?: readonly string[] | undefined;
  /** In its stored form. */
  readonly recipient?: string | undefined;
  /** In its stored form. */
  readonly messageId?: string | undefined;
}

export interface FeedQuery<Kind extends FeedKind = EventKind> extends FeedFilter<Kind> {
  readonly after: FeedPosition;
  /** How many events are returned at most. */
  readonly limit: number;
}

const ENTRIES_PER_PAGE = 500;
/** How many events one page reads at most if most of them do not match. */
const SCANNED_EVENTS = 2_000;
const KNOWN_CONNECTIONS = 10_000;

/** The events of all connections in one order, which is the same for every reader. */
@Injectable()
export class EventFeed {
  private readonly known = new LRUCache<number, NumberedConnection>({ max: KNOWN_CONNECTIONS });
  private readonly organizations = new LRUCache<string, number>({ max: KNOWN_CONNECTIONS });

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly feed: FeedRepository,
    private readonly stored: EventsRepository,
    private readonly connections: ConnectionsRepository,
    private readonly details: EventDetails,
    private readonly changes: WebhookHealthChangesRepository,
  ) {}

  /**
   * The next events of emails, oldest first. Deleted ones are left out.
   * @throws PositionExpiredError
   */
  async rows(tx: Transaction, scan: FeedScan): Promise<FeedPage<FeedRow>> {
    const { events, ...page } = await this.read(tx, scan, { emails: true, health: false });
    return { ...page, events: events.filter((event) => 'row' in event) };
  }

  private async read(
    tx: Transaction,
    { after, limit, organization }: FeedScan,
    wanted: { readonly emails: boolean; readonly health: boolean },
  ): Promise<FeedPage<AnyRow>> {
    const { last, deleted } = await this.feed.ends(tx);
    if (after.seq > 0 && after.seq <= deleted) throw new PositionExpiredError();
    // An entry has at least one event; those of the first one may have been read.
    const entries = Math.min(ENTRIES_PER_PAGE, limit + 1);
    const found = await this.feed.from(tx, Math.max(after.seq, 1), entries, organization);
    const { parts, isComplete } = partsOf(found, after, limit);
    const end = parts.at(-1);
    if (end === undefined) {
      // It moves on although nothing was found: a position that stayed would expire.
      const next = { seq: last + 1, index: 0 };
      return { events: [], next: isBefore(after, next) ? next : after, isAtEnd: true };
    }
    const ranges = wanted.emails ? parts.flatMap(({ ranges: own }) => own) : [];
    const rows = new Map((await this.stored.inRanges(tx, ranges)).map((row) => [row.id, row]));
    const changes = wanted.health ? await this.changesOf(tx, parts, rows) : new Map<number, HealthRow['change']>();
    const connections = await this.connectionsOf(
      tx,
      parts.map(({ entry }) => entry.connection),
    );
    const events: AnyRow[] = [];
    for (const { entry, ranges: own, skipped } of parts) {
      const connection = connections.get(entry.connection);
      if (connection === undefined) continue;
      const change = changes.get(entry.first);
      if (change !== undefined) events.push({ position: { seq: entry.seq, index: 1 }, connection, change });
      if (!wanted.emails) continue;
      let index = skipped;
      for (const { first, last: end } of own) {
        for (let id = first; id <= end; id++) {
          index++;
          const row = rows.get(id);
          if (row !== undefined) events.push({ position: { seq: entry.seq, index }, connection, row });
        }
      }
    }
    const index = end.skipped + countOf(end.ranges);
    const { seq, events: total } = end.entry;
    // The end of an entry is the beginning of the next one, so that the position does not expire with what it has passed.
    const next = index < total ? { seq, index } : { seq: seq + 1, index: 0 };
    return { events, next, isAtEnd: isComplete && found.length < entries };
  }

  /**
   * The next events that match, oldest first, with all details.
   * @throws PositionExpiredError
   */
  async events<Kind extends FeedKind = EventKind>(
    { limit, ...query }: FeedQuery<Kind>,
    options: WorkOptions = {},
  ): Promise<FeedPage<FeedEventOf<Kind>>> {
    const organization = query.organization === undefined ? undefined : await this.numberOf(query.organization);
    if (organization === null) return { events: [], next: await this.end(), isAtEnd: true };
    const scan = { after: query.after, limit, organization };
    const page = await this.unitOfWork.read((tx) => this.matching(tx, scan, query), { lane: 'query', ...options });
    const returned = page.events.slice(0, limit);
    const isCut = returned.length < page.events.length;
    return {
      events: (await this.complete(returned)) as FeedEventOf<Kind>[],
      next: isCut ? (returned.at(-1)?.position ?? page.next) : page.next,
      isAtEnd: page.isAtEnd && !isCut,
    };
  }

  /** Those that match among some events, of which more are read the fewer match. */
  private async matching(tx: Transaction, scan: FeedScan, filter: FeedFilter<FeedKind>): Promise<FeedPage<AnyRow>> {
    const wanted = readsOf(filter.kinds);
    // Without events of emails, few statements read many entries.
    if (!wanted.emails) return this.matchingOf(tx, { ...scan, limit: Number.POSITIVE_INFINITY }, wanted, filter);
    const first = await this.matchingOf(tx, scan, wanted, filter);
    const found = first.events.length;
    if (first.isAtEnd || found >= scan.limit / 2 || scan.limit >= SCANNED_EVENTS) return first;
    const expected = Math.ceil(((scan.limit - found) * scan.limit) / Math.max(found, 1));
    const rest = Math.min(expected, SCANNED_EVENTS - scan.limit);
    const second = await this.matchingOf(tx, { ...scan, after: first.next, limit: rest }, wanted, filter);
    return { ...second, events: [...first.events, ...second.events] };
  }

  private async matchingOf(
    tx: Transaction,
    scan: FeedScan,
    wanted: FeedReads,
    filter: FeedFilter<FeedKind>,
  ): Promise<FeedPage<AnyRow>> {
    const page = await this.read(tx, scan, wanted);
    return { ...page, events: page.events.filter((event) => matches(event, filter)) };
  }

  /** The end of the feed now. */
  async end(): Promise<FeedPosition> {
    const { last } = await this.unitOfWork.read((tx) => this.feed.ends(tx));
    return { seq: last + 1, index: 0 };
  }

  /** The position before the oldest event that is still stored. */
  async beginning(): Promise<FeedPosition> {
    const { deleted } = await this.unitOfWork.read((tx) => this.feed.ends(tx));
    return { seq: deleted + 1, index: 0 };
  }

  /** Stored events by their ids, with all details; deleted ones are left out. They have the position that is given. */
  async find(
    events: readonly { readonly id: number; readonly position: FeedPosition }[],
  ): Promise<FeedEventOf<FeedKind>[]> {
    const positions = new Map(events.map(({ id, position }) => [id, position]));
    const rows = await this.unitOfWork.read(
      async (tx) => {
        const stored = await this.stored.inRanges(
          tx,
          events.map(({ id }) => ({ first: id, last: id })),
        );
        const connections = await this.connectionsOf(
          tx,
          stored.map(({ connection }) => connection),
        );
        const found = stored.flatMap((row) => {
          const [connection, position] = [connections.get(row.connection), positions.get(row.id)];
          return connection === undefined || position === undefined ? [] : [{ row, connection, position }];
        });
        return [...found, ...(await this.findChanges(tx, positions))];
      },
      { lane: 'query' },
    );
    return this.complete(rows);
  }

  private async findChanges(tx: Transaction, positions: ReadonlyMap<number, FeedPosition>): Promise<HealthRow[]> {
    const found: HealthRow[] = [];
    for (const change of await this.changes.ofEvents(tx, [...positions.keys()])) {
      const connection = await this.connections.findAny(tx, change.connectionId);
      const position = change.event === null ? undefined : positions.get(change.event);
      if (isAnnounced(change) && connection && position) found.push({ change, connection, position });
    }
    return found;
  }

  /** The changes of health of some entries, by the ids of their events. Each is an entry of its own. */
  private async changesOf(
    tx: Transaction,
    parts: readonly FeedPart[],
    rows: ReadonlyMap<number, StoredEvent>,
  ): Promise<ReadonlyMap<number, HealthRow['change']>> {
    const ids = parts.flatMap(({ entry: { events, first } }) => (events === 1 && !rows.has(first) ? [first] : []));
    const changes = (await this.changes.ofEvents(tx, ids)).filter(isAnnounced);
    return new Map(changes.map((change) => [change.event, change]));
  }

  /** The position from which on events were appended at this time or later. */
  async positionAt(time: Date): Promise<FeedPosition> {
    return { seq: await this.unitOfWork.read((tx) => this.feed.placeAt(tx, time), { lane: 'query' }), index: 0 };
  }

  /** Adds the details from the bodies of the requests, one connection after the other. */
  private async complete(rows: readonly AnyRow[]): Promise<FeedEventOf<FeedKind>[]> {
    const byConnection = new Map<number, FeedRow[]>();
    for (const row of rows) {
      if (!('row' in row)) continue;
      const own = byConnection.get(row.connection.number);
      if (own === undefined) byConnection.set(row.connection.number, [row]);
      else own.push(row);
    }
    const events = new Map<number, FeedEvent>();
    for (const own of byConnection.values()) {
      const [first] = own;
      if (first === undefined) continue;
      const { id: connectionId, organization, vendor } = first.connection;
      const completed = await this.details.complete(
        vendor,
        organization,
        own.map(({ row }) => row),
      );
      for (const [index, { raw: _raw, ...event }] of completed.entries()) {
        const { position, row } = own[index] ?? first;
        events.set(row.id, { ...event, position: positionText(position), organization, connectionId, vendor });
      }
    }
    return rows.flatMap((row) => ('row' in row ? (events.get(row.row.id) ?? []) : healthEvent(row)));
  }

  private async connectionsOf(
    tx: Transaction,
    given: readonly number[],
  ): Promise<ReadonlyMap<number, NumberedConnection>> {
    const numbers = [...new Set(given)];
    const unknown = numbers.filter((number) => !this.known.has(number));
    if (unknown.length > 0) {
      for (const row of await this.connections.findByNumbers(tx, unknown)) this.known.set(row.number, row);
    }
    return new Map(
      numbers.flatMap((number) => {
        const connection = this.known.get(number);
        return connection === undefined ? [] : [[number, connection] as const];
      }),
    );
  }

  /** null if the organization never had a connection. */
  private async numberOf(organization: string): Promise<number | null> {
    const known = this.organizations.get(organization);
    if (known !== undefined) return known;
    const number = await this.unitOfWork.read((tx) => this.connections.organizationNumber(tx, organization));
    if (number === undefined) return null;
    this.organizations.set(organization, number);
    return number;
  }
}

/** The events of an entry that belong to a page. */
interface FeedPart {
  readonly entry: FeedEntryRow;
  readonly ranges: readonly IdRange[];
  /** How many events of the entry are before them. */
  readonly skipped: number;
}

/** The next events of some entries, up to a number. */
function partsOf(
  entries: readonly FeedEntryRow[],
  after: FeedPosition,
  limit: number,
): { readonly parts: readonly FeedPart[]; readonly isComplete: boolean } {
  const parts: FeedPart[] = [];
  let left = limit;
  for (const entry of entries) {
    const skipped = entry.seq === after.seq ? Math.min(after.index, entry.events) : 0;
    const rest = entry.events - skipped;
    if (rest === 0) continue;
    if (left === 0) return { parts, isComplete: false };
    const count = Math.min(rest, left);
    parts.push({ entry, ranges: slice(idsOf(entry), skipped, count), skipped });
    left -= count;
    if (count < rest) return { parts, isComplete: false };
  }
  return { parts, isComplete: true };
}

/** Some of the ids, by their place. */
function slice(ranges: readonly IdRange[], skipped: number, count: number): IdRange[] {
  const taken: IdRange[] = [];
  let [toSkip, toTake] = [skipped, count];
  for (const { first, last } of ranges) {
    const size = last - first + 1;
    const start = Math.min(toSkip, size);
    toSkip -= start;
    const own = Math.min(size - start, toTake);
    if (own > 0) taken.push({ first: first + start, last: first + start + own - 1 });
    toTake -= own;
  }
  return taken;
}

function countOf(ranges: readonly IdRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

function matches(event: AnyRow, filter: FeedFilter<FeedKind>): boolean {
  const { kinds, connectionIds, recipient, messageId } = filter;
  if (connectionIds !== undefined && !connectionIds.includes(event.connection.id)) return false;
  // Read only if it is wanted.
  if (!('row' in event)) return recipient === undefined && messageId === undefined;
  const { row } = event;
  return (
    (kinds === undefined || kinds.includes(row.kind)) &&
    (recipient === undefined || recipient === row.recipient) &&
    (messageId === undefined || messageId === row.messageId)
  );
}

function isAnnounced(change: WebhookHealthChangeRow): change is HealthRow['change'] {
  return change.event !== null;
}

function healthEvent({ position, connection, change }: HealthRow): WebhookHealthEvent {
  const { event, state, reason, changedAt, previousState, previousReason, previousSince } = change;
  const { id: connectionId, organization, vendor } = connection;
  return {
    position: positionText(position),
    connectionId,
    vendor,
    organization,
    id: String(event),
    kind: WEBHOOK_HEALTH_CHANGED,
    occurredAt: changedAt,
    health: { state, reason, since: changedAt },
    previous:
      previousState === null || previousSince === null
        ? null
        : { state: previousState, reason: previousReason, since: previousSince },
  };
}
