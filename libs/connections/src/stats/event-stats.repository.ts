import type { BounceClass, EventKind } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import {
  And,
  Between,
  EntitySchema,
  type FindOperator,
  LessThan,
  LessThanOrEqual,
  MoreThan,
  MoreThanOrEqual,
} from 'typeorm';
import type { DeletedRows } from '../database/delete-rows.ts';
import { columnKinds, type Dialect, dialectOf } from '../database/dialect.ts';
import { runStatements } from '../database/insert-statement.ts';
import type { Statement, StatementLimits } from '../database/database-engine.ts';
import { anyOf, type Condition } from '../database/indexed-select.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import { hourOf } from '../events/event-sizes.repository.ts';
import { coded, KIND_CODES } from '../events/events.repository.ts';

/** What distinguishes counts of one kind: the class of a bounce, or that a machine opened or clicked. `none` for all others. */
export type CountDetail = 'none' | 'machine' | BounceClass;

/** How many hours a bucket has. */
export type BucketHours = 1 | 24;

export const BUCKET_HOURS: readonly BucketHours[] = [1, 24];

/** The number of events of a kind in an hour, or in a day. */
export class EventStatRow {
  /** The number of the connection. */
  connection!: number;
  hours!: BucketHours;
  /** When the bucket begins, in hours since 1970, UTC. */
  start!: number;
  kind!: EventKind;
  detail!: CountDetail;
  events!: number;
}

// Stored: a code is never used for anything else.
const DETAIL_CODES: Readonly<Record<CountDetail, number>> = {
  none: 0,
  machine: 1,
  hard: 2,
  soft: 3,
  block: 4,
  policy: 5,
  admin: 6,
  unknown: 7,
};

export function eventStatSchema(dialect: Dialect): EntitySchema<EventStatRow> {
  const { integer, small } = columnKinds(dialect);
  const primary = { primary: true, primaryKeyConstraintName: 'pk_event_stats' };
  return new EntitySchema<EventStatRow>({
    name: 'event_stat',
    target: EventStatRow,
    tableName: 'event_stats',
    columns: {
      connection: { ...integer, ...primary },
      hours: { ...small, ...primary },
      start: { ...integer, ...primary },
      kind: { ...small, ...primary, transformer: coded(KIND_CODES) },
      detail: { ...small, ...primary, transformer: coded(DETAIL_CODES) },
      events: { ...integer },
    },
  });
}

/** Events of one kind that happened in one hour. */
export interface HourCount {
  readonly connection: number;
  /** Hours since 1970, UTC. */
  readonly hour: number;
  readonly kind: EventKind;
  readonly detail: CountDetail;
  readonly events: number;
}

/** Which counts to read: those of buckets that begin in a range of hours, the end excluded. */
export interface StatsRange {
  readonly connections: readonly number[];
  readonly hours: BucketHours;
  readonly from: number;
  readonly to: number;
  /** Whether to return the sums of all buckets instead of each bucket. */
  readonly isTotal: boolean;
}

/** The number of events of a bucket, or of all of them. */
export interface StatCount {
  /** Undefined for the sum of all buckets. */
  readonly start: number | undefined;
  readonly kind: EventKind;
  readonly detail: CountDetail;
  readonly events: number;
}

/** Buckets by their beginning. By default all. */
interface StartRange {
  readonly from?: number | undefined;
  readonly before?: number | undefined;
}

const HOUR_MS = 60 * 60 * 1_000;
const DAY_HOURS = 24;
const ROWS_PER_STATEMENT = 500;
const DELETED_PER_STEP = 1_000;
const CONNECTIONS_PER_STATEMENT = 1_000;
const ADD: Readonly<Record<Dialect, string>> = {
  mysql: ' ON DUPLICATE KEY UPDATE events = events + VALUES(events)',
  sqlite: ' ON CONFLICT (connection, hours, start, kind, detail) DO UPDATE SET events = events + excluded.events',
};
const KINDS = coded(KIND_CODES);
const DETAILS = coded(DETAIL_CODES);

