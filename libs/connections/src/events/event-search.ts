import type { EventKind } from '@score-crm/adapter-kit';
import { Inject, Injectable } from '@nestjs/common';
import { DEFAULT_DATABASE_TIMEOUT_MS, type Transaction } from '../database/unit-of-work.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import { EventBatchesRepository } from './event-batches.repository.ts';
import { legacySpellings, storedAddress, storedId } from './event-record.ts';
import { batchOf, eventId, type EventRow, EventsRepository, type ScannedEvent } from './events.repository.ts';
import {
  type DatedRow,
  firstSince,
  idsAfter,
  type IdRange,
  type Order,
  ScanBudget,
  type ScannedRow,
} from './index-scan.ts';
import { type LegacyEventRow, LegacyEventsRepository, type ScannedLegacyEvent } from './legacy-events.repository.ts';

export interface EventQuery {
  /** Events of any of these kinds; of all kinds by default. */
  readonly kinds?: readonly EventKind[] | undefined;
  /** A complete address. */
  readonly recipient?: string | undefined;
  /** The domain of the recipients. */
  readonly domain?: string | undefined;
  /** The ID that sending the message returned. */
  readonly messageId?: string | undefined;
  /** Events that were received at this time or later. */
  readonly from?: Date | undefined;
  /** Events that were received before this time. */
  readonly to?: Date | undefined;
  /** By the order in which the events were stored: `desc`, the default, is newest first. */
  readonly order?: Order | undefined;
  /** 1 to 100; 25 by default. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the previous page. */
  readonly cursor?: string | undefined;
}

/** As `EventQuery`, with the id of the cursor. */
export type EventSearchQuery = Omit<EventQuery, 'limit' | 'cursor'> & {
  readonly cursor?: number | undefined;
  readonly limit: number;
};

/** Events in the order of the query. All legacy events are older than all others. */
export interface FoundEvents {
  readonly rows: readonly EventRow[];
  readonly legacyRows: readonly LegacyEventRow[];
  /** The cursor of the next page; undefined on the last one. */
  readonly next: number | undefined;
}

interface SearchedConnection {
  readonly id: string;
  readonly number: number;
}

/** A list, or a part of it, while it is being read. */
interface List {
  readonly ids: number[];
  /** How many are needed. */
  readonly length: number;
  /** The last row that was read. */
  lastRead: number | undefined;
}

/** How many rows one list may read, where it compares more than the index does. */
const ROWS_PER_LIST = 10_000;
const ALL_IDS: IdRange = { first: 1, last: Number.MAX_SAFE_INTEGER };
const NO_IDS: IdRange = { first: 1, last: 0 };
/** How long instances use ids of batches that they have taken, and how far their clocks may differ. */
const CLOCKS_MS = 5_000;
/** How often a batch may wait for the database between its receipt and its commit. */
const WAITS = 4;

