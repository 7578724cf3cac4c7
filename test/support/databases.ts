import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { temporaryFolder } from './temporary-folder.ts';

export const DATABASES = ['SQLite', 'MariaDB'] as const;
export type DatabaseKind = (typeof DATABASES)[number];

/** An empty database of a test's own. */
export interface TestDatabase {
  readonly kind: DatabaseKind;
  /** As `DATABASE_URL` takes it. */
  readonly url: string;
  /** All that the database holds, as bytes. */
  dump(): Promise<Buffer>;
  drop(): Promise<void>;
}

/** @param server where MariaDB is; the one of all tests by default */
export async function createDatabase(
  kind: DatabaseKind,
  server = process.env['TEST_MYSQL_URL'] ?? '',
): Promise<TestDatabase> {
  return kind === 'SQLite' ? createSqliteDatabase() : createMariaDatabase(server);
}

function createSqliteDatabase(): TestDatabase {
  const folder = temporaryFolder('sqlite-');
  return {
    kind: 'SQLite',
    url: `sqlite:${join(folder, 'test.sqlite')}`,
    // The write-ahead log too.
    dump: async () => Buffer.concat(readdirSync(folder).map((file) => readFileSync(join(folder, file)))),
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function createMariaDatabase(server: string): Promise<TestDatabase> {
  const name = `score_test_${randomBytes(6).toString('hex')}`;
  await onServer(`${server}/`, (connection) => connection.query(`CREATE DATABASE ${name}`));
  return {
    kind: 'MariaDB',
    url: `${server}/${name}`,
    dump: () => onServer(`${server}/${name}`, dumpTables),
    drop: async () => {
      await onServer(`${server}/`, (connection) => connection.query(`DROP DATABASE ${name}`));
    },
  };
}

async function dumpTables(connection: Connection): Promise<Buffer> {
  const [tables] = await connection.query('SHOW TABLES');
  const dumps: string[] = [];
  for (const table of (tables as object[]).map((row) => String(Object.values(row)[0]))) {
    const [rows] = await connection.query(`SELECT * FROM ${table}`);
    dumps.push(table, JSON.stringify(rows));
  }
  return Buffer.from(dumps.join('\n'));
}

async function onServer<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection({ uri: url });
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}
