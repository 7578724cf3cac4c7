import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Connection, createConnection } from 'mysql2/promise';
import { temporaryFolder } from './temporary-folder.ts';

export const DATABASES = ['SQLite', 'MariaDB'] as const;
/** For tests of vendors and servers, which the kind of the database cannot change: one in the quick run, all in the long one. */
export const ANY_DATABASE = process.env['TEST_LONG'] === '1' ? DATABASES : DATABASES.slice(0, 1);
/** An SQL condition for the rows of a connection in the tables of events. */
export function ofConnection(id: string): string {
  return `connection = (SELECT number FROM connections WHERE id = '${id}')`;
}

/** The batches of a connection, with the bodies that are stored of them. */
export function batchesOf(id: string): string {
  return `SELECT b.*, p.bytes AS body FROM event_batches AS b LEFT JOIN event_bodies AS p ON p.batch = b.id AND p.part = 0
    WHERE b.${ofConnection(id)} ORDER BY b.id`;
}

export type DatabaseKind = (typeof DATABASES)[number];

/** Whose migrations have run: the service's, or only those of the package. */
export type SchemaOwner = 'service' | 'connections';

/** An empty database of a test's own. */
export interface TestDatabase {
  readonly kind: DatabaseKind;
  /** As `DATABASE_URL` takes it. */
  readonly url: string;
  /** All that the database holds, as bytes. */
  dump(): Promise<Buffer>;
  /**
   * Fills an empty database with the tables that `keepSchema` kept in this run, since migrating takes much longer.
   * @returns whether the database is still empty
   */
  restoreSchema(of: SchemaOwner): Promise<boolean>;
  /** Keeps what the database holds after its migrations, for all later databases of this kind in this run. */
  keepSchema(of: SchemaOwner): Promise<void>;
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
  const file = join(folder, 'test.sqlite');
  return {
    kind: 'SQLite',
    url: `sqlite:${file}`,
    restoreSchema: async (of) => {
      const kept = keptSchema(`${of}.sqlite`);
      if (existsSync(file)) return false;
      if (existsSync(kept)) copyFileSync(kept, file);
      return !existsSync(file);
    },
    keepSchema: async (of) => {
      const copy = join(folder, 'copy');
      new Database(file, { readonly: true }).exec(`VACUUM INTO '${copy}'`).close();
      renameSync(copy, keptSchema(`${of}.sqlite`));
    },
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
    restoreSchema: async (of) => {
      const kept = keptSchema(`${of}.sql`);
      return onServer(`${server}/${name}?multipleStatements=true`, async (connection) => {
        if ((await tablesOf(connection)).length > 0) return false;
        if (!existsSync(kept)) return true;
        await connection.query(readFileSync(kept, 'utf8'));
        return false;
      });
    },
    keepSchema: async (of) => {
      const kept = keptSchema(`${of}.sql`);
      const copy = `${kept}.${name}`;
      writeFileSync(copy, await onServer(`${server}/${name}`, statements));
      renameSync(copy, kept);
    },
    dump: () => onServer(`${server}/${name}`, dumpTables),
    drop: async () => {
      await onServer(`${server}/`, (connection) => connection.query(`DROP DATABASE ${name}`));
    },
  };
}

/** The file in the folder of this run. It appears complete, since several workers may write it. */
function keptSchema(name: string): string {
  const folder = process.env['TEST_FOLDER'];
  if (folder === undefined) throw new Error('Only tests that Jest runs have databases.');
  return join(folder, `schema-of-${name}`);
}

async function tablesOf(connection: Connection): Promise<string[]> {
  const [tables] = await connection.query('SHOW TABLES');
  return (tables as object[]).map((row) => String(Object.values(row)[0]));
}

/** The statements that create all tables with their rows. */
async function statements(connection: Connection): Promise<string> {
  const all = ['SET FOREIGN_KEY_CHECKS = 0'];
  for (const table of await tablesOf(connection)) {
    const [[created]] = (await connection.query('SHOW CREATE TABLE ??', [table])) as unknown as [
      Record<string, string>[],
    ];
    all.push(String(created?.['Create Table']));
    const [rows] = await connection.query('SELECT * FROM ??', [table]);
    for (const row of rows as object[]) all.push(connection.format('INSERT INTO ?? SET ?', [table, row]));
  }
  return all.join(';\n');
}

async function dumpTables(connection: Connection): Promise<Buffer> {
  const dumps: string[] = [];
  for (const table of await tablesOf(connection)) {
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
