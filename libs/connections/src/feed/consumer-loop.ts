import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { type Transaction, type UnitOfWork } from '../database/unit-of-work.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { cutText } from '../events/event-record.ts';
import type { FeedHead } from '../sequence/feed-head.ts';
import { inSpan, SpanKind } from '../telemetry/tracing.ts';
import type { DeadLettersRepository } from './dead-letters.repository.ts';
import {
  ConsumerUnavailableError,
  type AnyEventConsumer,
  type EventProjection,
  type RetryPolicy,
} from './event-consumer.ts';
import {
  type ConsumerType,
  ERROR_LENGTH,
  type EventConsumerRow,
  type EventConsumersRepository,
  type Lease,
} from './event-consumers.repository.ts';
import type { EventFeed, FeedPage } from './event-feed.ts';
import type { FeedEventOf, FeedKind } from './feed-kinds.ts';
import {
  FEED_START,
  type FeedPosition,
  isBefore,
  lastRead,
  parsePosition,
  PositionExpiredError,
} from './feed-position.ts';

/** What all loops use. */
export interface ConsumerContext {
  readonly instance: string;
  readonly unitOfWork: UnitOfWork;
  readonly feed: EventFeed;
  readonly head: FeedHead;
  readonly consumers: EventConsumersRepository;
  readonly deadLetters: DeadLettersRepository;
}

/** Another instance has the consumer, or it was paused or moved. */
class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

const LEASE_MS = 15_000;
/** How soon an instance notices that a consumer was resumed, or that another instance no longer runs it. */
const FOLLOW_MS = 1_000;
const IDLE_MS = 5_000;
const HANDLE_MS = 60_000;
const MAX_DELAY_MS = 60_000;
const PROJECTED_EVENTS = 1_000;
const DEFAULT_RETRY: RetryPolicy = { attempts: 5, firstDelayMs: 1_000 };
/** How often a batch is handed over again before its events are handed over one by one. */
const BATCH_RETRIES = 1;

/** Runs one consumer while this instance has its lease. */
export class ConsumerLoop {
  private readonly logger = new Logger(ConsumerLoop.name);
  private readonly stopping = new AbortController();
  /** Ends the current wait. */
  private resting = new AbortController();
  private readonly retry: RetryPolicy;
  private running: Promise<void> | undefined;
  private isKnown = false;
  private leasedAt = 0;
  private storedAt = 0;
  /** Whether it has waited for events, and the consumer may have been paused since. */
  private hasWaited = false;
  /** For the log: the failures of one outage are one line. */
  private hasWarned = false;

