import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createDatabase, type TestDatabase } from '../../../test/support/databases.ts';
import { TcpProxy } from '../../../test/support/tcp-proxy.ts';
import { DatabaseUnavailableError, type Transaction, UnitOfWork } from '../src/index.ts';
import { openDataSource } from './support/data-source.ts';
import { type Fault, FlakySqlite, injectFault, remainingFaults } from './support/flaky-sqlite.ts';
import { LockingProcess } from './support/locking-process.ts';
import { failureOf } from './support/outcome.ts';

const TABLE = 'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)';

/** A unit of work on a table of notes that remembers which of them were acknowledged. */
class Notebook {
  readonly acknowledged: number[] = [];
  readonly failures: Error[] = [];
  readonly unitOfWork: UnitOfWork;
  private next = 1;

  constructor(
    readonly dataSource: DataSource,
    databaseTimeoutMs = 5_000,
  ) {
    this.unitOfWork = new UnitOfWork({ dataSource, encryptionKeys: '', databaseTimeoutMs });
  }

  /** Writes a note, and something else in the same transaction. */
  async write(length = 10, more: (tx: Transaction) => Promise<unknown> = async () => undefined): Promise<void> {
    const id = this.next++;
    try {
      await this.unitOfWork.write(async (tx) => {
        await tx.query('INSERT INTO notes VALUES (?, ?)', [id, 'x'.repeat(length)]);
        await more(tx);
      });
      this.acknowledged.push(id);
    } catch (error) {
      this.failures.push(error as Error);
    }
  }

  /** Writes two notes in one go. */
  async writeAtOnce(): Promise<void> {
    const [first, second] = [this.next++, this.next++];
    const sql = 'INSERT INTO notes VALUES (?, ?)';
    try {
      await this.unitOfWork.writeAtOnce(() => [first, second].map((id) => ({ sql, values: [id, 'x'], bytes: 100 })));
      this.acknowledged.push(first, second);
    } catch (error) {
      this.failures.push(error as Error);
    }
  }

  async writeMany(count: number, length?: number): Promise<void> {
    for (let index = 0; index < count; index++) await this.write(length);
  }
}

async function storedNotes(database: TestDatabase): Promise<number[]> {
  const dataSource = await openDataSource(database);
  const rows = await dataSource.query<{ id: number }[]>('SELECT id FROM notes ORDER BY id');
  await dataSource.destroy();
  return rows.map(({ id }) => id);
}

let database: TestDatabase;
let dataSource: DataSource;

afterEach(async () => {
  injectFault({ statement: 'never', when: 'before', code: '', times: 0 });
  if (dataSource.isInitialized) await dataSource.destroy();
  await database.drop();
});

async function openNotebook(timeoutMs?: number): Promise<Notebook> {
  database = await createDatabase('SQLite');
  dataSource = await openDataSource(database, { driver: FlakySqlite });
  await dataSource.query(TABLE);
  return new Notebook(dataSource, timeoutMs);
}

