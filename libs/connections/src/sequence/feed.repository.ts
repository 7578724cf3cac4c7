import { Injectable } from '@nestjs/common';
import { type DataSource, EntitySchema, In, LessThan } from 'typeorm';
import { databaseClock, inFuture } from '../database/database-clock.ts';
import { columnKinds, type Dialect, NUMBER } from '../database/dialect.ts';
import { InsertStatements, runStatements } from '../database/insert-statement.ts';
import type { Statement, StatementLimits } from '../database/database-engine.ts';
import type { Transaction } from '../database/unit-of-work.ts';

/** Events that one commit has stored, of one batch. */
export class PendingEntryRow {
  /** The id of the first event. */
  first!: number;
  /** The number of the connection. */
  connection!: number;
  /** The number of the organization. */
  organization!: number;
  /** How many events. */
  events!: number;
  /** Which ids the events have, see `packIds`; null if they are successive. */
  positions!: Buffer | null;
}

/** An entry with its place in the order of all entries. */
export class FeedEntryRow extends PendingEntryRow {
  /** 1, 2, 3 … without gaps. */
  seq!: number;
  /** When the place was assigned, by the database's clock. */
  appendedAt!: Date;
}

class FeedStateRow {
  id!: number;
  /** The place of the last entry. */
  lastSeq!: number;
  /** The place of the last entry that retention has deleted. */
  deletedSeq!: number;
  /** The instance that assigns places, and until when no other one does, in milliseconds of the database's clock. */
  leasedBy!: string | null;
  leasedUntil!: number;
}

const STATE_ID = 1;
const MILLISECONDS = { from: (value: unknown) => new Date(Number(value)), to: (value: Date) => value.getTime() };

function entryColumns(dialect: Dialect) {
  const { bytes, integer } = columnKinds(dialect);
  return {
    connection: { ...integer },
    organization: { ...integer },
    events: { ...integer },
    positions: { ...bytes, nullable: true },
  } as const;
}

export function pendingEntrySchema(dialect: Dialect): EntitySchema<PendingEntryRow> {
  const { long } = columnKinds(dialect);
  return new EntitySchema<PendingEntryRow>({
    name: 'feed_pending',
    target: PendingEntryRow,
    tableName: 'feed_pending',
    columns: {
      first: { ...long, primary: true, primaryKeyConstraintName: 'pk_feed_pending', transformer: NUMBER },
      ...entryColumns(dialect),
    },
  });
}

export function feedEntrySchema(dialect: Dialect): EntitySchema<FeedEntryRow> {
  const { long } = columnKinds(dialect);
  return new EntitySchema<FeedEntryRow>({
    name: 'feed_entry',
    target: FeedEntryRow,
    tableName: 'feed_entries',
    columns: {
      seq: { ...long, primary: true, primaryKeyConstraintName: 'pk_feed_entries', transformer: NUMBER },
      first: { ...long, transformer: NUMBER },
      ...entryColumns(dialect),
      appendedAt: { name: 'appended_at', ...long, transformer: MILLISECONDS },
    },
    indices: [{ name: 'ix_feed_entries_organization', columns: ['organization', 'seq'] }],
  });
}

export function feedStateSchema(dialect: Dialect): EntitySchema<FeedStateRow> {
  const { key, long, small } = columnKinds(dialect);
  return new EntitySchema<FeedStateRow>({
    name: 'feed_state',
    target: FeedStateRow,
    tableName: 'feed_state',
    columns: {
      id: { ...small, primary: true, primaryKeyConstraintName: 'pk_feed_state' },
      lastSeq: { name: 'last_seq', ...long, transformer: NUMBER },
      deletedSeq: { name: 'deleted_seq', ...long, transformer: NUMBER },
      leasedBy: { name: 'leased_by', ...key, length: 36, nullable: true },
      leasedUntil: { name: 'leased_until', ...long, transformer: NUMBER },
    },
  });
}

/** Successive ids, both included. */
interface Ids {
  readonly first: number;
  readonly last: number;
}

/** How many entries are numbered in one transaction. */
const ENTRIES_PER_TRANSACTION = 1_000;
const RANGE_BYTES = 8;

/** The tables `feed_pending`, `feed_entries` and `feed_state`. */
@Injectable()
export class FeedRepository {
  private readonly pending = new InsertStatements<PendingEntryRow>(PendingEntryRow);
  private readonly entries = new InsertStatements<FeedEntryRow>(FeedEntryRow);

  /** Statements that announce events which the same transaction stores. */
  *announcements(
    dataSource: DataSource,
    entries: readonly PendingEntryRow[],
    limits: StatementLimits,
  ): Generator<Statement, undefined> {
    yield* this.pending.of(dataSource).of(entries, limits);
  }

  async hasPending(tx: Transaction): Promise<boolean> {
    return (await tx.find(PendingEntryRow, { select: { first: true }, take: 1 })).length > 0;
  }

  /** How many announcements have no place yet, up to a limit. */
  async countPending(tx: Transaction, limit: number): Promise<number> {
    const [row] = await tx.query<{ count: number | string }[]>(
      `SELECT COUNT(*) AS count FROM (SELECT first FROM feed_pending LIMIT ${String(limit)}) AS pending`,
    );
    return Number(row?.count ?? 0);
  }