  constructor(
    private readonly context: ConsumerContext,
    readonly consumer: AnyEventConsumer | EventProjection,
  ) {
    this.retry = ('retry' in consumer ? consumer.retry : undefined) ?? DEFAULT_RETRY;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Call it after its row has changed. */
  wake(): void {
    this.resting.abort();
  }

  /** Resolves when the current batch has ended, and another instance can continue. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.resting.abort();
    await this.running;
  }

  private get signal(): AbortSignal {
    return this.stopping.signal;
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.signal.aborted;) {
      try {
        await this.runOnce();
        failures = 0;
      } catch (error) {
        if (error instanceof LeaseLostError) continue;
        failures++;
        this.warn(error);
        await this.sleep(Math.min(this.delayAfter(failures), IDLE_MS));
      }
    }
  }

  /** Until the lease is lost. */
  private async runOnce(): Promise<void> {
    const { unitOfWork, consumers, head } = this.context;
    const { name } = this.consumer;
    if (!this.isKnown) await this.register();
    const row = await unitOfWork.read((tx) => consumers.find(tx, name));
    if (row === null) {
      this.isKnown = false;
      return;
    }
    if (row.paused) return this.sleep(FOLLOW_MS);
    if (!(await this.hasMore(row))) return head.waitBeyond(lastRead(row), IDLE_MS, this.rest());
    const lease = await this.lease();
    if (lease === null) return this.sleep(FOLLOW_MS);
    try {
      await this.consume(lease);
    } finally {
      await unitOfWork.write((tx) => consumers.release(tx, lease)).catch(() => undefined);
    }
  }

  private async register(): Promise<void> {
    const { unitOfWork, consumers, feed } = this.context;
    const { consumer } = this;
    const isAtBeginning = isProjection(consumer) || consumer.start === 'beginning';
    const start = isAtBeginning ? FEED_START : await feed.end();
    await unitOfWork.write((tx) => consumers.insertNew(tx, consumer.name, typeOf(consumer), start));
    this.isKnown = true;
  }

  private async hasMore(row: FeedPosition): Promise<boolean> {
    return isBefore(row, await this.context.feed.end());
  }

  private async lease(): Promise<EventConsumerRow | null> {
    const { unitOfWork, consumers, instance } = this.context;
    const leasedAt = performance.now();
    const row = await unitOfWork.write((tx) => consumers.lease(tx, this.consumer.name, instance, LEASE_MS));
    if (row !== null) this.leasedAt = leasedAt;
    return row;
  }

  /** Reads on from the position, while there are events. */
  private async consume(row: EventConsumerRow): Promise<void> {
    let position: FeedPosition = row;
    while (!this.signal.aborted) {
      const { next, isAtEnd } = await this.step(row, position).catch((error: unknown) => this.afterExpiry(row, error));
      position = next;
      this.hasWarned = false;
      if (!isAtEnd) continue;
      await this.context.head.waitBeyond(lastRead(position), IDLE_MS, this.rest());
      this.hasWaited = true;
      // While nothing happens, nothing is written: the lease ends, and this or another instance takes it again.
      if (performance.now() - this.leasedAt > LEASE_MS / 2) return;
    }
  }

  private async step(lease: Lease, after: FeedPosition): Promise<Pick<FeedPage<unknown>, 'next' | 'isAtEnd'>> {
    const { consumer } = this;
    if (!isProjection(consumer)) return this.hand(consumer, lease, after);
    try {
      return await this.project(consumer, lease, after);
    } catch (error) {
      const isOwn = !(error instanceof LeaseLostError || error instanceof PositionExpiredError);
      if (isOwn) await this.recordFailure(lease, error);
      throw error;
    }
  }

  private async project(
    projection: EventProjection,
    lease: Lease,
    after: FeedPosition,
  ): Promise<Pick<FeedPage<unknown>, 'next' | 'isAtEnd'>> {
    const { unitOfWork, feed } = this.context;
    return unitOfWork.write(
      async (tx) => {
        const page = await feed.rows(tx, { after, limit: PROJECTED_EVENTS });
        if (page.events.length === 0 && !this.isStoringDue(after, page.next)) return page;
        await this.advance(tx, lease, page.next);
        if (page.events.length > 0)
          await this.inBatch(page.events.length, async () => projection.apply(tx, page.events));
        return page;
      },
      { lane: 'query', turn: projection.name },
    );
  }

  private async hand(
    consumer: AnyEventConsumer,
    lease: Lease,
    after: FeedPosition,
  ): Promise<Pick<FeedPage<unknown>, 'next' | 'isAtEnd'>> {
    const { unitOfWork, feed } = this.context;
    const { organization, kinds, batchSize, name } = consumer;
    const page = await feed.events({ after, limit: batchSize, organization, kinds }, { turn: name });
    if (page.events.length > 0) {
      if (this.hasWaited) await this.prolong(lease);
      this.hasWaited = false;
      await this.deliver(consumer, lease, page.events);
    }
    if (page.events.length > 0 || this.isStoringDue(after, page.next)) {
      await unitOfWork.write((tx) => this.advance(tx, lease, page.next));
    }
    return page;
  }

  /** A position that moves over events of others is stored from time to time. */
  private isStoringDue(after: FeedPosition, next: FeedPosition): boolean {
    return isBefore(after, next) && performance.now() - this.storedAt > IDLE_MS;
  }

  /** @throws LeaseLostError */
  private async advance(tx: Transaction, lease: Lease, next: FeedPosition): Promise<void> {
    const now = performance.now();
    if (!(await this.context.consumers.advance(tx, lease, next, LEASE_MS))) throw new LeaseLostError();
    [this.leasedAt, this.storedAt] = [now, now];
  }

  /** Resolves when each of the events is processed, or a dead letter. */
  private async deliver(
    consumer: AnyEventConsumer,
    lease: Lease,
    events: readonly FeedEventOf<FeedKind>[],
  ): Promise<void> {
    for (let failures = 0; ;) {
      const error = await this.attempt(consumer, lease, events);
      if (error === undefined) return;
      if (!(error instanceof ConsumerUnavailableError) && failures >= BATCH_RETRIES) break;
      failures++;
      await this.waitAfter(failures, lease);
    }
    for (const event of events) await this.deliverAlone(consumer, lease, event);
  }

  private async deliverAlone(consumer: AnyEventConsumer, lease: Lease, event: FeedEventOf<FeedKind>): Promise<void> {
    const { unitOfWork, deadLetters } = this.context;
    const position = parsePosition(event.position);
    for (let attempts = 1; ; attempts++) {
      const error = await this.attempt(consumer, lease, [event]);
      if (error === undefined) return unitOfWork.write((tx) => this.advance(tx, lease, position));
      const isLast = attempts >= this.retry.attempts && !(error instanceof ConsumerUnavailableError);
      if (!isLast) {
        await this.waitAfter(attempts, lease);
        continue;
      }
      const reason = errorText(error);
      this.logger.error(`Consumer ${consumer.name} failed ${String(attempts)} times for event ${event.id}: ${reason}`);
      return unitOfWork.write(async (tx) => {
        await this.advance(tx, lease, position);
        const row = { id: uuid(), consumer: consumer.name, ...position, event: Number(event.id), reason, attempts };
        await deadLetters.insert(tx, { ...row, createdAt: new Date() });
      });
    }
  }

  /** Not part of the request that added the consumer. */
  private async inBatch(events: number, work: () => Promise<void>): Promise<void> {
    const type = typeOf(this.consumer);
    // The name of a webhook has the id of its endpoint.
    const name = type === 'webhook' ? {} : { 'score.consumer': this.consumer.name };
    const attributes = { 'score.consumer_type': type, ...name, 'score.events': events };
    return inSpan('consumer batch', { kind: SpanKind.CONSUMER, root: true, attributes }, work);
  }

  /** @returns the error of the consumer; undefined if it succeeded @throws LeaseLostError */
  private async attempt(
    consumer: AnyEventConsumer,
    lease: Lease,
    events: readonly FeedEventOf<FeedKind>[],
  ): Promise<unknown> {
    // An abort that has already happened is not an event: a stop would wait for the whole batch.
    if (this.signal.aborted) throw new LeaseLostError();
    const ending = new AbortController();
    const stop = (): void => ending.abort(new LeaseLostError());
    const expire = (): void => ending.abort(new Error(`The consumer took longer than ${String(HANDLE_MS)} ms.`));
    const beat = (): void =>
      void this.prolong(lease).catch((error: unknown) => error instanceof LeaseLostError && stop());
    const heartbeat = setInterval(beat, LEASE_MS / 3).unref();
    const limit = setTimeout(expire, HANDLE_MS).unref();
    this.signal.addEventListener('abort', stop, { once: true });
    try {
      await this.inBatch(events.length, async () =>
        Promise.race([consumer.handle(events, ending.signal), abortOf(ending.signal)]),
      );
      return undefined;
    } catch (error) {
      if (ending.signal.reason instanceof LeaseLostError) throw ending.signal.reason;
      this.warn(error);
      await this.recordFailure(lease, error);
      return error ?? new Error('The consumer rejected without an error.');
    } finally {
      clearInterval(heartbeat);
      clearTimeout(limit);
      this.signal.removeEventListener('abort', stop);
    }
  }

  private async recordFailure(lease: Lease, error: unknown): Promise<void> {
    const { unitOfWork, consumers } = this.context;
    const text = errorText(error);
    await unitOfWork.write((tx) => consumers.recordFailure(tx, lease, text, new Date()));
  }

  /** @throws LeaseLostError */
  private async waitAfter(failures: number, lease: Lease): Promise<void> {
    const end = performance.now() + this.delayAfter(failures);
    for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
      await this.sleep(Math.min(left, LEASE_MS / 3));
      if (this.signal.aborted) throw new LeaseLostError();
      await this.prolong(lease);
    }
  }

