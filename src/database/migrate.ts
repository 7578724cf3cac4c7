import { type DataSource, MigrationExecutor } from 'typeorm';
import { withMigrationLock } from './migration-lock.ts';

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
