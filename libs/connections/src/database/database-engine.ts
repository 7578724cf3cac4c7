import type { EntityManager, QueryRunner } from 'typeorm';
import { DatabaseOverloadedError } from './database-errors.ts';

/** The time for a piece of work is over. The work itself may still be running. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError';
}

/** The moment by which a piece of work must have ended, with everything that it waits for. */
export class Deadline {
  private readonly end: number;

  constructor(readonly timeoutMs: number) {
    this.end = performance.now() + timeoutMs;
  }

  get remainingMs(): number {
    return Math.max(0, this.end - performance.now());
  }

  get isOver(): boolean {
    return this.remainingMs === 0;
  }

  /**
   * Waits for a promise, but not beyond the deadline: drivers never settle what a silent socket owes.
   * @param what names the promise in the error
   * @throws DeadlineExceededError
   */
  async wait<T>(promise: Promise<T>, what: string): Promise<T> {
    return waitAtMost(promise, this.remainingMs, what);
  }
}

/** @throws DeadlineExceededError after `milliseconds`. A later rejection of the promise is ignored. */
export async function waitAtMost<T>(promise: Promise<T>, milliseconds: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    const expire = (): void => reject(new DeadlineExceededError(`${what} took longer than allowed.`));
    // After a blocked event loop, timers fire before the answers that have arrived are read: those are let in first.
    timer = setTimeout(() => setImmediate(() => setImmediate(expire)), milliseconds);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** A queue in which keys take turns: a key with many items delays the next item of another key by one turn at most. */
export class Turns<T> {
  private readonly queues = new Map<string, T[]>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** How many items of a key are waiting. */
  sizeOf(key: string): number {
    return this.queues.get(key)?.length ?? 0;
  }

  add(key: string, item: T): void {
    const queue = this.queues.get(key);
    if (queue === undefined) this.queues.set(key, [item]);
    else queue.push(item);
    this.count++;
  }

  /** The first item of the key whose turn it is; that key then moves to the end. */
  take(): T | undefined {
    // A map keeps the order in which keys were added.
    const [next] = this.queues;
    if (next === undefined) return undefined;
    const [key, queue] = next;
    const item = queue.shift();
    this.queues.delete(key);
    if (queue.length > 0) this.queues.set(key, queue);
    this.count--;
    return item;
  }

  /** Puts an item that was taken before the other items of its key; its key waits for its next turn. */
  putBack(key: string, item: T): void {
    const queue = this.queues.get(key);
    if (queue === undefined) this.queues.set(key, [item]);
    else queue.unshift(item);
    this.count++;
  }

  /** @returns false if it is not waiting (any longer). */
  remove(key: string, item: T): boolean {
    const queue = this.queues.get(key);
    const index = queue?.indexOf(item) ?? -1;
    if (queue === undefined || index === -1) return false;
    queue.splice(index, 1);
    if (queue.length === 0) this.queues.delete(key);
    this.count--;
    return true;
  }
}

/**
 * The purpose of a unit of work. Each lane has its own database connections, so that one kind of work cannot use all of
 * them: `query` is for reads that may go through many rows, `ingest` for webhooks and for events of sent messages, `control`
 * for health checks, and `api` for everything else.
 */
export type Lane = 'api' | 'query' | 'ingest' | 'control';

/** How many units of work wait for one lane before further ones are rejected. */
const MAX_WAITING = 1_000;

interface Slots {
  readonly size: number;
  free: number;
  readonly waiting: Turns<() => void>;
  waits: number;
  refusals: number;
}

/** The connections of a lane. */
export interface LaneState {
  /** `shared` if all lanes share one connection, as on SQLite. */
  readonly lane: Lane | 'shared';
  /** How many connections it has. */
  readonly size: number;
  /** How many of them have a unit of work. */
  readonly used: number;
  /** How many units of work are waiting for one. */
  readonly waiting: number;
  /** How many have had to wait since the start. */
  readonly waits: number;
  /** How many were rejected since the start, because too many were waiting. */
  readonly refusals: number;
}

/** Hands out the connections of the lanes. Those that wait for the same lane take turns by key. */
export class Lanes {
  /** How many units of work of the lane `ingest` can run at the same time. */
  readonly ingestSize: number;
  private readonly slots: Readonly<Record<Lane, Slots>>;
  private readonly isShared: boolean;

  private constructor(sizes: Readonly<Record<Lane, number>> | undefined) {
    this.isShared = sizes === undefined;
    this.ingestSize = sizes?.ingest ?? 1;
    const slots = (size: number): Slots => ({ size, free: size, waiting: new Turns(), waits: 0, refusals: 0 });
    const shared = slots(1);
    this.slots = {
      api: sizes === undefined ? shared : slots(sizes.api),
      query: sizes === undefined ? shared : slots(sizes.query),
      ingest: sizes === undefined ? shared : slots(sizes.ingest),
      control: sizes === undefined ? shared : slots(sizes.control),
    };
  }

  /** Divides a pool. A pool of fewer than four connections serves a lane with each, and its own queue does the rest. */
  static ofPool(size: number): Lanes {
    const share = (part: number): number => Math.max(1, Math.floor(size * part));
    const [query, ingest, control] = [share(0.2), share(0.3), 1];
    return new Lanes({ api: Math.max(1, size - query - ingest - control), query, ingest, control });
  }

  /** One connection for all; lanes take turns on it. */
  static ofOneConnection(): Lanes {
    return new Lanes(undefined);
  }

  get state(): readonly LaneState[] {
    const { api, query, ingest, control } = this.slots;
    if (this.isShared) return [laneState('shared', api)];
    return [
      laneState('api', api),
      laneState('query', query),
      laneState('ingest', ingest),
      laneState('control', control),
    ];
  }

  /**
   * Waits for a connection of the lane.
   * @param key by which those that wait take turns, such as the organization
   * @returns a function that releases the connection
   * @throws DatabaseOverloadedError, DeadlineExceededError
   */
  async acquire(lane: Lane, key: string, deadline: Deadline): Promise<() => void> {
    const slots = this.slots[lane];
    const release = (): void => {
      const next = slots.waiting.take();
      if (next === undefined) slots.free++;
      else next();
    };
    if (slots.free > 0) {
      slots.free--;
      return release;
    }
    if (slots.waiting.size >= MAX_WAITING) {
      slots.refusals++;
      throw new DatabaseOverloadedError();
    }
    slots.waits++;
    const turn = this.isShared ? `${lane} ${key}` : key;
    let start: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    slots.waiting.add(turn, start);
    try {
      await deadline.wait(started, 'Waiting for a database connection');
    } catch (error) {
      // It may have received the connection at the same moment.
      if (!slots.waiting.remove(turn, start)) release();
      throw error;
    }
    return release;
  }
}

function laneState(lane: LaneState['lane'], { size, free, waiting, waits, refusals }: Slots): LaneState {
  return { lane, size, used: size - free, waiting: waiting.size, waits, refusals };
}

export type Work<T> = (tx: EntityManager) => Promise<T>;

/** How many bytes a statement may have. */
export interface StatementLimits {
  /** For rows that can be divided between statements: composing a larger one would block the event loop. */
  readonly usual: number;
  /** The most that the server accepts. */
  readonly most: number;
}

/** A statement whose result is not needed. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** How long it is at most when it is sent. */
  readonly bytes: number;
}