/** Finds the events of a list. */
@Injectable()
export class EventSearch {
  /** A batch with a later id was received at most this much earlier. */
  private readonly disorderMs: number;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) { databaseTimeoutMs }: ConnectionsModuleOptions,
    private readonly events: EventsRepository,
    private readonly batches: EventBatchesRepository,
    private readonly legacy: LegacyEventsRepository,
  ) {
    this.disorderMs = WAITS * (databaseTimeoutMs ?? DEFAULT_DATABASE_TIMEOUT_MS) + CLOCKS_MS;
  }

  async list(tx: Transaction, connection: SearchedConnection, query: EventSearchQuery): Promise<FoundEvents> {
    const { order = 'desc', limit } = query;
    const budget = new ScanBudget(ROWS_PER_LIST);
    // One more shows whether there is a next page.
    const list: List = { ids: [], length: limit + 1, lastRead: undefined };
    const isLegacyEmpty = await this.legacy.isEmpty(tx);
    const sources = [
      () => this.addNew(tx, connection.number, query, list, budget),
      ...(isLegacyEmpty ? [] : [() => this.addLegacy(tx, connection.id, query, list, budget)]),
    ];
    const counts: number[] = [];
    for (const add of order === 'asc' ? sources.toReversed() : sources) {
      const before = list.ids.length;
      if (before < list.length && !budget.isExceeded) await add();
      counts.push(list.ids.length - before);
    }
    const page = list.ids.slice(0, limit);
    const [first = 0] = counts;
    const isLegacyFirst = order === 'asc' && !isLegacyEmpty;
    const [newIds, legacyIds] = isLegacyFirst
      ? [page.slice(first), page.slice(0, first)]
      : [page.slice(0, first), page.slice(first)];
    const isFull = list.ids.length > limit;
    return {
      rows: await this.events.findAll(tx, newIds),
      legacyRows: legacyIds.length === 0 ? [] : await this.legacy.findAll(tx, legacyIds),
      next: isFull ? page.at(-1) : budget.isExceeded ? list.lastRead : undefined,
    };
  }

  private async addNew(
    tx: Transaction,
    connection: number,
    query: EventSearchQuery,
    list: List,
    budget: ScanBudget,
  ): Promise<void> {
    const { kinds, recipient, domain, messageId, order = 'desc' } = query;
    const ids = afterCursor(await this.idsReceived(tx, connection, query), query);
    const scan = this.events.scan(tx, {
      connection,
      kinds,
      recipient: recipient === undefined ? undefined : storedAddress(recipient),
      messageId: messageId === undefined ? undefined : storedId(messageId),
      ids,
      order,
      limit: list.length - list.ids.length,
      budget,
      withRecipients: domain !== undefined,
    });
    const endings = domain === undefined ? undefined : [storedAddress(`x@${domain}`).slice(1)];
    for await (const rows of scan) {
      const ofDomain = rows.filter(({ recipient: address }) => isOfDomain(address, endings));
      const matches = await this.receivedWithin(tx, connection, ofDomain, query);
      if (isFilled(list, rows, matches)) return;
    }
  }

  private async addLegacy(
    tx: Transaction,
    connectionId: string,
    query: EventSearchQuery,
    list: List,
    budget: ScanBudget,
  ): Promise<void> {
    const { kinds, recipient, domain, messageId, order = 'desc' } = query;
    const ids = afterCursor(await this.legacyIdsReceived(tx, query), query);
    const scan = this.legacy.scan(tx, {
      connectionId,
      kinds,
      recipients: recipient === undefined ? undefined : legacySpellings(recipient),
      messageId: messageId === undefined ? undefined : storedId(messageId),
      ids,
      order,
      limit: list.length - list.ids.length,
      budget,
    });
    const endings = domain === undefined ? undefined : legacySpellings(`x@${domain}`).map((one) => one.slice(1));
    const isMatch = (row: ScannedLegacyEvent): boolean =>
      isOfDomain(row.recipient, endings) && isReceivedWithin(row.receivedAt, query);
    for await (const rows of scan) {
      if (isFilled(list, rows, rows.filter(isMatch))) return;
    }
  }

  /**
   * Ids of events, from the first to the last that was received at the times of the query. Between them, some may be received
   * earlier or later.
   */
  private async idsReceived(tx: Transaction, connection: number, { from, to }: EventSearchQuery): Promise<IdRange> {
    if (from === undefined && to === undefined) return ALL_IDS;
    const taken = { first: 1, last: await this.batches.lastTaken(tx) };
    const { first = 1, end = taken.last + 1 } = await this.searched(taken, { from, to }, (id) =>
      this.batches.firstFrom(tx, id),
    );
    // A scan must not use up its budget for what was received shortly before or after: that may be many thousand events.
    const batches = { first, last: end - 1 };
    const firstBatch = await this.batches.edge(tx, connection, batches, { from, to }, 'asc');
    const lastBatch = await this.batches.edge(tx, connection, batches, { from, to }, 'desc');
    if (firstBatch === undefined || lastBatch === undefined) return NO_IDS;
    // A large batch has several ids, the first of which is that of its row.
    const next = await this.batches.firstFrom(tx, lastBatch + 1);
    return {
      first: from === undefined ? ALL_IDS.first : eventId(firstBatch, 0),
      last: to === undefined || next === undefined ? ALL_IDS.last : eventId(next.id, 0) - 1,
    };
  }

  /** As `idsReceived`. */
  private async legacyIdsReceived(tx: Transaction, { from, to }: EventSearchQuery): Promise<IdRange> {
    if (from === undefined && to === undefined) return ALL_IDS;
    const ids = { first: 1, last: await this.legacy.lastId(tx) };
    const { first, end } = await this.searched(ids, { from, to }, (id) => this.legacy.firstFrom(tx, id));
    return { first: first ?? ids.first, last: end === undefined ? ids.last : end - 1 };
  }

  /** Where rows that were received at these times can begin and end. */
  private async searched(
    ids: IdRange,
    { from, to }: Pick<EventSearchQuery, 'from' | 'to'>,
    probe: (id: number) => Promise<DatedRow | undefined>,
  ): Promise<{ readonly first?: number; readonly end?: number }> {
    const first = from && (await firstSince(new Date(from.getTime() - this.disorderMs), ids, probe));
    const end = to && (await firstSince(new Date(to.getTime() + this.disorderMs), ids, probe));
    return { ...(first !== undefined && { first }), ...(end !== undefined && { end }) };
  }

  private async receivedWithin(
    tx: Transaction,
    connection: number,
    rows: readonly ScannedEvent[],
    query: EventSearchQuery,
  ): Promise<readonly ScannedEvent[]> {
    if (query.from === undefined && query.to === undefined) return rows;
    const numbers = [...new Set(rows.map(({ id }) => batchOf(id)))];
    const times = await this.batches.receivedTimes(tx, connection, numbers);
    return rows.filter(({ id }) => isReceivedWithin(times.get(batchOf(id)), query));
  }
}

function afterCursor(ids: IdRange, { cursor, order = 'desc' }: EventSearchQuery): IdRange {
  return cursor === undefined ? ids : idsAfter(ids, cursor, order);
}

function isOfDomain(address: string | null | undefined, endings: readonly string[] | undefined): boolean {
  return endings === undefined || endings.some((ending) => address?.endsWith(ending) === true);
}

function isReceivedWithin(time: Date | undefined, { from, to }: EventSearchQuery): boolean {
  return time !== undefined && (from === undefined || time >= from) && (to === undefined || time < to);
}

/** Adds to a list. @returns whether nothing more is needed */
function isFilled(list: List, read: readonly ScannedRow[], matches: readonly ScannedRow[]): boolean {
  list.ids.push(...matches.slice(0, list.length - list.ids.length).map(({ id }) => id));
  list.lastRead = read.at(-1)?.id ?? list.lastRead;
  return list.ids.length === list.length;
}
