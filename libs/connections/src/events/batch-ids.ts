import { Injectable } from '@nestjs/common';
import { takeNumbers } from '../database/counters.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { bucketOf } from './events.repository.ts';

/** How many ids an instance takes at a time. */
const BLOCK = 1_024;
/** After this time an instance takes new ones: later ids must mean later events, on every instance. */
const MAX_AGE_MS = 1_000;

/** Ids for batches, taken from the database in blocks, so that storing a batch needs no statement for its id. */
@Injectable()
export class BatchIds {
  private next = 0;
  private end = 0;
  private takenAt = Number.NEGATIVE_INFINITY;
  private bucket = 0;
  /** Events that were stored since the last block was taken. */
  private stored = 0;
  /** A block that is being taken, for all callers that wait for one. */
  private taking: Promise<void> | undefined;

  constructor(private readonly unitOfWork: UnitOfWork) {}

  /**
   * Takes successive ids.
   * @returns the first of them, and the bucket of their events
   * @throws DatabaseUnavailableError, DatabaseOverloadedError
   */
  async take(count: number): Promise<{ readonly first: number; readonly bucket: number }> {
    // Again after waiting: another caller may have taken from the block, too.
    while (this.next + count > this.end || performance.now() - this.takenAt > MAX_AGE_MS) {
      this.taking ??= this.takeBlock(count).finally(() => {
        this.taking = undefined;
      });
      await this.taking;
    }
    const first = this.next;
    this.next += count;
    return { first, bucket: this.bucket };
  }

  /** Call it after a commit. */
  countStored(events: number): void {
    this.stored += events;
  }

  private async takeBlock(count: number): Promise<void> {
    const { stored } = this;
    this.stored = 0;
    const size = Math.max(BLOCK, count);
    const { last, events } = await this.unitOfWork
      .write(
        async (tx) => ({ last: await takeNumbers(tx, 'batch', size), events: await takeNumbers(tx, 'event', stored) }),
        { lane: 'ingest' },
      )
      .catch((error: unknown) => {
        this.stored += stored;
        throw error;
      });
    this.bucket = bucketOf(events);
    this.next = last - size + 1;
    this.end = last + 1;
    this.takenAt = performance.now();
  }
}