  /**
   * Gives the next entries their places, unless another instance has the lease. The lock on the row of the lease lasts until
   * the end of the transaction: two instances never assign places at the same time, even if a lease has expired.
   * @returns how many entries, and the place of the last one; undefined if another instance has the lease
   */
  async sequence(
    tx: Transaction,
    instance: string,
    leaseMs: number,
    limits: StatementLimits,
  ): Promise<{ readonly count: number; readonly last: number; readonly isComplete: boolean } | undefined> {
    const clock = databaseClock(tx.connection);
    const { affected } = await tx
      .createQueryBuilder()
      .update(FeedStateRow)
      .set({ leasedBy: instance, leasedUntil: inFuture(tx, leaseMs) })
      .where(`id = ${String(STATE_ID)} AND (leasedBy = :instance OR leasedUntil < ${clock})`, { instance })
      .execute();
    if (affected !== 1) return undefined;
    const { lastSeq } = await tx.findOneByOrFail(FeedStateRow, { id: STATE_ID });
    // Those of transactions that are still open follow when they have become visible.
    const rows = await tx.find(PendingEntryRow, { order: { first: 'ASC' }, take: ENTRIES_PER_TRANSACTION });
    if (rows.length === 0) return { count: 0, last: lastSeq, isComplete: true };
    const last = lastSeq + rows.length;
    const [time] = await tx.query<{ now: number | string }[]>(`SELECT ${clock} AS now`);
    const appendedAt = new Date(Number(time?.now));
    const entries = rows.map((row, index) =>
      Object.assign(new FeedEntryRow(), row, { seq: lastSeq + index + 1, appendedAt }),
    );
    await runStatements(tx, this.entries.of(tx.connection).of(entries, limits), limits);
    await tx.delete(PendingEntryRow, { first: In(rows.map(({ first }) => first)) });
    await tx.update(FeedStateRow, { id: STATE_ID }, { lastSeq: last });
    return { count: rows.length, last, isComplete: rows.length < ENTRIES_PER_TRANSACTION };
  }

  /** Lets another instance continue without waiting for the end of the lease. */
  async release(tx: Transaction, instance: string): Promise<void> {
    await tx.update(FeedStateRow, { id: STATE_ID, leasedBy: instance }, { leasedBy: null, leasedUntil: 0 });
  }

  /** The place of the last entry, and of the last one that retention has deleted. 0 if there is none. */
  async ends(tx: Transaction): Promise<{ readonly last: number; readonly deleted: number }> {
    const { lastSeq, deletedSeq } = await tx.findOneByOrFail(FeedStateRow, { id: STATE_ID });
    return { last: lastSeq, deleted: deletedSeq };
  }

  /**
   * The next entries, in their order.
   * @param organization the number of an organization, for its entries only
   */
  async from(tx: Transaction, seq: number, limit: number, organization?: number): Promise<FeedEntryRow[]> {
    const query = tx
      .createQueryBuilder(FeedEntryRow, 'e')
      .where('e.seq >= :seq', { seq })
      .orderBy('e.seq')
      .limit(limit);
    if (organization !== undefined) {
      // MariaDB would go through the entries of all organizations if it expects few.
      query.andWhere('e.organization = :organization', { organization }).useIndex('ix_feed_entries_organization');
    }
    return query.getMany();
  }

  /** The place of the first entry that was appended at this time or later; one more than the last if there is none. */
  async placeAt(tx: Transaction, time: Date): Promise<number> {
    const { last, deleted } = await this.ends(tx);
    let [low, high] = [deleted + 1, last + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const entry = await tx.findOneBy(FeedEntryRow, { seq: middle });
      if (entry === null || entry.appendedAt < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Deletes the next entries before a place. @returns whether none are left */
  async deleteSomeBefore(tx: Transaction, seq: number): Promise<boolean> {
    const { deleted } = await this.ends(tx);
    const end = Math.min(seq, deleted + 1 + ENTRIES_PER_TRANSACTION);
    if (end <= deleted + 1) return true;
    await tx.delete(FeedEntryRow, { seq: LessThan(end) });
    await tx.update(FeedStateRow, { id: STATE_ID }, { deletedSeq: end - 1 });
    return end === seq;
  }
}

/**
 * The entry of some events of one batch, or none if there are no events.
 * @param ids in ascending order
 */
export function entryOf(
  { number, organizationNumber }: { readonly number: number; readonly organizationNumber: number },
  ids: readonly number[],
): PendingEntryRow[] {
  const [first] = ids;
  if (first === undefined) return [];
  const entry = { first, connection: number, organization: organizationNumber, events: ids.length };
  return [{ ...entry, positions: packIds(ids) }];
}

/** Ranges of ids as pairs of 32 bits: the distance from the first id, and how many. */
function packIds(ids: readonly number[]): Buffer | null {
  const [first = 0] = ids;
  if ((ids.at(-1) ?? first) - first + 1 === ids.length) return null;
  const ranges: { distance: number; count: number }[] = [];
  for (const id of ids) {
    const range = ranges.at(-1);
    if (range !== undefined && first + range.distance + range.count === id) range.count++;
    else ranges.push({ distance: id - first, count: 1 });
  }
  const packed = Buffer.alloc(ranges.length * RANGE_BYTES);
  for (const [index, { distance, count }] of ranges.entries()) {
    packed.writeUInt32BE(distance, index * RANGE_BYTES);
    packed.writeUInt32BE(count, index * RANGE_BYTES + RANGE_BYTES / 2);
  }
  return packed;
}

/** The ids of an entry's events, in their order. */
export function idsOf({ first, events, positions }: PendingEntryRow): Ids[] {
  if (positions === null) return [{ first, last: first + events - 1 }];
  return Array.from({ length: positions.length / RANGE_BYTES }, (_, index) => {
    const start = first + positions.readUInt32BE(index * RANGE_BYTES);
    return { first: start, last: start + positions.readUInt32BE(index * RANGE_BYTES + RANGE_BYTES / 2) - 1 };
  });
}
