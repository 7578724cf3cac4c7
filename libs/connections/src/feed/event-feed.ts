import type { EventKind } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ConnectionsRepository, type NumberedConnection } from '../connections/connections.repository.ts';
import { type Transaction, UnitOfWork, type WorkOptions } from '../database/unit-of-work.ts';
import { type ConnectionEvent, EventDetails } from '../events/event-details.ts';
import { EventsRepository, type StoredEvent } from '../events/events.repository.ts';
import type { IdRange } from '../events/index-scan.ts';
import { type FeedEntryRow, FeedRepository, idsOf } from '../sequence/feed.repository.ts';
import { type FeedPosition, isBefore, PositionExpiredError, positionText } from './feed-position.ts';

/** An event as it is stored, without what only the body of its request has. */
export interface FeedRow {
  /** After this event. */
  readonly position: FeedPosition;
  readonly connection: NumberedConnection;
  readonly row: StoredEvent;
}

/** An event of the feed. */
export interface FeedEvent extends ConnectionEvent {
  /** After this event: read on with it. */
  readonly position: string;
  readonly organization: string;
  readonly connectionId: string;
  readonly vendor: string;
}

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

export interface FeedFilter {
  /** An organization, for its events only. */
  readonly organization?: string | undefined;
  readonly kinds?: readonly EventKind[] | undefined;
  readonly connectionIds?: readonly string[] | undefined;
  /** In its stored form. */
  readonly recipient?: string | undefined;
  /** In its stored form. */
  readonly messageId?: string | undefined;
}

export interface FeedQuery extends FeedFilter {
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
  ) {}

  /**
   * The next events, oldest first. Deleted ones are left out.
   * @throws PositionExpiredError
   */
  async rows(tx: Transaction, { after, limit, organization }: FeedScan): Promise<FeedPage<FeedRow>> {
    const { last, deleted } = await this.feed.ends(tx);
    if (after.seq > 0 && after.seq <= deleted) throw new PositionExpiredError();
    const found = await this.feed.from(tx, Math.max(after.seq, 1), ENTRIES_PER_PAGE, organization);
    const { parts, isComplete } = partsOf(found, after, limit);
    const end = parts.at(-1);
    if (end === undefined) {
      // It moves on although nothing was found: a position that stayed would expire.
      const next = { seq: last + 1, index: 0 };
      return { events: [], next: isBefore(after, next) ? next : after, isAtEnd: true };
    }
    const ranges = parts.flatMap(({ ranges: own }) => own);
    const rows = new Map((await this.stored.inRanges(tx, ranges)).map((row) => [row.id, row]));
    const connections = await this.connectionsOf(
      tx,
      parts.map(({ entry }) => entry.connection),
    );
    const events: FeedRow[] = [];
    for (const { entry, ranges: own, skipped } of parts) {
      const connection = connections.get(entry.connection);
      if (connection === undefined) continue;
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
    return { events, next, isAtEnd: isComplete && found.length < ENTRIES_PER_PAGE };
  }

  /**
   * The next events that match, oldest first, with all details.
   * @throws PositionExpiredError
   */
  async events({ limit, ...query }: FeedQuery, options: WorkOptions = {}): Promise<FeedPage<FeedEvent>> {
    const organization = query.organization === undefined ? undefined : await this.numberOf(query.organization);
    if (organization === null) return { events: [], next: await this.end(), isAtEnd: true };
    const isFiltered = [query.kinds, query.connectionIds, query.recipient, query.messageId].some(
      (filter) => filter !== undefined,
    );
    const scan = { after: query.after, limit: isFiltered ? SCANNED_EVENTS : limit, organization };
    const page = await this.unitOfWork.read((tx) => this.rows(tx, scan), { lane: 'query', ...options });
    const matching = page.events.filter((event) => matches(event, query));
    const returned = matching.slice(0, limit);
    const isCut = returned.length < matching.length;
    return {
      events: await this.complete(returned),
      next: isCut ? (returned.at(-1)?.position ?? page.next) : page.next,
      isAtEnd: page.isAtEnd && !isCut,
    };
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
  async find(events: readonly { readonly id: number; readonly position: FeedPosition }[]): Promise<FeedEvent[]> {
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
        return stored.flatMap((row) => {
          const [connection, position] = [connections.get(row.connection), positions.get(row.id)];
          return connection === undefined || position === undefined ? [] : [{ row, connection, position }];
        });
      },
      { lane: 'query' },
    );
    return this.complete(rows);
  }

  /** The position from which on events were appended at this time or later. */
  async positionAt(time: Date): Promise<FeedPosition> {
    return { seq: await this.unitOfWork.read((tx) => this.feed.placeAt(tx, time), { lane: 'query' }), index: 0 };
  }

  /** Adds the details from the bodies of the requests, one connection after the other. */
  private async complete(rows: readonly FeedRow[]): Promise<FeedEvent[]> {
    const byConnection = new Map<number, FeedRow[]>();
    for (const row of rows) {
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
    return rows.flatMap(({ row }) => events.get(row.id) ?? []);
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

function matches({ connection, row }: FeedRow, filter: FeedFilter): boolean {
  const { kinds, connectionIds, recipient, messageId } = filter;
  return (
    (kinds === undefined || kinds.includes(row.kind)) &&
    (connectionIds === undefined || connectionIds.includes(connection.id)) &&
    (recipient === undefined || recipient === row.recipient) &&
    (messageId === undefined || messageId === row.messageId)
  );
}