/** The table `event_stats`. Its key is that of the queries: the buckets of a connection follow each other. */
@Injectable()
export class EventStatsRepository {
  /** Adds to the buckets of the hours and days. */
  async add(tx: Transaction, counts: readonly HourCount[], limits: StatementLimits): Promise<void> {
    const sums = new Map<string, number>();
    for (const { connection, hour, kind, detail, events } of counts) {
      for (const hours of BUCKET_HOURS) {
        const start = hour - (hour % hours);
        const key = [connection, hours, start, KIND_CODES[kind], DETAIL_CODES[detail]].join(', ');
        sums.set(key, (sums.get(key) ?? 0) + events);
      }
    }
    const rows = [...sums].map(([key, events]) => `(${key}, ${String(events)})`);
    const ending = ADD[dialectOf(tx.connection.options.type)];
    const statements: Statement[] = [];
    for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
      const some = rows.slice(start, start + ROWS_PER_STATEMENT).join(', ');
      const sql = `INSERT INTO event_stats (connection, hours, start, kind, detail, events) VALUES ${some}${ending}`;
      statements.push({ sql, values: [], bytes: sql.length });
    }
    await runStatements(tx, statements, limits);
  }

  /** Whether events of a kind happened from the hour of `from` to that of `until`. */
  async has(tx: Transaction, connection: number, kind: EventKind, from: Date, until: Date): Promise<boolean> {
    return tx.existsBy(EventStatRow, { connection, hours: 1, start: Between(hourOf(from), hourOf(until)), kind });
  }

  /** The counts of a range, in the order of the buckets. One statement for up to 1,000 connections. */
  async read(tx: Transaction, { connections, hours, from, to, isTotal }: StatsRange): Promise<StatCount[]> {
    const found: StatCount[] = [];
    const group = isTotal ? 'kind, detail' : 'start, kind, detail';
    for (let first = 0; first < connections.length; first += CONNECTIONS_PER_STATEMENT) {
      const some = connections.slice(first, first + CONNECTIONS_PER_STATEMENT);
      const conditions: readonly Condition[] = [
        anyOf('connection', some),
        ['hours = ?', hours],
        ['start >= ?', from],
        ['start < ?', to],
      ];
      const where = conditions.map(([sql]) => sql).join(' AND ');
      const rows: RawCount[] = await tx.query(
        `SELECT ${group}, SUM(events) AS events FROM event_stats WHERE ${where} GROUP BY ${group} ORDER BY ${group}`,
        conditions.flatMap(([, ...values]) => values),
      );
      found.push(...rows.map(statCount));
    }
    return found;
  }

  /** Deletes some buckets of a connection. */
  async deleteSome(tx: Transaction, connection: number, range: StartRange = {}): Promise<DeletedRows> {
    const start = startIn(range);
    for (const hours of BUCKET_HOURS) {
      const where = { connection, hours, ...(start === undefined ? {} : { start }) };
      const rows = await tx.find(EventStatRow, {
        select: { start: true },
        where,
        order: { start: 'ASC', kind: 'ASC', detail: 'ASC' },
        take: DELETED_PER_STEP,
      });
      const last = rows.at(-1);
      if (last === undefined) continue;
      const end = LessThanOrEqual(last.start);
      const { affected } = await tx.delete(EventStatRow, {
        ...where,
        start: start === undefined ? end : And(start, end),
      });
      return { deleted: affected ?? 0, isLast: false };
    }
    return { deleted: 0, isLast: true };
  }

  /** The next connection after this one that has counts; undefined if there is none. */
  async nextConnection(tx: Transaction, after: number): Promise<number | undefined> {
    const select = { connection: true } as const;
    const where = { connection: MoreThan(after) };
    const [row] = await tx.find(EventStatRow, { select, where, order: { connection: 'ASC' }, take: 1 });
    return row?.connection;
  }
}

interface RawCount {
  readonly start?: number;
  readonly kind: number;
  readonly detail: number;
  readonly events: number | string;
}

function statCount({ start, kind, detail, events }: RawCount): StatCount {
  return {
    start,
    kind: KINDS.from(kind) as EventKind,
    detail: DETAILS.from(detail) as CountDetail,
    events: Number(events),
  };
}

function startIn({ from, before }: StartRange): FindOperator<number> | undefined {
  const first = from === undefined ? undefined : MoreThanOrEqual(from);
  const end = before === undefined ? undefined : LessThan(before);
  return first !== undefined && end !== undefined ? And(first, end) : (first ?? end);
}

/** The first hour of a day that begins two to three days after a time. */
export function firstDayAfter(time: Date): number {
  const hour = hourOf(time) + 2 * DAY_HOURS;
  return hour - (hour % DAY_HOURS) + DAY_HOURS;
}

/** The beginning of an hour, by its number. */
export function timeOf(hour: number): Date {
  return new Date(hour * HOUR_MS);
}