  /** @throws LeaseLostError */
  private async prolong(lease: Lease): Promise<void> {
    const { unitOfWork, consumers } = this.context;
    const leasedAt = performance.now();
    if (!(await unitOfWork.write((tx) => consumers.prolong(tx, lease, LEASE_MS)))) throw new LeaseLostError();
    this.leasedAt = leasedAt;
  }

  /** Continues with the oldest stored event. @throws the error, if it is another one */
  private async afterExpiry(lease: Lease, error: unknown): Promise<Pick<FeedPage<unknown>, 'next' | 'isAtEnd'>> {
    if (!(error instanceof PositionExpiredError)) throw error;
    const { unitOfWork, feed } = this.context;
    const next = await feed.beginning();
    this.logger.error(`Consumer ${this.consumer.name} has missed events: they were deleted before it read them.`);
    await unitOfWork.write((tx) => this.advance(tx, lease, next));
    return { next, isAtEnd: false };
  }

  private delayAfter(failures: number): number {
    const longest = Math.min(MAX_DELAY_MS, this.retry.firstDelayMs * 2 ** (failures - 1));
    return longest * (0.5 + Math.random() / 2);
  }

  private warn(error: unknown): void {
    if (!this.hasWarned) this.logger.warn(`Consumer ${this.consumer.name} failed and tries again: ${errorText(error)}`);
    this.hasWarned = true;
  }

  private async sleep(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.rest(), ref: false }).catch(() => undefined);
  }

  /** The signal of a wait. */
  private rest(): AbortSignal {
    if (this.resting.signal.aborted && !this.signal.aborted) this.resting = new AbortController();
    return this.resting.signal;
  }
}

export function isProjection(consumer: AnyEventConsumer | EventProjection): consumer is EventProjection {
  return 'apply' in consumer;
}

function typeOf(consumer: AnyEventConsumer | EventProjection): ConsumerType {
  return isProjection(consumer) ? 'projection' : consumer.type;
}

function errorText(error: unknown): string {
  return cutText(safeMessage(error), ERROR_LENGTH);
}

/** Rejects with the reason of the signal when it is aborted. */
async function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