/** How units of work are run on one family of databases. */
export interface DatabaseEngine {
  readonly lanes: Lanes;
  /** How many writes for webhooks can run at the same time with a gain. */
  readonly parallelWrites: number;
  /** What is known to be wrong with the state of a connection; undefined while writes can be stored. */
  readonly fault: string | undefined;
  /** Known after the first unit of work. */
  readonly statementLimits: StatementLimits;
  read<T>(work: Work<T>, deadline: Deadline): Promise<T>;
  /** Resolves only after a COMMIT that the database has confirmed. */
  write<T>(work: Work<T>, deadline: Deadline): Promise<T>;
  /** As `write`, for statements whose results are not needed: where the server can receive them together, in one round trip. */
  writeAtOnce(statements: readonly Statement[], deadline: Deadline): Promise<void>;
}

/** The query runner of one unit of work, which ends with it. */
export interface GuardedRunner {
  readonly runner: QueryRunner;
  /** What ended the transaction before the work did, even if the work continued. */
  readonly lost: { readonly error: unknown } | undefined;
  /** From now on its statements fail: what a work left behind must not run outside of its transaction. */
  end(): void;
}

interface RunnerState {
  isReleased: boolean;
  isTransactionActive: boolean;
  transactionDepth: number;
  query: QueryRunner['query'];
}

/**
 * Derives a runner for one unit of work from TypeORM's. The state that TypeORM keeps of a transaction belongs to the
 * derived one only: after a failed COMMIT it is wrong, and the next unit of work must not inherit it.
 * @param inTransaction whether the transaction is open; transactions inside of it become savepoints
 * @param endsTransaction whether the transaction has ended after a statement failed with this error
 */
export function guardRunner(
  base: QueryRunner,
  inTransaction: boolean,
  endsTransaction: (error: unknown) => boolean,
): GuardedRunner {
  const runner = Object.create(base) as QueryRunner & RunnerState;
  const guarded: { runner: QueryRunner; lost: GuardedRunner['lost']; end: () => void } = {
    runner,
    lost: undefined,
    end: () => {
      runner.isReleased = true;
    },
  };
  const query = base.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
  Object.assign(runner, {
    isReleased: false,
    isTransactionActive: inTransaction,
    transactionDepth: inTransaction ? 1 : 0,
    manager: base.connection.createEntityManager(runner),
    query: async (...args: unknown[]): Promise<unknown> => {
      if (guarded.lost !== undefined) throw guarded.lost.error;
      try {
        return await query(...args);
      } catch (error) {
        if (inTransaction && endsTransaction(error)) guarded.lost = { error };
        throw error;
      }
    },
  });
  return guarded;
}
