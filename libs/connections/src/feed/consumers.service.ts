import { Injectable } from '@nestjs/common';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { cutText } from '../events/event-record.ts';
import { FeedRepository } from '../sequence/feed.repository.ts';
import { type DeadLetterRow, DeadLettersRepository } from './dead-letters.repository.ts';
import type { AnyEventConsumer, ConsumerState, ConsumerSummary, FeedOverview } from './event-consumer.ts';
import { isProjection } from './consumer-loop.ts';
import { ERROR_LENGTH, type EventConsumerRow, EventConsumersRepository } from './event-consumers.repository.ts';
import { EventConsumers } from './event-consumers.ts';
import { EventFeed } from './event-feed.ts';
import { type FeedPosition, lastRead } from './feed-position.ts';
import { type Destination, seekDestination } from './seek-input.ts';

/** There is no consumer with this name, or it has no such dead letter. */
export class ConsumerNotFoundError extends ConnectionsError {
  readonly code = 'not_found';

  constructor(what: 'Consumer' | 'Dead letter') {
    super(`${what} not found. Check the name and the ID.`);
  }
}

/** An event that a consumer could not process. */
export interface DeadLetter {
  readonly id: string;
  readonly eventId: string;
  readonly position: FeedPosition;
  readonly reason: string;
  readonly attempts: number;
  readonly createdAt: Date;
}

/** How many dead letters are returned at most. */
const SHOWN_LETTERS = 100;

/** For operators: the consumers of all processes. A position of a consumer is changed for all organizations. */
@Injectable()
export class ConsumersService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly feed: FeedRepository,
    private readonly events: EventFeed,
    private readonly consumers: EventConsumersRepository,
    private readonly deadLetters: DeadLettersRepository,
    private readonly running: EventConsumers,
  ) {}

  async list(): Promise<ConsumerState[]> {
    return this.unitOfWork.read(async (tx) => {
      const { last } = await this.feed.ends(tx);
      const states: ConsumerState[] = [];
      for (const row of await this.consumers.list(tx)) {
        states.push(stateOf(row, last, await this.deadLetters.count(tx, row.name)));
      }
      return states;
    });
  }

  /**
   * The state of the feed and its consumers, in few queries.
   * @throws DatabaseUnavailableError after `timeoutMs`
   */
  async overview(timeoutMs: number): Promise<FeedOverview> {
    const work = { lane: 'control', timeoutMs } as const;
    return this.unitOfWork.read(async (tx) => {
      const { last } = await this.feed.ends(tx);
      const deadLetters = await this.deadLetters.countByConsumer(tx);
      const states = (await this.consumers.list(tx)).map((row) => stateOf(row, last, deadLetters.get(row.name) ?? 0));
      return { pending: await this.feed.countPending(tx, MAX_PENDING), consumers: summaries(states) };
    }, work);
  }

  /** A paused consumer keeps its position. The feed is kept for it as long as for one that runs. @throws ConsumerNotFoundError */
  async pause(name: string): Promise<void> {
    await this.change(name, { paused: true });
  }

  /** @throws ConsumerNotFoundError */
  async resume(name: string): Promise<void> {
    await this.change(name, { paused: false });
  }

  /**
   * Moves a consumer: to a position, to the events that were stored at a time or later, to the beginning or to the end. A
   * projection would count events twice, so it can only be rebuilt.
   * @throws ConsumerNotFoundError, ProjectionNotMovableError
   */
  async seek(name: string, to: Destination): Promise<void> {
    const row = await this.unitOfWork.read((tx) => this.consumers.find(tx, name));
    if (row === null) throw new ConsumerNotFoundError('Consumer');
    if (row.type === 'projection') throw new ProjectionNotMovableError();
    await this.change(name, await this.positionOf(to));
  }

  /** Like `seek`, with an input that is validated. @throws InvalidInputError too */
  async seekTo(name: string, input: unknown): Promise<void> {
    await this.seek(name, seekDestination(input));
  }

  /** @throws ConsumerNotFoundError */
  async get(name: string): Promise<ConsumerState> {
    const state = (await this.list()).find((consumer) => consumer.name === name);
    if (state === undefined) throw new ConsumerNotFoundError('Consumer');
    return state;
  }

  /** Forgets a consumer and its dead letters. If it is still running somewhere, it begins again. */
  async delete(name: string): Promise<void> {
    await this.unitOfWork.write(async (tx) => {
      await this.deadLetters.deleteOf(tx, name);
      await this.consumers.delete(tx, name);
    });
  }

  /** Oldest first, up to 100. @param after the id of the last one that was read */
  async listDeadLetters(name: string, after?: string): Promise<DeadLetter[]> {
    const rows = await this.unitOfWork.read((tx) => this.deadLetters.list(tx, name, SHOWN_LETTERS, after));
    return rows.map(({ seq, index, event, id, reason, attempts, createdAt }) => {
      return { id, eventId: String(event), position: { seq, index }, reason, attempts, createdAt };
    });
  }

  /**
   * Hands the event of a dead letter to the consumer again, in this process. If it succeeds, the dead letter is deleted.
   * @returns the error of the consumer; null if it succeeded, or if the event has been deleted
   * @throws ConsumerNotFoundError if the consumer does not exist in this process, or the dead letter does not exist
   */
  async replay(name: string, id: string): Promise<string | null> {
    const consumer = this.running.find(name);
    if (consumer === undefined || isProjection(consumer)) throw new ConsumerNotFoundError('Consumer');
    const letter = await this.unitOfWork.read((tx) => this.deadLetters.find(tx, name, id));
    if (letter === null) throw new ConsumerNotFoundError('Dead letter');
    const error = await this.attempt(consumer, letter);
    await this.unitOfWork.write(async (tx) =>
      error === null
        ? this.deadLetters.delete(tx, id)
        : this.deadLetters.change(tx, id, { reason: error, attempts: letter.attempts + 1 }),
    );
    return error;
  }

  private async attempt(consumer: AnyEventConsumer, { event, seq, index }: DeadLetterRow): Promise<string | null> {
    const events = await this.events.find([{ id: event, position: { seq, index } }]);
    if (events.length === 0) return null;
    try {
      await consumer.handle(events, AbortSignal.timeout(REPLAY_MS));
      return null;
    } catch (error) {
      return cutText(safeMessage(error), ERROR_LENGTH);
    }
  }

  private async positionOf(to: Destination): Promise<FeedPosition> {
    if (to instanceof Date) return this.events.positionAt(to);
    if (to === 'beginning') return this.events.beginning();
    return to === 'end' ? this.events.end() : { seq: to.seq, index: to.index };
  }

  private async change(name: string, changes: Parameters<EventConsumersRepository['change']>[2]): Promise<void> {
    const isKnown = await this.unitOfWork.write((tx: Transaction) => this.consumers.change(tx, name, changes));
    if (!isKnown) throw new ConsumerNotFoundError('Consumer');
    this.running.wake(name);
  }
}

