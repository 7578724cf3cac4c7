import { type DataSource, MigrationExecutor } from 'typeorm';

const LOCK = 'score-connections:migrations';
const LOCK_WAIT_S = 60;

/**
 * Brings the schema up to date. Several instances may start at once: on MySQL one migrates while the others wait.
 * @returns the names of the migrations that were run.
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  return alone(dataSource, async () => (await dataSource.runMigrations()).map((migration) => migration.name));
}

/** Takes back the migration that was run last. */
export async function revertLastMigration(dataSource: DataSource): Promise<void> {
  await alone(dataSource, () => dataSource.undoLastMigration());
}

async function alone<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
  if (dataSource.options.type === 'better-sqlite3') return work();
  const runner = dataSource.createQueryRunner();
  try {
    const [row] = (await runner.query('SELECT GET_LOCK(?, ?) AS locked', [LOCK, LOCK_WAIT_S])) as { locked: unknown }[];
    if (Number(row?.locked) !== 1) throw new Error('Another process has been migrating the database for a minute.');
    return await work();
  } finally {
    await runner.query('DO RELEASE_LOCK(?)', [LOCK]).catch(() => undefined);
    await runner.release();
  }
}

/** The names of the migrations that have not been run. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  return (await new MigrationExecutor(dataSource).getPendingMigrations()).map((migration) => migration.name);
}