describe('an acknowledged write on SQLite', () => {
  const FAULTS: readonly (readonly [string, readonly Fault[]])[] = [
    ['BEGIN fails', [{ statement: 'BEGIN', when: 'before', code: 'SQLITE_IOERR' }]],
    ['BEGIN fails after it was done', [{ statement: 'BEGIN', when: 'after', code: 'SQLITE_IOERR' }]],
    ['COMMIT fails', [{ statement: 'COMMIT', when: 'before', code: 'SQLITE_FULL' }]],
    ['COMMIT fails after it was done', [{ statement: 'COMMIT', when: 'after', code: 'SQLITE_IOERR_FSYNC' }]],
    ['COMMIT is interrupted', [{ statement: 'COMMIT', when: 'before', code: 'SQLITE_INTERRUPT' }]],
    ['a statement fails', [{ statement: 'INSERT', when: 'before', code: 'SQLITE_NOMEM' }]],
  ];

  it.each(FAULTS)('is stored when before it %s', async (_name, faults) => {
    const notebook = await openNotebook();
    for (const fault of faults) {
      await notebook.write();
      injectFault(fault);
      await notebook.write();
      expect(remainingFaults()).toBe(0);
      await notebook.writeMany(3);
    }
    expect(notebook.failures).toHaveLength(faults.length);
    for (const failure of notebook.failures) expect(failure).toBeInstanceOf(DatabaseUnavailableError);
    expect(notebook.acknowledged).toHaveLength(4 * faults.length);
    expect(await storedNotes(database)).toEqual(expect.arrayContaining(notebook.acknowledged));
  });

  it.each([1, 2, 3])('is stored when before it ROLLBACK fails %i times', async (times) => {
    const notebook = await openNotebook();
    const connection: unknown = Reflect.get(dataSource.driver, 'databaseConnection');
    injectFault({ statement: 'ROLLBACK', when: 'before', code: 'SQLITE_IOERR', times });
    await notebook.write(10, async () => Promise.reject(new TypeError('on purpose')));
    expect(notebook.failures).toEqual([new TypeError('on purpose')]);
    await notebook.writeMany(3);
    expect(notebook.acknowledged).toEqual([2, 3, 4]);
    // Only the driver's connection was opened again, not the data source.
    expect(Reflect.get(dataSource.driver, 'databaseConnection') === connection).toBe(times < 2);
    expect(await storedNotes(database)).toEqual([2, 3, 4]);
    expect(notebook.unitOfWork.state).toMatchObject({ oldestWriteMs: 0, fault: null });
  });

  it('is stored after a savepoint could not be made, released or rolled back', async () => {
    const notebook = await openNotebook();
    for (const statement of ['SAVEPOINT', 'RELEASE', 'ROLLBACK TO']) {
      injectFault({ statement, when: 'before', code: 'SQLITE_IOERR' });
      await notebook.write(10, (tx) =>
        tx.transaction(async (inner) => {
          await inner.query('UPDATE notes SET text = text');
          if (statement === 'ROLLBACK TO') throw new TypeError('on purpose');
        }),
      );
      expect(remainingFaults()).toBe(0);
      await notebook.write();
    }
    expect(notebook.failures).toHaveLength(3);
    expect(await storedNotes(database)).toEqual(notebook.acknowledged);
  });

  it('is stored after the application left a failed transaction of its own on the data source', async () => {
    const notebook = await openNotebook();
    injectFault({ statement: 'COMMIT', when: 'after', code: 'SQLITE_FULL' });
    await failureOf(dataSource.transaction((tx) => tx.query('DELETE FROM notes')));
    await notebook.writeMany(2);
    // And after one that is merely open, which nothing will end.
    Reflect.get(dataSource.driver, 'databaseConnection').exec('BEGIN');
    await notebook.writeMany(2);
    expect(notebook.acknowledged).toEqual([1, 2, 3, 4]);
    expect(await storedNotes(database)).toEqual([1, 2, 3, 4]);
  });

  it('waits for a transaction of the application and does not become part of it', async () => {
    const notebook = await openNotebook();
    let write: Promise<void> | undefined;
    await failureOf(
      dataSource.transaction(async (tx) => {
        await tx.query('DELETE FROM notes');
        write = notebook.write();
        await delay(50);
        throw new TypeError('on purpose');
      }),
    );
    await write;
    expect(notebook.acknowledged).toEqual([1]);
    expect(await storedNotes(database)).toEqual([1]);
  });

  it('never comes from work that continued after SQLite had rolled it back', async () => {
    const notebook = await openNotebook();
    await notebook.write();
    await dataSource.query('PRAGMA max_page_count = 40');
    await notebook.write(10, async (tx) => {
      await tx.query('INSERT INTO notes VALUES (1000, ?)', ['x'.repeat(300_000)]).catch(() => undefined);
      await tx.query('ROLLBACK').catch(() => undefined);
      await tx.query('INSERT INTO notes VALUES (1001, ?)', ['x']).catch(() => undefined);
    });
    expect(notebook.acknowledged).toEqual([1]);
    const stored = await storedNotes(database);
    expect(stored).toContain(1);
    expect(stored).not.toContain(2);
  });

  it('is in the file after the disk was full and free again, several times', async () => {
    const notebook = await openNotebook();
    await notebook.writeMany(20);
    for (let round = 0; round < 3; round++) {
      const pages = Number((await dataSource.query<{ page_count: number }[]>('PRAGMA page_count'))[0]?.page_count);
      await dataSource.query(`PRAGMA max_page_count = ${String(pages + 3)}`);
      await notebook.writeMany(20, 3_000);
      expect(notebook.failures.length).toBeGreaterThan(0);
      for (const failure of notebook.failures) expect(failure).toBeInstanceOf(DatabaseUnavailableError);
      await dataSource.query('PRAGMA max_page_count = 1000000');
      const before = notebook.acknowledged.length;
      await notebook.writeMany(20, 3_000);
      expect(notebook.acknowledged).toHaveLength(before + 20);
    }
    await dataSource.destroy();
    expect(await storedNotes(database)).toEqual(notebook.acknowledged);
  });

  it('is refused, and reported, while the connection cannot be opened again', async () => {
    const notebook = await openNotebook();
    await notebook.write();
    const { driver } = dataSource;
    const connect = driver.connect.bind(driver);
    driver.connect = () => Promise.reject(Object.assign(new Error('gone'), { code: 'SQLITE_CANTOPEN' }));
    injectFault({ statement: 'ROLLBACK', when: 'before', code: 'SQLITE_IOERR', times: 2 });
    await notebook.write(10, async () => Promise.reject(new TypeError('on purpose')));
    await notebook.write();
    expect(notebook.failures[1]).toBeInstanceOf(DatabaseUnavailableError);
    expect(notebook.unitOfWork.state.fault).toContain('could not be opened again');
    driver.connect = connect;
    await notebook.write();
    expect(notebook.unitOfWork.state.fault).toBeNull();
    expect(await storedNotes(database)).toEqual([1, 4]);
  });
});

