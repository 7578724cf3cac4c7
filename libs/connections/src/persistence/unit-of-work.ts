import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { MODULE_OPTIONS_TOKEN } from '../connections.module-definition.ts';
import type { ConnectionsModuleOptions } from '../connections.module-options.ts';
import { DatabaseUnavailableError } from './database-unavailable.error.ts';
import { dialectOf } from './dialect.ts';
import { isConflict, isUnavailable } from './driver-errors.ts';

/** What the work inside a transaction is given; only repositories look into it. */
export type Transaction = EntityManager;

const ATTEMPTS = 5;
/** A lock that was waited for in vain took a minute: no second one is spent on it. */
const REPEAT_WITHIN_MS = 10_000;

/**
 * All reading and writing goes through here. On MySQL a write is a transaction. SQLite has one connection, on which two
 * transactions at once wreck each other and a read sees what another transaction has not committed: there, work queues up.
 *
 * Work must not call `write` or `read` again, but hand its transaction on. A write may be repeated after a deadlock.
 */
@Injectable()
export class UnitOfWork implements OnModuleInit {
  private readonly dataSource: DataSource;
  private readonly serial: boolean;
  private readonly running = new AsyncLocalStorage<{ active: boolean }>();
  private tail: Promise<unknown> = Promise.resolve();

  constructor(@Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions) {
    this.dataSource = options.dataSource;
    this.serial = dialectOf(options.dataSource.options.type) === 'sqlite';
  }

  async onModuleInit(): Promise<void> {
    // A file in WAL mode that is opened again would sync less often than a new one, and lose commits when the power goes.
    if (this.serial) await this.dataSource.query('PRAGMA synchronous = FULL');
  }

  /** @throws DatabaseUnavailableError */
  async write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.guarded(() => this.repeatedly(() => this.dataSource.transaction(work)));
  }

  /** @throws DatabaseUnavailableError */
  async read<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.guarded(() => work(this.dataSource.manager));
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.running.getStore()?.active === true) {
      // On SQLite it would wait for itself; on MySQL it would be a transaction of its own, blind to the outer one.
      throw new Error('UnitOfWork: work must not begin other work. Hand its transaction on instead.');
    }
    try {
      return await (this.serial ? this.inTurn(() => this.marked(work)) : this.marked(work));
    } catch (error) {
      throw isUnavailable(error) || isConflict(error) ? new DatabaseUnavailableError(error) : error;
    }
  }

  private async marked<T>(work: () => Promise<T>): Promise<T> {
    const mark = { active: true };
    try {
      return await this.running.run(mark, work);
    } finally {
      // What the work left behind, such as a timer, may begin work of its own.
      mark.active = false;
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.tail.then(work);
    this.tail = run.catch(() => undefined);
    return run;
  }

  private async repeatedly<T>(work: () => Promise<T>): Promise<T> {
    const end = Date.now() + REPEAT_WITHIN_MS;
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (attempt === ATTEMPTS || Date.now() > end || !isConflict(error)) throw error;
        await delay(Math.random() * 20 * attempt);
      }
    }
  }
}
