import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import {
  type ConnectionsModuleOptions,
  DEFAULT_SEND_TIMEOUT_MS,
  MODULE_OPTIONS_TOKEN,
} from '../options/connections.module-options.ts';
import {
  type DatabaseEngine,
  Deadline,
  DeadlineExceededError,
  type Lane,
  type LaneState,
  type Statement,
  type StatementLimits,
} from './database-engine.ts';
import {
  DatabaseUnavailableError,
  isConflict,
  isLocked,
  isStatementTimeout,
  isTooLarge,
  isUnavailable,
  QueryTimeoutError,
  StatementTooLargeError,
} from './database-errors.ts';
import { dialectOf } from './dialect.ts';
import { MysqlEngine } from './mysql-engine.ts';
import { SqliteEngine } from './sqlite-engine.ts';

/** The transaction that a unit of work receives. Only repositories use its members. */
export type Transaction = EntityManager;

export interface WorkOptions {
  /** Which connections it may use; `api` by default. */
  readonly lane?: Lane;
  /** Units of work that wait for the same lane take turns by this, for example by organization. */
  readonly turn?: string;
  /** How long it may take in all, in milliseconds; the module's `databaseTimeoutMs` by default. */
  readonly timeoutMs?: number;
}

/** The state of the database as far as it is known without a query. */
export interface DatabaseState {
  /** How long the oldest write, or read of a webhook, has been waiting for the database, in milliseconds; 0 if none is waiting. Counted from the last commit of its lane. */
  readonly oldestWriteMs: number;
  /** Why the state of a connection is unknown, so that nothing can be written; null if it is known. */
  readonly fault: string | null;
  /** Changes when the API has written something, and when the database has failed: what was read before may be out of date. */
  readonly revision: number;
}

export const DEFAULT_DATABASE_TIMEOUT_MS = 10_000;

/**
 * Whether Node follows the context of asynchronous work without cost. Before version 24 it does so through every promise of
 * the process, which takes half of its throughput.
 */
export const HAS_FAST_CONTEXT = Number.parseInt(process.versions.node, 10) >= 24;
const ATTEMPTS = 5;
const LOCK_PAUSE_MS = { first: 2, longest: 50 } as const;

/**
 * Runs all reads and writes. A write is a transaction: it resolves only after the database has confirmed the COMMIT. Each
 * unit of work has a deadline, which includes the wait for a connection and every statement.
 *
 * Work must not call `write` or `read` again; it passes its transaction on. It may be repeated, for example after a deadlock.
 */
@Injectable()
export class UnitOfWork {
  private readonly dataSource: DataSource;
  private readonly engine: DatabaseEngine;
  private readonly timeoutMs: number;
  private readonly running: AsyncLocalStorage<{ active: boolean }> | undefined;
  /** When each write that has not ended was begun, the oldest first. */
  private readonly writes = new Map<symbol, { readonly lane: Lane; readonly begun: number }>();
  /** When the last write of a lane was committed. */
  private readonly committed = new Map<Lane, number>();
  private revision = 0;

  constructor(@Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions) {
    const { dataSource, databaseTimeoutMs, detectNestedWork = HAS_FAST_CONTEXT } = options;
    this.running = detectNestedWork ? new AsyncLocalStorage() : undefined;
    this.timeoutMs = databaseTimeoutMs ?? DEFAULT_DATABASE_TIMEOUT_MS;
    this.dataSource = dataSource;
    this.engine =
      dialectOf(dataSource.options.type) === 'sqlite'
        ? new SqliteEngine(dataSource)
        : new MysqlEngine(dataSource, this.timeoutMs);
  }

  get statementLimits(): StatementLimits {
    return this.engine.statementLimits;
  }

  /** How many writes for webhooks can run at the same time with a gain. */
  get parallelWrites(): number {
    return this.engine.parallelWrites;
  }

  /** How the connections to the database are used. */
  get lanes(): readonly LaneState[] {
    return this.engine.lanes.state;
  }

  get state(): DatabaseState {
    const now = performance.now();
    // A lane that has stored something since is not stuck: only one of its connections is silent.
    const oldest = [...this.writes.values()].reduce(
      (first, { lane, begun }) => Math.min(first, Math.max(begun, this.committed.get(lane) ?? 0)),
      now,
    );
    return { oldestWriteMs: now - oldest, fault: this.engine.fault ?? null, revision: this.revision };
  }

  /** @throws DatabaseUnavailableError, DatabaseOverloadedError */
  async write<T>(work: (tx: Transaction) => Promise<T>, options: WorkOptions = {}): Promise<T> {
    const attempt = (deadline: Deadline): Promise<T> =>
      this.engine.write((tx) => this.marked(() => work(tx)), deadline);
    return this.store(attempt, options);
  }

  /**
   * A write of statements whose results are not needed: with `multipleStatements` in the options of the data source, the whole
   * transaction takes one round trip to the server.
   * @throws what `write` throws; an error that `isDuplicateKey` recognizes if a key is in the table already
   */
  async writeAtOnce(
    compose: (dataSource: DataSource, limits: StatementLimits) => Iterable<Statement>,
    options: WorkOptions = {},
  ): Promise<void> {
    const attempt = (deadline: Deadline): Promise<void> =>
      this.engine.writeAtOnce([...compose(this.dataSource, this.statementLimits)], deadline);
    return this.store(attempt, options);
  }

