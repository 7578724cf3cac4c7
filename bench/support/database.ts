import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { freePort } from '../../test/support/free-port.ts';
import { countPages, PAGE_BYTES } from './innodb-pages.ts';
import { output, Process } from './process.ts';

export type DatabaseKind = 'MariaDB' | 'SQLite';

export interface TableSize {
  readonly name: string;
  /** The pages in use of the rows and of each index. */
  readonly parts: readonly { readonly name: string; readonly bytes: number }[];
}

export interface DatabaseSize {
  /** Of the files. They grow by several megabytes at a time, which is much for each event of a short run. */
  readonly fileBytes: number;
  readonly tables: readonly TableSize[];
}

/** A database with its own folder, in which everything is that it stores. */
export interface Database {
  readonly kind: DatabaseKind;
  /** In the form of `DATABASE_URL`. */
  readonly url: string;
  execute(sql: string): Promise<void>;
  /** Counts the rows of the first of these tables that exists. */
  count(tables: readonly string[]): Promise<number>;
  size(): Promise<DatabaseSize>;
  /** Of the server's process; 0 for a database in the side's own process. */
  processorSeconds(): number;
  /** After it, the folder can be copied. */
  stop(): Promise<void>;
  /** Faster than `stop`, if the folder is no longer needed. */
  discard(): Promise<void>;
}

/** Creates the folder if it is empty. */
export function openDatabase(kind: DatabaseKind, folder: string): Promise<Database> {
  return kind === 'MariaDB' ? MariadbDatabase.open(folder) : Promise.resolve(new SqliteDatabase(folder));
}

/** Creates the folder of an empty database. */
export async function createEmpty(kind: DatabaseKind, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await (await openDatabase(kind, folder)).stop();
  return folder;
}

const NAME = 'bench';
/** As MariaDB is installed, and in any case durable: a commit is on the disk before it is acknowledged. */
const DURABLE = [
  '--innodb-flush-log-at-trx-commit=1',
  '--innodb-doublewrite=1',
  '--innodb-buffer-pool-size=128M',
  '--skip-log-bin',
  '--skip-name-resolve',
];

class MariadbDatabase implements Database {
  readonly kind = 'MariaDB';

  private constructor(
    readonly url: string,
    private readonly data: string,
    private readonly server: Process,
    private readonly connection: Connection,
  ) {}

  static async open(folder: string): Promise<MariadbDatabase> {
    const data = join(folder, 'data');
    const common = ['--no-defaults', `--datadir=${data}`, `--user=${userInfo().username}`];
    if (!existsSync(data)) {
      await output('/usr/bin/mariadb-install-db', [...common, '--auth-root-authentication-method=normal']);
    }
    const port = await freePort();
    const place = ['--bind-address=127.0.0.1', `--port=${String(port)}`, `--socket=${join(folder, 'socket')}`];
    const server = new Process('/usr/sbin/mariadbd', [...common, ...DURABLE, ...place], { TMPDIR: folder });
    const root = `mysql://root@127.0.0.1:${String(port)}`;
    let connection: Connection | undefined;
    await server.waitUntil(async () => {
      connection = await createConnection({ uri: `${root}/` }).catch(() => undefined);
      return connection !== undefined;
    });
    if (connection === undefined) throw new Error('Could not connect to MariaDB.');
    await connection.query(`CREATE DATABASE IF NOT EXISTS ${NAME}`);
    await connection.query(`USE ${NAME}`);
    return new MariadbDatabase(`${root}/${NAME}`, data, server, connection);
  }

  async execute(sql: string): Promise<void> {
    await this.connection.query(sql);
  }

  async count(tables: readonly string[]): Promise<number> {
    const existing = new Set((await this.files()).keys());
    const table = existingOf(tables, existing);
    const [row] = await this.rows('SELECT COUNT(*) AS count FROM ??', [table]);
    return Number(row?.['count']);
  }

