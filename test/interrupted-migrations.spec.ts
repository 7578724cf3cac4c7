import { describe, expect, it } from '@jest/globals';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { type DatabaseLocation, parseDatabaseUrl } from '../src/config/urls.ts';
import { openDataSource } from '../src/database/data-source.ts';
import { migrate, pendingMigrations, revertLastMigration } from '../src/database/migrate.ts';
import { createDatabase, type DatabaseKind, DATABASES } from './support/databases.ts';

const WRITE = /^\s*(CREATE|ALTER|DROP|INSERT|UPDATE|DELETE)\b/i;
const DDL = /^\s*(CREATE|ALTER|DROP)\b/i;

class Interruption extends Error {}

/** SQLite takes everything back, wherever it is interrupted: in the quick run, behind each fifth statement. */
const STEP = { MariaDB: 1, SQLite: process.env['TEST_LONG'] === '1' ? 1 : 5 };

describe.each(DATABASES)('migrations on %s', (kind) => {
  it('run again after an interruption at any of their statements, up and down', async () => {
    const database = await createDatabase(kind);
    const location = parseDatabaseUrl(database.url);
    // Migrations use no entities, and reading their metadata again for each interruption takes longer than the migrations.
    const options = await withDataSource(location, async (dataSource) => ({ ...dataSource.options, entities: [] }));

    expect(await interruptEverywhere(kind, options, migrate)).toBeGreaterThan(15);
    await withDataSource(location, async (dataSource) => {
      const drift = await dataSource.driver.createSchemaBuilder().log();
      expect(drift.upQueries.map((query) => query.query)).toEqual([]);
      expect(await pendingMigrations(dataSource)).toEqual([]);
      expect(await recorded(dataSource)).toBe(dataSource.migrations.length);
    });

    let left = await withDataSource(location, recorded);
    while (left > 0) {
      await interruptEverywhere(kind, options, async (dataSource) => {
        // An interruption behind the last statement leaves nothing to revert of this migration.
        if ((await recorded(dataSource)) === left) await revertLastMigration(dataSource);
      });
      left--;
      expect(await withDataSource(location, recorded)).toBe(left);
    }
    const kept = await withDataSource(location, tableNames);
    expect(kept.filter((name) => !/^(migrations|typeorm_metadata|sqlite_sequence)$/.test(name))).toEqual([]);
    await database.drop();
  }, 180_000);
});

async function withDataSource<T>(location: DatabaseLocation, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  return withOpen(await openDataSource(location), work);
}

async function withOpen<T>(dataSource: DataSource, work: (dataSource: DataSource) => Promise<T>): Promise<T> {
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/**
 * Repeats work that is interrupted behind its first statement, then behind its second one and so on, until it succeeds.
 * @returns how often it was interrupted
 */
async function interruptEverywhere(
  kind: DatabaseKind,
  options: DataSourceOptions,
  work: (dataSource: DataSource) => Promise<unknown>,
): Promise<number> {
  let allowed = 1;
  let previous: string | undefined;
  for (let interruptions = 0; interruptions < 500; interruptions++) {
    const opened = await new DataSource(options).initialize();
    const sql = await withOpen(opened, (dataSource) => interruptedAt(dataSource, allowed, work));
    if (sql === undefined) return interruptions;
    // MariaDB commits each DDL statement, so that the next run gets further by itself. Everything else is taken back.
    allowed = kind === 'MariaDB' && DDL.test(sql) ? 1 : allowed + STEP[kind];
    previous = sql;
  }
  throw new Error(`No progress beyond ${String(previous)}`);
}

/** Runs the work; behind the given number of statements that write, the database is gone for it. @returns the last of them */
async function interruptedAt(
  dataSource: DataSource,
  statements: number,
  work: (dataSource: DataSource) => Promise<unknown>,
): Promise<string | undefined> {
  let left = statements;
  let last = '';
  const create = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (...args) => {
    const runner = create(...args);
    if (Object.hasOwn(runner, 'query')) return runner;
    const query = runner.query.bind(runner) as (...given: unknown[]) => Promise<unknown>;
    runner.query = async (sql: string, ...rest: unknown[]) => {
      // SQLite takes an open transaction back once its process is gone.
      if (left === 0 && !/^\s*ROLLBACK/i.test(sql)) throw new Interruption();
      const result = await query(sql, ...rest);
      if (WRITE.test(sql) && --left === 0) {
        last = sql;
        throw new Interruption();
      }
      return result as never;
    };
    return runner;
  };
  try {
    await work(dataSource);
    return undefined;
  } catch (error) {
    if (error instanceof Interruption) return last;
    throw error;
  }
}

async function recorded(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.query<{ count: unknown }[]>('SELECT COUNT(*) AS count FROM migrations');
  return Number(row?.count);
}

async function tableNames(dataSource: DataSource): Promise<string[]> {
  const sql =
    dataSource.options.type === 'better-sqlite3'
      ? "SELECT name FROM sqlite_master WHERE type = 'table'"
      : 'SHOW TABLES';
  return (await dataSource.query<object[]>(sql)).map((row) => String(Object.values(row)[0]));
}
