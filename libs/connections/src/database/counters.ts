import { EntitySchema } from 'typeorm';
import { columnKinds, type Dialect, NUMBER } from './dialect.ts';
import type { Transaction } from './unit-of-work.ts';

/**
 * What is counted: `connection` and `organization` number the connections and organizations, `batch` the batches of events,
 * `event` is the approximate number of events that were ever stored, `measured` the last batch in `event_sizes`, and `counted_from`
 * the hour from which on `event_stats` has no counts that a migration has moved there.
 */
export type Counter = 'connection' | 'organization' | 'batch' | 'event' | 'measured' | 'counted_from';

export class CounterRow {
  name!: Counter;
  /** The last number that was taken. */
  value!: number;
}

export function counterSchema(dialect: Dialect): EntitySchema<CounterRow> {
  const { key, long } = columnKinds(dialect);
  return new EntitySchema<CounterRow>({
    name: 'counter',
    target: CounterRow,
    tableName: 'counters',
    columns: {
      name: { ...key, length: 16, primary: true, primaryKeyConstraintName: 'pk_counters' },
      value: { ...long, transformer: NUMBER },
    },
  });
}

/**
 * Takes successive numbers, which no other transaction gets, not even after a rollback of another one.
 * Others that take numbers of this counter wait until the transaction has ended.
 * @returns the last of them
 */
export async function takeNumbers(tx: Transaction, name: Counter, count = 1): Promise<number> {
  await tx.increment(CounterRow, { name }, 'value', count);
  return (await tx.findOneByOrFail(CounterRow, { name })).value;
}

/** The last number that was taken. */
export async function lastNumber(tx: Transaction, name: Counter): Promise<number> {
  return (await tx.findOneByOrFail(CounterRow, { name })).value;
}
