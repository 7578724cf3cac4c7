import { Injectable } from '@nestjs/common';
import { EntitySchema, In, LessThanOrEqual } from 'typeorm';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';

export type ReprocessingState = 'pending' | 'running' | 'completed' | 'canceled';

/** A job that processes deliveries of one connection again: those with these ids, or those received in a time. */
export class ReprocessingJobRow {
  id!: string;
  connectionId!: string;
  organization!: string;
  state!: ReprocessingState;
  /** The ids of the deliveries; null for a job by time. */
  ids!: readonly number[] | null;
  from!: Date | null;
  to!: Date | null;
  /** Where the job continues: the number of ids that are done, or the digest of the last delivery. */
  position!: string | null;
  /** How many deliveries are done. */
  processed!: number;
  /** How many of them were accepted, and how many could still not be. The rest needed nothing. */
  accepted!: number;
  failed!: number;
  /** How many events are new. */
  events!: number;
  createdAt!: Date;
  endedAt!: Date | null;
  /** The instance that runs the job, and until when it may be silent. */
  leasedBy!: string | null;
  leasedUntil!: Date | null;
}

export function reprocessingJobSchema(dialect: Dialect): EntitySchema<ReprocessingJobRow> {
  const { integer, key, time } = columnKinds(dialect);
  return new EntitySchema<ReprocessingJobRow>({
    name: 'reprocessing_job',
    target: ReprocessingJobRow,
    tableName: 'reprocessing_jobs',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_reprocessing_jobs' },
      connectionId: { name: 'connection_id', ...key, length: 36 },
      organization: { ...key, length: 64 },
      state: { ...key, length: 16 },
      ids: { type: 'json', nullable: true },
      from: { name: 'received_from', ...time, nullable: true },
      to: { name: 'received_to', ...time, nullable: true },
      position: { ...key, length: 32, nullable: true },
      processed: { ...integer },
      accepted: { ...integer },
      failed: { ...integer },
      events: { ...integer },
      createdAt: { name: 'created_at', ...time },
      endedAt: { name: 'ended_at', ...time, nullable: true },
      leasedBy: { name: 'leased_by', ...key, length: 36, nullable: true },
      leasedUntil: { name: 'leased_until', ...time, nullable: true },
    },
    indices: [
      { name: 'ix_reprocessing_jobs_connection', columns: ['connectionId', 'id'] },
      { name: 'ix_reprocessing_jobs_state', columns: ['state', 'id'] },
    ],
    foreignKeys: [
      {
        name: 'fk_reprocessing_jobs_connection',
        target: 'connections',
        columnNames: ['connectionId'],
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
        onUpdate: 'NO ACTION',
      },
    ],
  });
}

/** What became of a delivery. */
export interface Outcome {
  readonly result: 'accepted' | 'failed' | 'skipped';
  /** How many of its events are new. */
  readonly events: number;
}

const KEPT_JOBS = 100;

/** The table `reprocessing_jobs`. */
@Injectable()
export class ReprocessingJobsRepository {
  async insert(tx: Transaction, row: ReprocessingJobRow): Promise<void> {
    await tx.insert(ReprocessingJobRow, row);
  }

  async find(tx: Transaction, connectionId: string, id: string): Promise<ReprocessingJobRow | null> {
    return tx.findOneBy(ReprocessingJobRow, { connectionId, id });
  }

  /** The newest jobs of a connection, newest first. */
  async list(tx: Transaction, connectionId: string, limit: number): Promise<ReprocessingJobRow[]> {
    return tx.find(ReprocessingJobRow, { where: { connectionId }, order: { id: 'DESC' }, take: limit });
  }

  /** Deletes the oldest jobs of a connection that have ended, beyond the last 100. */
  async deleteOld(tx: Transaction, connectionId: string): Promise<void> {
    const old = await tx.find(ReprocessingJobRow, {
      select: { id: true },
      where: { connectionId, state: In(['completed', 'canceled']) },
      order: { id: 'DESC' },
      skip: KEPT_JOBS,
      take: KEPT_JOBS,
    });
    if (old.length > 0) await tx.delete(ReprocessingJobRow, { id: In(old.map(({ id }) => id)) });
  }

  /** Takes the oldest job that no instance is running. */
  async lease(tx: Transaction, by: string, now: Date, until: Date): Promise<ReprocessingJobRow | null> {
    const order = { id: 'ASC' } as const;
    const job =
      (await tx.findOne(ReprocessingJobRow, { where: { state: 'pending' }, order })) ??
      (await tx.findOne(ReprocessingJobRow, { where: { state: 'running', leasedUntil: LessThanOrEqual(now) }, order }));
    if (job === null) return null;
    const { affected } = await tx
      .createQueryBuilder()
      .update(ReprocessingJobRow)
      .set({ state: 'running', leasedBy: by, leasedUntil: until })
      .where('id = :id AND (state = :pending OR (state = :running AND leasedUntil <= :now))', {
        id: job.id,
        pending: 'pending',
        running: 'running',
        now,
      })
      .execute();
    return affected === 1 ? this.find(tx, job.connectionId, job.id) : null;
  }

  /**
   * Counts a delivery as done, and prolongs the lease. It comes first in a transaction: then the job is locked.
   * @returns false if the job is canceled, or another instance has it
   */
  async advance(tx: Transaction, id: string, by: string, position: string, until: Date): Promise<boolean> {
    const changes = { processed: () => 'processed + 1', position, leasedUntil: until };
    const { affected } = await tx.update(ReprocessingJobRow, { id, leasedBy: by, state: 'running' }, changes);
    return affected === 1;
  }

  async count(tx: Transaction, id: string, { result, events }: Outcome): Promise<void> {
    if (result === 'skipped') return;
    await tx.update(
      ReprocessingJobRow,
      { id },
      { [result]: () => `${result} + 1`, events: () => `events + ${String(events)}` },
    );
  }

  /** @returns false if the job is not in one of these states */
  async change(
    tx: Transaction,
    id: string,
    from: readonly ReprocessingState[],
    changes: Partial<Pick<ReprocessingJobRow, 'state' | 'endedAt' | 'leasedBy' | 'leasedUntil'>>,
  ): Promise<boolean> {
    const { affected } = await tx.update(ReprocessingJobRow, { id, state: In([...from]) }, changes);
    return affected === 1;
  }

  /** Lets another instance continue the jobs of one that stops. */
  async release(tx: Transaction, by: string): Promise<void> {
    await tx.update(
      ReprocessingJobRow,
      { leasedBy: by, state: 'running' },
      { state: 'pending', leasedBy: null, leasedUntil: null },
    );
  }
}
