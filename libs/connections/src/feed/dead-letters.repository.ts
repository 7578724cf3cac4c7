import { Injectable } from '@nestjs/common';
import { EntitySchema, LessThan, MoreThan } from 'typeorm';
import { columnKinds, type Dialect, NUMBER } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import { CONSUMER_NAME_LENGTH, ERROR_LENGTH } from './event-consumers.repository.ts';

/** An event that a consumer could not process. */
export class DeadLetterRow {
  id!: string;
  consumer!: string;
  /** The position after the event. */
  seq!: number;
  index!: number;
  /** The id of the event. */
  event!: number;
  reason!: string;
  attempts!: number;
  createdAt!: Date;
}

export function deadLetterSchema(dialect: Dialect): EntitySchema<DeadLetterRow> {
  const { integer, key, long, text, time } = columnKinds(dialect);
  return new EntitySchema<DeadLetterRow>({
    name: 'event_dead_letter',
    target: DeadLetterRow,
    tableName: 'event_dead_letters',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_event_dead_letters' },
      consumer: { ...key, length: CONSUMER_NAME_LENGTH },
      seq: { ...long, transformer: NUMBER },
      index: { name: 'position_index', ...integer },
      event: { ...long, transformer: NUMBER },
      reason: { ...text, length: ERROR_LENGTH },
      attempts: { ...integer },
      createdAt: { name: 'created_at', ...time },
    },
    indices: [{ name: 'ix_event_dead_letters_consumer', columns: ['consumer', 'id'] }],
  });
}

/** The table `event_dead_letters`. */
@Injectable()
export class DeadLettersRepository {
  async insert(tx: Transaction, row: DeadLetterRow): Promise<void> {
    await tx.insert(DeadLetterRow, row);
  }

  async find(tx: Transaction, consumer: string, id: string): Promise<DeadLetterRow | null> {
    return tx.findOneBy(DeadLetterRow, { consumer, id });
  }

  /** Oldest first. */
  async list(tx: Transaction, consumer: string, limit: number, after?: string): Promise<DeadLetterRow[]> {
    const where = { consumer, ...(after === undefined ? {} : { id: MoreThan(after) }) };
    return tx.find(DeadLetterRow, { where, order: { id: 'ASC' }, take: limit });
  }

  async count(tx: Transaction, consumer: string): Promise<number> {
    return tx.countBy(DeadLetterRow, { consumer });
  }

  /** How many each consumer has that has any. */
  async countByConsumer(tx: Transaction): Promise<ReadonlyMap<string, number>> {
    const rows = await tx
      .createQueryBuilder(DeadLetterRow, 'letter')
      .select('letter.consumer', 'consumer')
      .addSelect('COUNT(*)', 'count')
      .groupBy('letter.consumer')
      .getRawMany<{ consumer: string; count: number | string }>();
    return new Map(rows.map(({ consumer, count }) => [consumer, Number(count)]));
  }

  async change(tx: Transaction, id: string, changes: Pick<DeadLetterRow, 'reason' | 'attempts'>): Promise<void> {
    await tx.update(DeadLetterRow, { id }, changes);
  }

  async delete(tx: Transaction, id: string): Promise<void> {
    await tx.delete(DeadLetterRow, { id });
  }

  async deleteOf(tx: Transaction, consumer: string): Promise<void> {
    await tx.delete(DeadLetterRow, { consumer });
  }

  /** Those with ids below this one: ids grow with time. */
  async deleteBefore(tx: Transaction, id: string): Promise<void> {
    await tx.delete(DeadLetterRow, { id: LessThan(id) });
  }
}