describe('a lock of another process on SQLite', () => {
  it('stops neither timers nor reads, and the write succeeds after it', async () => {
    const notebook = await openNotebook(30_000);
    await notebook.write();
    const other = await LockingProcess.start(database);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const writes = Promise.all([notebook.write(), notebook.write()]);
    const count = await notebook.unitOfWork.read((tx) => tx.query('SELECT id FROM notes'));
    expect(count).toEqual([{ id: 1 }]);
    await delay(1_000);
    clearInterval(timer);
    expect(notebook.acknowledged).toEqual([1]);
    // A synchronous wait of five seconds would have left no room for them.
    expect(ticks).toBeGreaterThan(20);
    await other.end();
    await writes;
    expect(notebook.acknowledged.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(await storedNotes(database)).toEqual([1, 2, 3]);
  });

  it('that lasts longer than the deadline makes the database unavailable for as long', async () => {
    const notebook = await openNotebook(300);
    const other = await LockingProcess.start(database);
    await Promise.all([notebook.write(), notebook.write(), notebook.write()]);
    expect(notebook.failures).toHaveLength(3);
    for (const failure of notebook.failures) expect(failure).toBeInstanceOf(DatabaseUnavailableError);
    await other.end();
    await notebook.write();
    expect(await storedNotes(database)).toEqual([4]);
  });
});

describe('an acknowledged write on MariaDB', () => {
  async function openRemoteNotebook(
    timeoutMs = 1_000,
    options: object = {},
  ): Promise<{ notebook: Notebook; proxy: TcpProxy }> {
    database = await createDatabase('MariaDB');
    const url = new URL(database.url);
    const proxy = await TcpProxy.before(url.hostname, Number(url.port));
    url.hostname = proxy.address.host;
    url.port = String(proxy.address.port);
    dataSource = await openDataSource({ kind: 'MariaDB', url: url.href }, { ...options });
    await dataSource.query(TABLE);
    return { notebook: new Notebook(dataSource, timeoutMs), proxy };
  }

  it('is stored when before it connections were killed before, during and after COMMIT', async () => {
    const { notebook, proxy } = await openRemoteNotebook(10_000);
    const admin = await openDataSource(database);
    const kill = async (tx: Transaction): Promise<void> => {
      const [row] = await tx.query<{ id: number }[]>('SELECT CONNECTION_ID() AS id');
      await admin.query(`KILL ${String(row?.id)}`);
    };
    await notebook.write();
    await notebook.write(10, kill);
    expect(notebook.acknowledged).toEqual([1]);
    for (const when of ['before', 'after'] as const) {
      const cut = proxy.intercept({ text: 'COMMIT', what: 'cut', when });
      await notebook.write();
      await cut;
      await notebook.write();
    }
    // After it: the pool has not noticed yet that its connection is gone.
    await notebook.write();
    for (const { id } of await admin.query<{ id: number }[]>(
      'SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()',
    )) {
      await admin.query(`KILL ${String(id)}`).catch(() => undefined);
    }
    await notebook.writeMany(3);
    await admin.destroy();
    expect(notebook.failures).toHaveLength(3);
    for (const failure of notebook.failures) expect(failure).toBeInstanceOf(DatabaseUnavailableError);
    const stored = await storedNotes(database);
    expect(notebook.acknowledged).toHaveLength(7);
    expect(stored).toEqual(expect.arrayContaining(notebook.acknowledged));
    await dataSource.destroy();
    await proxy.cut();
  });

  it('is stored when before it a ROLLBACK failed: its connection never returns to the pool', async () => {
    const { notebook, proxy } = await openRemoteNotebook(10_000);
    for (const what of ['cut', 'silence'] as const) {
      const intercepted = proxy.intercept({ text: 'ROLLBACK', what, when: 'before' });
      await notebook.write(10, async () => Promise.reject(new TypeError('on purpose')));
      await intercepted;
      await notebook.writeMany(12);
    }
    expect(notebook.failures.map(({ name }) => name)).toEqual(['TypeError', 'TypeError']);
    expect(notebook.acknowledged).toHaveLength(24);
    expect(await storedNotes(database)).toEqual(notebook.acknowledged);
    await dataSource.destroy();
    await proxy.cut();
  });

  it('is refused while connections are silent at BEGIN, in a statement or at COMMIT, and the locks are freed', async () => {
    const { notebook, proxy } = await openRemoteNotebook(1_500);
    await notebook.write();
    for (const text of ['START TRANSACTION', 'INSERT INTO notes', 'COMMIT']) {
      const intercepted = proxy.intercept({ text, what: 'silence', when: text === 'COMMIT' ? 'before' : 'after' });
      await notebook.write();
      await intercepted;
      expect(notebook.failures.at(-1)).toBeInstanceOf(DatabaseUnavailableError);
    }
    expect(notebook.failures).toHaveLength(3);
    // The server's side of the silent connections held the rows: it is killed, or this would wait for them.
    const patient = new UnitOfWork({ dataSource, encryptionKeys: '', databaseTimeoutMs: 20_000 });
    await patient.write((tx) => tx.query('UPDATE notes SET text = ? WHERE id > 0', ['new']));
    await notebook.write();
    expect(await storedNotes(database)).toEqual([1, 5]);
    await dataSource.destroy();
    await proxy.cut();
  });

  it('in one round trip is stored completely, or refused: whatever happens to its connection', async () => {
    const { notebook, proxy } = await openRemoteNotebook(1_500, { multipleStatements: true });
    await notebook.writeAtOnce();
    for (const what of ['cut', 'silence'] as const) {
      for (const when of ['before', 'after'] as const) {
        const intercepted = proxy.intercept({ text: 'COMMIT', what, when });
        await notebook.writeAtOnce();
        await intercepted;
        await notebook.writeAtOnce();
      }
    }
    expect(notebook.failures).toHaveLength(4);
    for (const failure of notebook.failures) expect(failure).toBeInstanceOf(DatabaseUnavailableError);
    expect(notebook.acknowledged).toHaveLength(10);
    const stored = await storedNotes(database);
    expect(stored).toEqual(expect.arrayContaining(notebook.acknowledged));
    // Both notes of a write, or none.
    expect(stored.filter((id) => id % 2 === 1).map((id) => id + 1)).toEqual(stored.filter((id) => id % 2 === 0));
    await dataSource.destroy();
    await proxy.cut();
  });

  it('in one round trip is stored on another connection if its own was lost while it was idle', async () => {
    const { notebook, proxy } = await openRemoteNotebook(10_000, { multipleStatements: true });
    const admin = await openDataSource(database);
    await notebook.writeAtOnce();
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 1_000);
    for (const { id } of await admin.query<{ id: number }[]>(
      'SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()',
    )) {
      await admin.query(`KILL ${String(id)}`);
    }
    await notebook.writeAtOnce();
    jest.restoreAllMocks();
    await admin.destroy();
    expect(notebook.failures).toEqual([]);
    expect(await storedNotes(database)).toEqual([1, 2, 3, 4]);
    await dataSource.destroy();
    await proxy.cut();
  });
});
