import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import { BackgroundWork } from '../database/background-work.ts';
import { JobLoop } from '../database/job-loop.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { EventBatchesRepository } from '../events/event-batches.repository.ts';
import { DeliveryReprocessor } from './delivery-reprocessor.ts';
import { type ReprocessingJobRow, ReprocessingJobsRepository } from './reprocessing-jobs.repository.ts';

/** The job was canceled, or another instance has it. */
class JobLostError extends Error {}

/** A delivery, and where the job continues after it. */
interface Next {
  readonly id: number;
  readonly position: string;
}

const LEASE_MS = 60_000;
const DELIVERIES_PER_STEP = 50;

/**
 * Runs the jobs, one at a time, a delivery after the other. A job is leased, so that one instance runs it; another continues it
 * if this one stops.
 */
@Injectable()
export class ReprocessingRunner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ReprocessingRunner.name);
  private readonly instance = uuid();
  private readonly loop = new JobLoop(() => this.run());

  constructor(
    private readonly background: BackgroundWork,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
    private readonly batches: EventBatchesRepository,
    private readonly jobs: ReprocessingJobsRepository,
    private readonly reprocessor: DeliveryReprocessor,
  ) {}

  onApplicationBootstrap(): void {
    this.background.begin(() => this.loop.begin());
  }

  /** Before the database is closed. */
  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  /** Runs all jobs that wait, unless it is already running. */
  start(): void {
    this.loop.start();
  }

  private async run(): Promise<void> {
    try {
      for (let job = await this.lease(); job !== null && !this.loop.isStopping; job = await this.lease()) {
        await this.runJob(job);
      }
      if (this.loop.isStopping) await this.unitOfWork.write((tx) => this.jobs.release(tx, this.instance));
    } catch (error) {
      // Its lease ends, and it continues.
      this.logger.warn(`Processing deliveries again was interrupted and continues later: ${safeMessage(error)}`);
    }
  }

  private async lease(): Promise<ReprocessingJobRow | null> {
    if (this.loop.isStopping) return null;
    const now = new Date();
    return this.unitOfWork.write((tx) => this.jobs.lease(tx, this.instance, now, leaseEnd()));
  }

  private async runJob(job: ReprocessingJobRow): Promise<void> {
    const connection = await this.unitOfWork.read((tx) => this.connections.findAny(tx, job.connectionId));
    if (connection === null) return;
    try {
      for (let { position } = job; ;) {
        const next = await this.next(job, connection, position);
        for (const delivery of next) {
          if (this.loop.isStopping) return;
          await this.process(job, connection, delivery);
          position = delivery.position;
        }
        if (next.length < DELIVERIES_PER_STEP) break;
      }
      const ended = { state: 'completed', endedAt: new Date(), leasedBy: null, leasedUntil: null } as const;
      await this.unitOfWork.write((tx) => this.jobs.change(tx, job.id, ['running'], ended));
    } catch (error) {
      if (!(error instanceof JobLostError)) throw error;
    }
  }

  private async process(job: ReprocessingJobRow, connection: ConnectionRow, { id, position }: Next): Promise<void> {
    await this.reprocessor.process(
      connection,
      id,
      async (tx) => {
        const isOwn = await this.jobs.advance(tx, job.id, this.instance, position, leaseEnd());
        if (!isOwn) throw new JobLostError();
      },
      (tx, outcome) => this.jobs.count(tx, job.id, outcome),
    );
  }

  private async next(job: ReprocessingJobRow, { number }: ConnectionRow, position: string | null): Promise<Next[]> {
    if (job.ids !== null) {
      const done = Number(position ?? 0);
      const some = job.ids.slice(done, done + DELIVERIES_PER_STEP);
      return some.map((id, index) => ({ id, position: String(done + index + 1) }));
    }
    const { from, to } = job;
    if (from === null || to === null) return [];
    const range = { connection: number, from, to, after: position, limit: DELIVERIES_PER_STEP };
    const rows = await this.unitOfWork.read((tx) => this.batches.nextRejected(tx, range));
    return rows.map(({ id, digest }) => ({ id, position: digest }));
  }
}

function leaseEnd(): Date {
  return new Date(Date.now() + LEASE_MS);
}
