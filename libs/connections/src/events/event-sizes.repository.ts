import { setImmediate as turn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { And, EntitySchema, In, LessThan, MoreThan, Not } from 'typeorm';
import { CounterRow, takeNumbers } from '../database/counters.ts';
import { columnKinds, type Dialect, dialectOf, NUMBER } from '../database/dialect.ts';
import type { DeletedRows } from '../database/delete-rows.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import { EventBatchRow } from './event-batches.repository.ts';

/** What takes up space. */
export interface EventSizes {
  /** Of compressed bodies. */
  readonly bodyBytes: number;
  readonly events: number;
  /** Webhook requests, and batches of sent events. */
  readonly batches: number;
}

/** What a connection has stored of an hour in which it was received, as far as it was measured and is not deleted. */
export class EventSizeRow implements EventSizes {
  connection!: number;
  /** Hours since 1970, UTC. */
  hour!: number;
  bodyBytes!: number;
  events!: number;
  batches!: number;
}

export function eventSizeSchema(dialect: Dialect): EntitySchema<EventSizeRow> {
  const { integer, long } = columnKinds(dialect);
  const primary = { primary: true, primaryKeyConstraintName: 'pk_event_sizes' };
  return new EntitySchema<EventSizeRow>({
    name: 'event_size',
    target: EventSizeRow,
    tableName: 'event_sizes',
    columns: {
      connection: { ...integer, ...primary },
      hour: { ...integer, ...primary },
      bodyBytes: { name: 'body_bytes', ...long, transformer: NUMBER },
      events: { ...integer },
      batches: { ...integer },
    },
  });
}

const HOUR_MS = 60 * 60 * 1_000;
const MEASURED_PER_STEP = 2_000;
const ROWS_PER_STATEMENT = 500;
const DELETED_PER_STEP = 1_000;
const ADD: Readonly<Record<Dialect, string>> = {
  mysql:
    ' ON DUPLICATE KEY UPDATE body_bytes = body_bytes + VALUES(body_bytes), events = events + VALUES(events),' +
    ' batches = batches + VALUES(batches)',
  sqlite:
    ' ON CONFLICT (connection, hour) DO UPDATE SET body_bytes = body_bytes + excluded.body_bytes,' +
    ' events = events + excluded.events, batches = batches + excluded.batches',
};

/**
 * The table `event_sizes`. Each batch is measured once, some time after it was stored. Samples of unauthenticated requests are
 * not: their number is limited, and anyone can send them.
 */
@Injectable()
export class EventSizesRepository {
  /**
   * Measures the next batches below an id. Other instances wait until the transaction has ended.
   * @returns whether none are left
   */
  async measure(tx: Transaction, before: number): Promise<boolean> {
    const after = await takeNumbers(tx, 'measured', 0);
    const batches = await tx.find(EventBatchRow, {
      select: { id: true, connection: true, receivedAt: true, bodyBytes: true, accepted: true },
      where: { id: And(MoreThan(after), LessThan(before)), status: Not('unauthenticated') },
      order: { id: 'ASC' },
      take: MEASURED_PER_STEP,
    });
    const sizes = new Map<string, EventSizeRow>();
    for (const { connection, receivedAt, bodyBytes, accepted } of batches) {
      const hour = hourOf(receivedAt);
      const key = `${String(connection)} ${String(hour)}`;
      const size = sizes.get(key) ?? { connection, hour, bodyBytes: 0, events: 0, batches: 0 };
      size.bodyBytes += bodyBytes;
      size.events += accepted;
      size.batches++;
      sizes.set(key, size);
    }
    await this.add(tx, [...sizes.values()]);
    const last = batches.at(-1)?.id;
    if (last !== undefined) await tx.update(CounterRow, { name: 'measured' }, { value: last });
    await turn();
    return batches.length < MEASURED_PER_STEP;
  }

  /** The last batch that was measured. */
  async lastMeasured(tx: Transaction): Promise<number> {
    return (await tx.findOneBy(CounterRow, { name: 'measured' }))?.value ?? 0;
  }

  /** What these connections have stored, by hour, the oldest first. */
  async byHour(tx: Transaction, connections: readonly number[]): Promise<readonly (EventSizes & { hour: number })[]> {
    const rows = await tx
      .createQueryBuilder(EventSizeRow, 's')
      .select('s.hour', 'hour')
      .addSelect('SUM(s.bodyBytes)', 'bodyBytes')
      .addSelect('SUM(s.events)', 'events')
      .addSelect('SUM(s.batches)', 'batches')
      .where('s.connection IN (:...connections)', { connections })
      .groupBy('s.hour')
      .orderBy('s.hour')
      .getRawMany<Record<'hour' | keyof EventSizes, number | string>>();
    return rows.map(({ hour, bodyBytes, events, batches }) => ({
      hour: Number(hour),
      bodyBytes: Number(bodyBytes),
      events: Number(events),
      batches: Number(batches),
    }));
  }

  /** Notes that these connections have no more bodies, or events, of earlier hours. */
  async clear(
    tx: Transaction,
    connections: readonly number[],
    what: 'bodyBytes' | 'events',
    beforeHour: number,
  ): Promise<void> {
    const where = { connection: In([...connections]), hour: LessThan(beforeHour), [what]: MoreThan(0) };
    await tx.update(EventSizeRow, where, { [what]: 0 });
  }

  /** Notes that these connections have nothing left of earlier hours. */
  async deleteBefore(tx: Transaction, connections: readonly number[], hour: number): Promise<void> {
    await tx.delete(EventSizeRow, { connection: In([...connections]), hour: LessThan(hour) });
  }

  /** Deletes some sizes of a connection. */
  async deleteSome(tx: Transaction, connection: number): Promise<DeletedRows> {
    const order = { hour: 'ASC' } as const;
    const rows = await tx.find(EventSizeRow, { where: { connection }, order, take: DELETED_PER_STEP });
    if (rows.length > 0) await tx.delete(EventSizeRow, { connection, hour: In(rows.map(({ hour }) => hour)) });
    return { deleted: rows.length, isLast: rows.length < DELETED_PER_STEP };
  }

  private async add(tx: Transaction, sizes: readonly EventSizeRow[]): Promise<void> {
    for (let start = 0; start < sizes.length; start += ROWS_PER_STATEMENT) {
      const rows = sizes
        .slice(start, start + ROWS_PER_STATEMENT)
        .map((size) => `(${[size.connection, size.hour, size.bodyBytes, size.events, size.batches].join(', ')})`);
      const head = 'INSERT INTO event_sizes (connection, hour, body_bytes, events, batches) VALUES ';
      await tx.query(head + rows.join(', ') + ADD[dialectOf(tx.connection.options.type)]);
    }
  }
}

/** Hours since 1970, UTC. */
export function hourOf(time: Date): number {
  return Math.floor(time.getTime() / HOUR_MS);
}