  async size(): Promise<DatabaseSize> {
    const files = await this.files();
    const fileBytes = [...files.values()].reduce((sum, bytes) => sum + bytes, 0);
    const indexes = await this.rows(
      `SELECT tables.name AS tableName, indexes.name AS name, CAST(index_id AS CHAR) AS id
       FROM information_schema.innodb_sys_indexes AS indexes
       JOIN information_schema.innodb_sys_tables AS tables USING (table_id)
       WHERE tables.name LIKE ? ORDER BY tables.name, indexes.name = 'PRIMARY' DESC, indexes.name`,
      [`${NAME}/%`],
    );
    // Writes all pages to the files.
    await this.connection.query(`FLUSH TABLES ${[...files.keys()].map((name) => `\`${name}\``).join(', ')} FOR EXPORT`);
    const tables = [...files.keys()].map((table): TableSize => {
      const counts = countPages(join(this.data, NAME, `${table}.ibd`));
      const own = indexes.filter((row) => row['tableName'] === `${NAME}/${table}`);
      const parts = own.map((row) => ({
        name: String(row['name']),
        bytes: (counts.indexes.get(BigInt(String(row['id']))) ?? 0) * PAGE_BYTES,
      }));
      return { name: table, parts: [...parts, { name: 'overflow', bytes: counts.overflow * PAGE_BYTES }] };
    });
    await this.connection.query('UNLOCK TABLES');
    return { fileBytes, tables };
  }

  processorSeconds(): number {
    return this.server.processorSeconds();
  }

  async stop(): Promise<void> {
    await this.connection.end();
    await this.server.stop();
  }

  async discard(): Promise<void> {
    this.connection.destroy();
    await this.server.stop('SIGKILL');
  }

  /** The sizes of the tables' files. */
  private async files(): Promise<Map<string, number>> {
    const rows = await this.rows(
      'SELECT name, file_size AS size FROM information_schema.innodb_sys_tablespaces WHERE name LIKE ?',
      [`${NAME}/%`],
    );
    return new Map(rows.map((row) => [String(row['name']).slice(NAME.length + 1), Number(row['size'])]));
  }

  private async rows(sql: string, values: readonly string[]): Promise<RowDataPacket[]> {
    return (await this.connection.query<RowDataPacket[]>(sql, [...values]))[0];
  }
}

class SqliteDatabase implements Database {
  readonly kind = 'SQLite';
  readonly url: string;
  private readonly file: string;

  constructor(private readonly folder: string) {
    this.file = join(folder, 'connections.sqlite');
    this.url = `sqlite:${this.file}`;
  }

  async execute(sql: string): Promise<void> {
    new Sqlite(this.file).exec(sql).close();
  }

  async count(tables: readonly string[]): Promise<number> {
    return this.read((database) => {
      const existing = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
      const table = existingOf(tables, new Set(existing.map(String)));
      return Number(database.prepare(`SELECT COUNT(*) FROM "${table}"`).pluck().get());
    });
  }

  async size(): Promise<DatabaseSize> {
    const files = readdirSync(this.folder).filter((name) => name.startsWith('connections.sqlite'));
    const fileBytes = files.reduce((sum, name) => sum + statSync(join(this.folder, name)).size, 0);
    const rows = this.read((database) =>
      database
        .prepare(
          `SELECT tbl_name AS tableName, dbstat.name AS name, SUM(pgsize) AS bytes FROM dbstat
           JOIN sqlite_master ON sqlite_master.name = dbstat.name
           GROUP BY tbl_name, dbstat.name ORDER BY tbl_name, dbstat.name = tbl_name DESC, dbstat.name`,
        )
        .all(),
    ) as { tableName: string; name: string; bytes: number }[];
    return { fileBytes, tables: groupedByTable(rows.map(({ tableName, ...part }) => ({ table: tableName, ...part }))) };
  }

  processorSeconds(): number {
    return 0;
  }

  async stop(): Promise<void> {}

  async discard(): Promise<void> {}

  private read<T>(work: (database: Sqlite.Database) => T): T {
    const database = new Sqlite(this.file, { readonly: true });
    try {
      return work(database);
    } finally {
      database.close();
    }
  }
}

function existingOf(tables: readonly string[], existing: ReadonlySet<string>): string {
  const table = tables.find((name) => existing.has(name));
  if (table === undefined) throw new Error(`The database has none of the tables ${tables.join(', ')}.`);
  return table;
}

function groupedByTable(parts: readonly { table: string; name: string; bytes: number }[]): TableSize[] {
  const tables = new Map<string, { name: string; bytes: number }[]>();
  for (const { table, ...part } of parts) tables.set(table, [...(tables.get(table) ?? []), part]);
  return [...tables].map(([name, parts]) => ({ name, parts }));
}
