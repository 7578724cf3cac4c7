import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { databaseClock, inFuture } from '../database/database-clock.ts';
import { columnKinds, type Dialect, FLAG, NUMBER } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import type { FeedPosition } from './feed-position.ts';

/** `projection`: its result is in the database. `subscriber`: a method of the application. */
export type ConsumerType = 'projection' | 'subscriber' | 'rabbitmq' | 'webhook';

export const CONSUMER_NAME_LENGTH = 100;
export const ERROR_LENGTH = 500;

/** How far a consumer has read the feed. */
export class EventConsumerRow {
  name!: string;
  type!: ConsumerType;
  /** Its position: after `index` events of the entry `seq`. */
  seq!: number;
  index!: number;
  paused!: boolean;
  /** Counts up with each lease. An instance that has lost its lease has an earlier one, and changes nothing. */
  fence!: number;
  /** The instance that runs it, and until when it may be silent, in milliseconds of the database's clock. */
  leasedBy!: string | null;
  leasedUntil!: number;
  /** How many attempts have failed in a row. */
  failures!: number;
  lastError!: string | null;
  lastErrorAt!: Date | null;
  createdAt!: Date;
}

export function eventConsumerSchema(dialect: Dialect): EntitySchema<EventConsumerRow> {
  const { integer, key, long, small, text, time } = columnKinds(dialect);
  return new EntitySchema<EventConsumerRow>({
    name: 'event_consumer',
    target: EventConsumerRow,
    tableName: 'event_consumers',
    columns: {
      name: { ...key, length: CONSUMER_NAME_LENGTH, primary: true, primaryKeyConstraintName: 'pk_event_consumers' },
      type: { ...key, length: 16 },
      seq: { ...long, transformer: NUMBER },
      index: { name: 'position_index', ...integer },
      paused: { ...small, default: 0, transformer: FLAG },
      fence: { ...long, default: 0, transformer: NUMBER },
      leasedBy: { name: 'leased_by', ...key, length: 36, nullable: true },
      leasedUntil: { name: 'leased_until', ...long, default: 0, transformer: NUMBER },
      failures: { ...integer, default: 0 },
      lastError: { name: 'last_error', ...text, length: ERROR_LENGTH, nullable: true },
      lastErrorAt: { name: 'last_error_at', ...time, nullable: true },
      createdAt: { name: 'created_at', ...time },
    },
  });
}

const NOT_RUN = {
  paused: false,
  fence: 0,
  leasedBy: null,
  leasedUntil: 0,
  failures: 0,
  lastError: null,
  lastErrorAt: null,
} as const;

/** Allows one instance to run a consumer. */
export type Lease = Pick<EventConsumerRow, 'name' | 'fence'>;

/** The table `event_consumers`. */
@Injectable()
export class EventConsumersRepository {
  async find(tx: Transaction, name: string): Promise<EventConsumerRow | null> {
    return tx.findOneBy(EventConsumerRow, { name });
  }

  /** All of them, by name. */
  async list(tx: Transaction): Promise<EventConsumerRow[]> {
    return tx.find(EventConsumerRow, { order: { name: 'ASC' } });
  }

  /** Stores a consumer, unless it is known. Two instances may do it at the same time. */
  async insertNew(tx: Transaction, name: string, type: ConsumerType, { seq, index }: FeedPosition): Promise<void> {
    const row = { name, type, seq, index, ...NOT_RUN, createdAt: new Date() };
    // One statement, of which the second instance changes nothing.
    await tx.createQueryBuilder().insert().into(EventConsumerRow).values(row).orUpdate(['type'], ['name']).execute();
  }

  /**
   * Takes the lease of a consumer, or prolongs it.
   * @returns null if another instance has it, or the consumer is paused or not known
   */
  async lease(tx: Transaction, name: string, instance: string, leaseMs: number): Promise<EventConsumerRow | null> {
    const clock = databaseClock(tx.connection);
    const { affected } = await tx
      .createQueryBuilder()
      .update(EventConsumerRow)
      .set({ leasedBy: instance, leasedUntil: inFuture(tx, leaseMs), fence: () => 'fence + 1' })
      .where(`name = :name AND paused = 0 AND (leasedBy = :instance OR leasedUntil < ${clock})`, { name, instance })
      .execute();
    return affected === 1 ? this.find(tx, name) : null;
  }

  /** @returns false if the lease was lost, or the consumer is paused */
  async prolong(tx: Transaction, { name, fence }: Lease, leaseMs: number): Promise<boolean> {
    const changes = { leasedUntil: inFuture(tx, leaseMs) };
    const { affected } = await tx.update(EventConsumerRow, { name, fence, paused: false }, changes);
    return affected === 1;
  }

  /** Moves the position, and ends a series of failures. @returns false if the lease was lost, or the consumer is paused */
  async advance(
    tx: Transaction,
    { name, fence }: Lease,
    { seq, index }: FeedPosition,
    leaseMs: number,
  ): Promise<boolean> {
    const changes = { seq, index, failures: 0, leasedUntil: inFuture(tx, leaseMs) };
    const { affected } = await tx.update(EventConsumerRow, { name, fence, paused: false }, changes);
    return affected === 1;
  }

  async recordFailure(tx: Transaction, { name, fence }: Lease, error: string, at: Date): Promise<void> {
    const changes = { failures: () => 'failures + 1', lastError: error, lastErrorAt: at };
    await tx.update(EventConsumerRow, { name, fence }, changes);
  }

  /** Lets another instance continue without waiting for the end of the lease. */
  async release(tx: Transaction, { name, fence }: Lease): Promise<void> {
    await tx.update(EventConsumerRow, { name, fence }, { leasedBy: null, leasedUntil: 0 });
  }

  /**
   * Moves a consumer, or pauses it. The instance that runs it loses its lease: what it is doing no longer counts.
   * @returns false if it is not known
   */
  async change(
    tx: Transaction,
    name: string,
    changes: Partial<Pick<EventConsumerRow, 'seq' | 'index' | 'paused'>>,
  ): Promise<boolean> {
    const released = { leasedBy: null, leasedUntil: 0, failures: 0, fence: () => 'fence + 1' };
    const { affected } = await tx.update(EventConsumerRow, { name }, { ...changes, ...released });
    return affected === 1;
  }

  async delete(tx: Transaction, name: string): Promise<void> {
    await tx.delete(EventConsumerRow, { name });
  }

  /** The first place that a consumer may still need; undefined if there is no consumer. */
  async slowest(tx: Transaction): Promise<number | undefined> {
    const [row] = await tx.find(EventConsumerRow, {
      select: { name: true, seq: true },
      order: { seq: 'ASC' },
      take: 1,
    });
    return row?.seq;
  }
}
