import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';

const LOCK_WAIT_MS = 60_000;

/**
 * Runs pending migrations. If several instances start together, one migrates and the others wait for it.
 * @returns the names of the migrations that ran
 * @throws MigrationLockError
 */
export async function migrate(dataSource: DataSource, lockWaitMs = LOCK_WAIT_MS): Promise<string[]> {
  return withMigrationLock(dataSource, lockWaitMs, async (executor) =>
    (await executor.executePendingMigrations()).map((migration) => migration.name),
  );
}

/** Reverts the last migration. @throws MigrationLockError */
export async function revertLastMigration(dataSource: DataSource, lockWaitMs = LOCK_WAIT_MS): Promise<void> {
  await withMigrationLock(dataSource, lockWaitMs, (executor) => executor.undoLastMigration());
}

/** The names of the pending migrations. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  return (await new MigrationExecutor(dataSource).getPendingMigrations()).map((migration) => migration.name);
}

/** Runs pending migrations. Nothing else may use the database before that. */
@Injectable()
export class SchemaMigration {
  private readonly logger = new Logger('Database');

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly lifecycle: Lifecycle,
  ) {}

  async run(): Promise<void> {
    const names = await migrate(this.dataSource, this.configuration.migrationLockTimeoutMs);
    if (names.length > 0) this.logger.log(`Migrated: ${names.join(', ')}`);
    this.lifecycle.serve();
  }
}

const PAUSE_MS = 100;
// One lock per database of a server. Lock names have at most 64 characters.
const LOCK_NAME = "CONCAT('score-connections:', SHA1(LOWER(DATABASE())))";

/** Another process held the lock during the whole waiting time. */
class MigrationLockError extends Error {
  override readonly name = 'MigrationLockError';

  constructor(waitMs: number) {
    super(
      `Another process has been migrating this database for ${String(waitMs / 1000)} s. Wait until it has finished, then start the service again.`,
    );
  }
}

/**
 * Runs migrations while no other process does. The lock belongs to the connection that runs the statements, so that neither can
 * outlive the other.
 */
async function withMigrationLock<T>(
  dataSource: DataSource,
  waitMs: number,
  work: (executor: MigrationExecutor) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  const executor = new MigrationExecutor(dataSource, runner);
  const run = dataSource.options.type === 'better-sqlite3' ? inOneTransaction : underNamedLock;
  try {
    return await run(runner, waitMs, executor, () => work(executor));
  } finally {
    await runner.release();
  }
}

/** SQLite can roll back DDL, so everything is one transaction, which locks out other writers. */
async function inOneTransaction<T>(
  runner: QueryRunner,
  waitMs: number,
  executor: MigrationExecutor,
  work: () => Promise<T>,
): Promise<T> {
  executor.transaction = 'none';
  // Foreign keys cannot be switched off inside a transaction.
  await runner.beforeMigration();
  try {
    await beginImmediately(runner, waitMs);
    try {
      const result = await work();
      await runner.query('COMMIT');
      return result;
    } catch (error) {
      await runner.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  } finally {
    await runner.afterMigration();
  }
}

async function beginImmediately(runner: QueryRunner, waitMs: number): Promise<void> {
  const [{ timeout }] = (await runner.query('PRAGMA busy_timeout')) as [{ timeout: number }];
  // SQLite itself would block the whole process while it waits.
  await runner.query('PRAGMA busy_timeout = 0');
  try {
    await until(waitMs, async () => {
      try {
        await runner.query('BEGIN IMMEDIATE');
        return true;
      } catch (error) {
        if (!isBusy(error)) throw error;
        return false;
      }
    });
  } finally {
    await runner.query(`PRAGMA busy_timeout = ${String(timeout)}`);
  }
}

function isBusy(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY');
}

/** MySQL and MariaDB commit each DDL statement, so only a lock keeps other processes out. */
async function underNamedLock<T>(
  runner: QueryRunner,
  waitMs: number,
  executor: MigrationExecutor,
  work: () => Promise<T>,
): Promise<T> {
  executor.transaction = 'each';
  await until(waitMs, async () => {
    const [row] = (await runner.query(`SELECT GET_LOCK(${LOCK_NAME}, 0) AS locked`)) as { locked: unknown }[];
    return Number(row?.locked) === 1;
  });
  try {
    return await work();
  } finally {
    await runner.query(`DO RELEASE_LOCK(${LOCK_NAME})`).catch(() => undefined);
  }
}

/** @throws MigrationLockError */
async function until(waitMs: number, isLocked: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + waitMs;
  while (!(await isLocked())) {
    if (Date.now() >= end) throw new MigrationLockError(waitMs);
    await delay(PAUSE_MS);
  }
}
