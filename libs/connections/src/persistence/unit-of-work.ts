import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { MODULE_OPTIONS_TOKEN } from '../connections.module-definition.ts';
import type { ConnectionsModuleOptions } from '../connections.module-options.ts';
import { DatabaseUnavailableError } from './database-unavailable.error.ts';
import { dialectOf } from './dialect.ts';
import { isConflict, isUnavailable } from './driver-errors.ts';

/** What the work inside a transaction is given; only repositories look into it. */
export type Transaction = EntityManager;

const ATTEMPTS = 5;

/**
 * All reading and writing goes through here. On MySQL a write is a transaction. SQLite has one connection, on which two
 * transactions at once wreck each other and a read sees what another transaction has not committed: there, work queues up.
 *
 * Work must not call `write` or `read` again, but hand its transaction on. A write may be repeated after a deadlock.
 */
@Injectable()
export class UnitOfWork {
  private readonly dataSource: DataSource;
  private readonly serial: boolean;
  private tail: Promise<unknown> = Promise.resolve();

  constructor(@Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions) {
    this.dataSource = options.dataSource;
    this.serial = dialectOf(options.dataSource.options.type) === 'sqlite';
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
    try {
      return await (this.serial ? this.inTurn(work) : work());
    } catch (error) {
      throw isUnavailable(error) ? new DatabaseUnavailableError(error) : error;
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.tail.then(work);
    this.tail = run.catch(() => undefined);
    return run;
  }

  private async repeatedly<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (attempt === ATTEMPTS || !isConflict(error)) throw error;
        await delay(Math.random() * 20 * attempt);
      }
    }
  }
}