/** The position of a projection belongs to its result. */
export class ProjectionNotMovableError extends ConnectionsError {
  readonly code = 'projection_not_movable';

  constructor() {
    super('A projection cannot be moved: it would count events twice or not at all. Rebuild it.');
  }
}

const REPLAY_MS = 60_000;
const MAX_PENDING = 10_000;

/** Organizations can have as many outgoing webhooks as they want, so those are one summary. */
function summaries(states: readonly ConsumerState[]): ConsumerSummary[] {
  const summary = new Map<string, ConsumerSummary>();
  for (const { type, name: own, paused, failures, lag, deadLetters } of states) {
    const name = type === 'webhook' ? '*' : own;
    const key = `${type} ${name}`;
    const none = { running: 0, paused: 0, failing: 0, lag: 0, deadLetters: 0 };
    const sum = summary.get(key) ?? { type, name, ...none };
    summary.set(key, {
      ...sum,
      running: sum.running + (paused ? 0 : 1),
      paused: sum.paused + (paused ? 1 : 0),
      failing: sum.failing + (failures > 0 && !paused ? 1 : 0),
      lag: paused ? sum.lag : Math.max(sum.lag, lag),
      deadLetters: sum.deadLetters + deadLetters,
    });
  }
  return [...summary.values()];
}

function stateOf(row: EventConsumerRow, last: number, deadLetters: number): ConsumerState {
  const { name, type, seq, index, paused, failures, lastError, lastErrorAt, leasedBy } = row;
  return {
    name,
    type,
    position: { seq, index },
    lag: Math.max(0, last - lastRead(row)),
    paused,
    isRunning: leasedBy !== null,
    failures,
    lastError,
    lastErrorAt,
    deadLetters,
  };
}
