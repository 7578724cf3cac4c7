import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import { lastNumber } from '../database/counters.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { EventBatchesRepository } from '../events/event-batches.repository.ts';
import { EventCutoffsRepository } from '../events/event-cutoffs.repository.ts';
import { batchOf, EventsRepository } from '../events/events.repository.ts';
import { EventConsumersRepository } from '../feed/event-consumers.repository.ts';
import { FEED_START, type FeedPosition, isBefore, lastRead } from '../feed/feed-position.ts';
import { FeedRepository } from '../sequence/feed.repository.ts';
import { COUNTS } from './counts.projection.ts';
import { EventStatsRepository, firstDayAfter } from './event-stats.repository.ts';
import { type StatsRebuild, StatsRebuildsRepository } from './stats-rebuilds.repository.ts';

/** How far a rebuild is. */
export interface RebuildProgress {
  /** How many entries of the feed, which are requests and sent messages, were counted again. */
  readonly counted: number;
  readonly total: number;
}

export interface RebuildOptions {
  /** How often the progress is read, in milliseconds; 1,000 by default. */
  readonly pollMs?: number;
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** Stops waiting. The rebuild itself continues wherever the service runs, unless counts are still being deleted. */
  readonly signal?: AbortSignal;
}

/** Below every number of a connection. */
const FIRST_NUMBER = -1;

/**
 * Counts the events that are in the feed again. What the feed no longer has cannot be counted, so hours that such events may
 * belong to keep their counts: docs/adr/0018-counts-are-a-projection.md. Until it has ended, the counts of later hours are too low.
 */
@Injectable()
export class CountsRebuild {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stats: EventStatsRepository,
    private readonly rebuilds: StatsRebuildsRepository,
    private readonly consumers: EventConsumersRepository,
    private readonly feed: FeedRepository,
    private readonly events: EventsRepository,
    private readonly batches: EventBatchesRepository,
    private readonly cutoffs: EventCutoffsRepository,
    private readonly connections: ConnectionsRepository,
  ) {}

  /**
   * Rebuilds the counts and waits until they are complete. The events are counted by the instance that runs the projection, this
   * one or another. If it is interrupted, running it again starts over; until then the projection may be paused.
   * @throws DatabaseUnavailableError
   */
  async run({ pollMs = 1_000, onProgress = () => undefined, signal }: RebuildOptions = {}): Promise<void> {
    const rebuild = await this.unitOfWork.write((tx) => this.begin(tx));
    await this.clear(rebuild, signal);
    await this.unitOfWork.write(async (tx) => {
      await this.rebuilds.endClearing(tx);
      const { deleted } = await this.feed.ends(tx);
      await this.consumers.change(tx, COUNTS, { seq: deleted + 1, index: 0, paused: false });
    });
    while (!(await this.isDone(rebuild.until, onProgress))) {
      await delay(pollMs, undefined, signal === undefined ? {} : { signal });
    }
  }

  /** Pauses the projection: its current transaction then fails. */
  private async begin(tx: Transaction): Promise<StatsRebuild> {
    await this.consumers.insertNew(tx, COUNTS, 'projection', FEED_START);
    await this.consumers.change(tx, COUNTS, { paused: true });
    const position = (await this.consumers.find(tx, COUNTS)) ?? FEED_START;
    const earlier = await this.rebuilds.find(tx);
    const hasEnded = earlier === null || (!earlier.isClearing && !isBefore(position, earlier.until));
    if (hasEnded) {
      await this.rebuilds.finish(tx);
      const firstHour = await this.firstHour(tx);
      await this.rebuilds.begin(tx, firstHour, position, await this.laterHours(tx, firstHour));
    } else {
      // Its counts are deleted already: the same hours again, and no earlier position.
      await this.rebuilds.restart(tx, isBefore(position, earlier.until) ? earlier.until : position);
    }
    const rebuild = await this.rebuilds.find(tx);
    if (rebuild === null) throw new Error('The rebuild was not stored.');
    return rebuild;
  }

  /**
   * The hour from which on all events that were counted are still in the feed. An event may be dated up to a day after its
   * receipt; another day is the time that the rebuild may take while retention continues.
   */
  private async firstHour(tx: Transaction): Promise<number> {
    const { deleted } = await this.feed.ends(tx);
    const [first] = await this.feed.from(tx, deleted + 1, 1);
    const hours = [await lastNumber(tx, 'counted_from')];
    if (deleted > 0) hours.push(firstDayAfter(first?.appendedAt ?? new Date()));
    const stored = await this.events.firstId(tx);
    if (first !== undefined && (stored === undefined || stored > first.first)) {
      const batch = stored === undefined ? undefined : await this.batches.firstFrom(tx, batchOf(stored));
      hours.push(firstDayAfter(batch?.receivedAt ?? new Date()));
    }
    return Math.max(...hours);
  }

  /** Of organizations whose quota has deleted events. */
  private async laterHours(tx: Transaction, firstHour: number): Promise<ReadonlyMap<number, number>> {
    const hours = (await this.cutoffs.all(tx)).map(
      ({ organization, receivedBefore }) => [organization, firstDayAfter(receivedBefore)] as const,
    );
    return new Map(hours.filter(([, hour]) => hour > firstHour));
  }

  private async clear(rebuild: StatsRebuild, signal: AbortSignal | undefined): Promise<void> {
    let connection: number | undefined = FIRST_NUMBER;
    for (;;) {
      const after: number = connection;
      connection = await this.unitOfWork.read((tx) => this.stats.nextConnection(tx, after));
      if (connection === undefined) return;
      const number = connection;
      const [row] = await this.unitOfWork.read((tx) => this.connections.findByNumbers(tx, [number]));
      const from = rebuild.firstHourOf(row?.organizationNumber ?? 0);
      for (let isLast = false; !isLast;) {
        signal?.throwIfAborted();
        ({ isLast } = await this.unitOfWork.write((tx) => this.stats.deleteSome(tx, number, { from })));
      }
    }
  }

  private async isDone(until: FeedPosition, onProgress: (progress: RebuildProgress) => void): Promise<boolean> {
    const [position, { deleted }] = await this.unitOfWork.read(
      async (tx) => [(await this.consumers.find(tx, COUNTS)) ?? FEED_START, await this.feed.ends(tx)] as const,
    );
    const total = Math.max(0, lastRead(until) - deleted);
    const isDone = !isBefore(position, until);
    onProgress({ counted: isDone ? total : Math.max(0, lastRead(position) - deleted), total });
    if (isDone) await this.unitOfWork.write((tx) => this.rebuilds.finish(tx));
    return isDone;
  }
}
