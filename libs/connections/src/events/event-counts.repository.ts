import type { EventKind } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { EntitySchema, In, LessThan, LessThanOrEqual, MoreThan } from 'typeorm';
import type { DeletedRows } from '../database/delete-rows.ts';
import type { Statement } from '../database/insert-statement.ts';
import { columnKinds, type Dialect, dialectOf } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import { coded, KIND_CODES, type NewEvent } from './events.repository.ts';

/** How many events of a kind happened in an hour, without foreign and test events and opens by machines. */
export class EventCountRow {
  connection!: number;
  /** Hours since 1970, UTC. */
  hour!: number;
  kind!: EventKind;
  /** Commits at the same time add to rows of their own: they would wait for each other. */
  shard!: number;
  events!: number;
}

export function eventCountSchema(dialect: Dialect): EntitySchema<EventCountRow> {
  const { integer, small } = columnKinds(dialect);
  const primary = { primary: true, primaryKeyConstraintName: 'pk_event_counts' };
  return new EntitySchema<EventCountRow>({
    name: 'event_count',
    target: EventCountRow,
    tableName: 'event_counts',
    columns: {
      connection: { ...integer, ...primary },
      hour: { ...integer, ...primary },
      kind: { ...small, ...primary, transformer: coded(KIND_CODES) },
      shard: { ...small, ...primary },
      events: { ...integer },
    },
  });
}

const HOUR_MS = 60 * 60 * 1_000;
const SHARDS = 32;
const ROWS_PER_STATEMENT = 500;
const ADD: Readonly<Record<Dialect, string>> = {
  mysql: ' ON DUPLICATE KEY UPDATE events = events + VALUES(events)',
  sqlite: ' ON CONFLICT (connection, hour, kind, shard) DO UPDATE SET events = events + excluded.events',
};

/** The table `event_counts`. */
@Injectable()
export class EventCountsRepository {
  /** Of the next commit. Random at first, so that instances seldom use the same ones. */
  private shard = Math.floor(Math.random() * SHARDS);

  /** Statements that add events that are stored in this transaction. They come last: until the commit, their rows are locked. */
  *additions(tx: Transaction, events: readonly NewEvent[]): Generator<Statement, undefined> {
    const counts = new Map<string, number>();
    for (const { connection, occurredAt, kind, attribution, machine } of events) {
      if ((attribution !== 'own' && attribution !== 'unmatched') || machine === true) continue;
      const key = `${String(connection)}, ${String(hourOf(occurredAt))}, ${String(KIND_CODES[kind])}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    this.shard = (this.shard + 1) % SHARDS;
    const shard = String(this.shard);
    const rows = [...counts].map(([key, count]) => `(${key}, ${shard}, ${String(count)})`);
    for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
      const some = rows.slice(start, start + ROWS_PER_STATEMENT).join(', ');
      const ending = ADD[dialectOf(tx.connection.options.type)];
      const sql = `INSERT INTO event_counts (connection, hour, kind, shard, events) VALUES ${some}${ending}`;
      yield { sql, values: [], bytes: sql.length };
    }
  }

  /** The number of events of each kind since the beginning of the hour of `from`. */
  async byKind(tx: Transaction, connection: number, from: Date): Promise<ReadonlyMap<EventKind, number>> {
    const rows = await tx
      .createQueryBuilder(EventCountRow, 'c')
      .select('c.kind', 'kind')
      .addSelect('SUM(c.events)', 'events')
      .where('c.connection = :connection AND c.hour >= :hour', { connection, hour: hourOf(from) })
      .groupBy('c.kind')
      .getRawMany<{ kind: number; events: number | string }>();
    const kinds = coded(KIND_CODES);
    return new Map(rows.map(({ kind, events }) => [kinds.from(kind) as EventKind, Number(events)]));
  }

  /** Deletes the counts of some hours of a connection. */
  async deleteSome(tx: Transaction, connection: number): Promise<DeletedRows> {
    const rows = await tx.find(EventCountRow, { where: { connection }, order: { hour: 'ASC' }, take: 1_000 });
    const hours = [...new Set(rows.map(({ hour }) => hour))];
    if (hours.length > 0) await tx.delete(EventCountRow, { connection, hour: In(hours) });
    return { deleted: rows.length, isLast: rows.length === 0 };
  }

  /** The next connection after this one that has numbers; undefined if there is none. */
  async nextConnection(tx: Transaction, after: number): Promise<number | undefined> {
    const select = { connection: true } as const;
    const where = { connection: MoreThan(after) };
    const [row] = await tx.find(EventCountRow, { select, where, order: { connection: 'ASC' }, take: 1 });
    return row?.connection;
  }

  /**
   * Deletes the numbers of a connection before this time, those of some hours at a time.
   * @returns whether none are left
   */
  async deleteSomeBefore(tx: Transaction, connection: number, time: Date): Promise<boolean> {
    const hour = hourOf(time);
    const rows = await tx.find(EventCountRow, {
      select: { hour: true },
      where: { connection, hour: LessThan(hour) },
      order: { hour: 'ASC', kind: 'ASC', shard: 'ASC' },
      skip: ROWS_PER_STATEMENT - 1,
      take: 1,
    });
    const end = rows[0]?.hour;
    await tx.delete(EventCountRow, { connection, hour: end === undefined ? LessThan(hour) : LessThanOrEqual(end) });
    return end === undefined;
  }
}

/** Hours since 1970, UTC. */
export function hourOf(time: Date): number {
  return Math.floor(time.getTime() / HOUR_MS);
}