  private async store<T>(attempt: (deadline: Deadline) => Promise<T>, options: WorkOptions): Promise<T> {
    try {
      const result = await this.asWrite(options, () => this.run('write', attempt, options));
      this.committed.set(options.lane ?? 'api', performance.now());
      return result;
    } finally {
      if ((options.lane ?? 'api') === 'api') this.revision++;
    }
  }

  /** @throws DatabaseUnavailableError, DatabaseOverloadedError, QueryTimeoutError */
  async read<T>(work: (tx: Transaction) => Promise<T>, options: WorkOptions = {}): Promise<T> {
    const attempt = (deadline: Deadline): Promise<T> => this.engine.read((tx) => this.marked(() => work(tx)), deadline);
    const read = (): Promise<T> => this.run('read', attempt, options);
    // A webhook reads before it writes: while that waits, nothing is stored.
    return options.lane === 'ingest' ? this.asWrite(options, read) : read();
  }

  private async asWrite<T>({ lane = 'api' }: WorkOptions, work: () => Promise<T>): Promise<T> {
    const write = Symbol('write');
    this.writes.set(write, { lane, begun: performance.now() });
    try {
      return await work();
    } finally {
      this.writes.delete(write);
    }
  }

  private async run<T>(
    mode: 'read' | 'write',
    attempt: (deadline: Deadline) => Promise<T>,
    options: WorkOptions,
  ): Promise<T> {
    if (this.running?.getStore()?.active === true) {
      // On SQLite it would wait for itself; on MySQL it would be a transaction of its own, blind to the outer one.
      throw new Error('UnitOfWork: work must not begin other work. Hand its transaction on instead.');
    }
    try {
      return await this.repeatedly(mode, attempt, options);
    } catch (error) {
      if (isTooLarge(error)) throw new StatementTooLargeError(this.engine.statementLimits.most, error);
      if (mode === 'read' && isStatementTimeout(error)) throw new QueryTimeoutError(error);
      const isDatabaseFault =
        error instanceof DeadlineExceededError ||
        isUnavailable(error) ||
        isConflict(error) ||
        isStatementTimeout(error);
      const failure = isDatabaseFault ? new DatabaseUnavailableError(error) : error;
      if (failure instanceof DatabaseUnavailableError) this.revision++;
      throw failure;
    }
  }

  private async repeatedly<T>(
    mode: 'read' | 'write',
    attempt: (deadline: Deadline) => Promise<T>,
    { lane = 'api', turn = '', timeoutMs = this.timeoutMs }: WorkOptions,
  ): Promise<T> {
    const deadline = new Deadline(timeoutMs);
    for (let count = 1; ; count++) {
      try {
        // Given back between two attempts: on SQLite, reads need not wait while a lock keeps a write out.
        const release = await this.engine.lanes.acquire(lane, turn, deadline);
        try {
          return await attempt(deadline);
        } finally {
          release();
        }
      } catch (error) {
        const mayRepeat = isLocked(error) || (mode === 'write' && isConflict(error) && count < ATTEMPTS);
        if (!mayRepeat || deadline.isOver) throw error;
        await delay(Math.min(pause(count, isLocked(error)), deadline.remainingMs));
      }
    }
  }

  private async marked<T>(work: () => Promise<T>): Promise<T> {
    if (this.running === undefined) return work();
    const mark = { active: true };
    try {
      return await this.running.run(mark, work);
    } finally {
      // What the work left behind, such as a timer, may begin work of its own.
      mark.active = false;
    }
  }
}

function pause(attempt: number, isLock: boolean): number {
  const { first, longest } = LOCK_PAUSE_MS;
  return isLock ? Math.min(longest, first * attempt) * (0.5 + Math.random()) : Math.random() * 20 * attempt;
}

/** The time to store the events of a message that was accepted at the last moment. */
const STORE_MS = 15_000;

/**
 * Work that must end before the database closes: messages that are being sent, and events that are being stored. It may
 * outlive the request that started it.
 */
@Injectable()
export class RunningWork implements BeforeApplicationShutdown {
  private readonly logger = new Logger(RunningWork.name);
  private readonly limitMs: number;
  private readonly running = new Set<Promise<unknown>>();

  constructor(@Inject(MODULE_OPTIONS_TOKEN) { sendTimeoutMs }: ConnectionsModuleOptions) {
    this.limitMs = (sendTimeoutMs ?? DEFAULT_SEND_TIMEOUT_MS) + STORE_MS;
  }

  /** @returns the promise itself; the application does not stop before it has settled. */
  track<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this.running.add(settled);
    void settled.then(() => this.running.delete(settled));
    return work;
  }

  async beforeApplicationShutdown(): Promise<void> {
    const limit = new AbortController();
    const expired = delay(this.limitMs, true, { signal: limit.signal }).catch(() => true);
    // Work that ended may have started other work.
    while (this.running.size > 0) {
      if (await Promise.race([expired, Promise.all(this.running).then(() => false)])) break;
    }
    limit.abort();
    if (this.running.size === 0) return;
    this.logger.error(
      `Stopping with unfinished work: ${String(this.running.size)} still running after ${String(this.limitMs)} ms.`,
    );
  }
}
