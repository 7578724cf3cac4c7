import type { QueryRunner, Table, TableColumn, TableIndex } from 'typeorm';

// MySQL and MariaDB commit each DDL statement by itself. A migration that is interrupted half-way runs again from its start,
// so every step first checks what is already there. Steps with raw SQL must be repeatable too.

/** Creates the table, or only those of its indexes that are missing. */
export async function createTableIfMissing(runner: QueryRunner, table: Table): Promise<void> {
  if (!(await runner.hasTable(table.name))) {
    await runner.createTable(table);
    return;
  }
  for (const index of table.indices) await createIndexIfMissing(runner, table.name, index);
}

/**
 * Adds the column with one statement. On SQLite, TypeORM's `addColumn` copies the table and drops the old one, which
 * deletes the rows that refer to it by `ON DELETE CASCADE`; a column that is not nullable needs a `default` there.
 */
export async function addColumnIfMissing(runner: QueryRunner, table: string, column: TableColumn): Promise<void> {
  if (await runner.hasColumn(table, column.name)) return;
  const { driver } = runner.connection;
  if (driver.options.type !== 'better-sqlite3') {
    await runner.addColumn(table, column);
    return;
  }
  const type = driver.createFullType(column);
  const fallback = column.default === undefined ? '' : ` DEFAULT ${String(column.default)}`;
  const definition = `${driver.escape(column.name)} ${type}${column.isNullable ? '' : ' NOT NULL'}${fallback}`;
  await runner.query(`ALTER TABLE ${driver.escape(table)} ADD COLUMN ${definition}`);
}

export async function createIndexIfMissing(runner: QueryRunner, table: string, index: TableIndex): Promise<void> {
  if (await hasIndex(runner, table, index.name)) return;
  await runner.createIndex(table, index);
}

export async function dropTableIfPresent(runner: QueryRunner, table: string): Promise<void> {
  await runner.dropTable(table, true);
}

/** Drops the column with one statement. SQLite refuses that for a column of an index: drop the index first. */
export async function dropColumnIfPresent(runner: QueryRunner, table: string, column: string): Promise<void> {
  if (!(await runner.hasColumn(table, column))) return;
  const { driver } = runner.connection;
  await runner.query(`ALTER TABLE ${driver.escape(table)} DROP COLUMN ${driver.escape(column)}`);
}

/** Renames the column with one statement, which neither copies the table nor touches its rows. */
export async function renameColumnIfPresent(
  runner: QueryRunner,
  table: string,
  before: string,
  after: string,
): Promise<void> {
  if (!(await runner.hasColumn(table, before))) return;
  const { driver } = runner.connection;
  const [from, to] = [driver.escape(before), driver.escape(after)];
  await runner.query(`ALTER TABLE ${driver.escape(table)} RENAME COLUMN ${from} TO ${to}`);
}

/** Gives an index another name. SQLite cannot rename one, so the new one is created before the old one goes. */
export async function replaceIndex(
  runner: QueryRunner,
  table: string,
  before: string,
  index: TableIndex,
): Promise<void> {
  await createIndexIfMissing(runner, table, index);
  await dropIndexIfPresent(runner, table, before);
}

export async function dropIndexIfPresent(runner: QueryRunner, table: string, index: string): Promise<void> {
  if (await hasIndex(runner, table, index)) await runner.dropIndex(table, index);
}

async function hasIndex(runner: QueryRunner, table: string, name: string | undefined): Promise<boolean> {
  const { driver } = runner.connection;
  const escaped = driver.escape(table);
  const isSqlite = driver.options.type === 'better-sqlite3';
  const rows = (await runner.query(isSqlite ? `PRAGMA index_list(${escaped})` : `SHOW INDEX FROM ${escaped}`)) as {
    name?: string;
    Key_name?: string;
  }[];
  return rows.some((row) => (row.name ?? row.Key_name) === name);
}
