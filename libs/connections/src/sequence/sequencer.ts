import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { BackgroundWork } from '../database/background-work.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { FeedHead } from './feed-head.ts';
import { FeedRepository } from './feed.repository.ts';

/** How long other instances wait for one that has stopped without a word. */
const LEASE_MS = 3_000;
/** Entries that arrive within this time are numbered together: the first one after a pause waits little, a stream longer. */
const GATHER_MS = { first: 20, next: 100 } as const;
/** How soon the instance with the lease notices what others have stored, and the others that the lease is free. */
const POLL_MS = { leader: 200, follower: 1_000 } as const;

/**
 * Gives what is stored its place in the feed. Auto-incremented ids would not be an order for readers: a transaction may commit
 * after one that has taken a later id, when readers have passed it. One instance at a time does this, for all of them.
 */
@Injectable()
export class Sequencer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Sequencer.name);
  private readonly instance = uuid();
  private isLeader = false;
  private isFailing = false;
  private timer: NodeJS.Timeout | undefined;
  private dueAt = Number.POSITIVE_INFINITY;
  /** When the last run began, on the clock of `performance.now()`. */
  private begun = Number.NEGATIVE_INFINITY;
  private running: Promise<void> | undefined;
  private hasStarted = false;
  private hasStopped = false;

  constructor(
    private readonly background: BackgroundWork,
    private readonly unitOfWork: UnitOfWork,
    private readonly feed: FeedRepository,
    private readonly head: FeedHead,
  ) {}

  onApplicationBootstrap(): void {
    this.background.beginProjections(() => {
      this.hasStarted = true;
      this.schedule(GATHER_MS.first);
    });
  }

  /** Before the database is closed. What is stored afterwards is numbered by another instance, or after the next start. */
  async onModuleDestroy(): Promise<void> {
    this.hasStopped = true;
    clearTimeout(this.timer);
    await this.running;
    if (!this.isLeader) return;
    await this.unitOfWork
      .write((tx) => this.feed.release(tx, this.instance), { lane: 'control' })
      .catch(() => undefined);
  }

  /** Call it after a commit that has stored announcements. */
  notice(): void {
    if (this.isLeader) this.schedule(Math.max(GATHER_MS.first, this.begun + GATHER_MS.next - performance.now()));
  }

  private schedule(ms: number): void {
    const dueAt = performance.now() + ms;
    if (!this.hasStarted || this.hasStopped || this.running !== undefined || dueAt >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = dueAt;
    this.timer = setTimeout(() => {
      this.dueAt = Number.POSITIVE_INFINITY;
      this.running = this.run().finally(() => {
        this.running = undefined;
        this.schedule(this.isLeader ? POLL_MS.leader : POLL_MS.follower);
      });
    }, ms).unref();
  }

  private async run(): Promise<void> {
    this.begun = performance.now();
    try {
      // While nothing is stored, nothing is written.
      const hasWork = await this.unitOfWork.read((tx) => this.feed.hasPending(tx), { lane: 'control' });
      if (hasWork) await this.sequence();
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) this.logger.warn(`The feed is delayed: ${safeMessage(error)}`);
      this.isFailing = true;
    }
  }

  private async sequence(): Promise<void> {
    for (let isComplete = false; !isComplete && !this.hasStopped;) {
      const { statementLimits } = this.unitOfWork;
      const done = await this.unitOfWork.write(
        (tx) => this.feed.sequence(tx, this.instance, LEASE_MS, statementLimits),
        { lane: 'control' },
      );
      this.isLeader = done !== undefined;
      if (done === undefined) return;
      this.head.advance(done.last);
      ({ isComplete } = done);
    }
  }
}
