import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { DATABASES } from '../../../test/support/databases.ts';
import type { Statement } from '../src/database/database-engine.ts';
import { isDuplicateKey } from '../src/database/database-errors.ts';
import { DatabaseUnavailableError, type Transaction, UnitOfWork } from '../src/index.ts';
import { openDataSource } from './support/data-source.ts';
import { failureOf } from './support/outcome.ts';
import { TestModule } from './support/test-module.ts';

describe.each(DATABASES)('the unit of work on %s', (kind) => {
  let module: TestModule;
  let unitOfWork: UnitOfWork;

  beforeAll(async () => {
    module = await TestModule.start(kind);
    unitOfWork = module.app.get(UnitOfWork);
    await unitOfWork.write((tx) => tx.query('CREATE TABLE notes (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)'));
  });

  afterAll(async () => {
    await module.end();
  });

  beforeEach(async () => {
    await unitOfWork.write(async (tx) => {
      await tx.query('DELETE FROM notes');
      await tx.query('INSERT INTO notes VALUES (1, 0), (2, 0)');
    });
  });

  const valueOf = (tx: Transaction, id: number): Promise<number> =>
    tx.query<{ n: number }[]>('SELECT n FROM notes WHERE id = ?', [id]).then(([row]) => Number(row?.n));
  const add = (tx: Transaction, id: number, n = 1): Promise<unknown> =>
    tx.query('UPDATE notes SET n = n + ? WHERE id = ?', [n, id]);
  const read = (id: number): Promise<number> => unitOfWork.read((tx) => valueOf(tx, id));

  it('loses none of many writes at once', async () => {
    await Promise.all(Array.from({ length: 200 }, () => unitOfWork.write((tx) => add(tx, 1))));
    expect(await read(1)).toBe(200);
  });

  it('takes back all of a work that fails, and goes on with the next', async () => {
    const failing = failureOf(
      unitOfWork.write(async (tx) => {
        await add(tx, 1);
        await delay(20);
        throw new TypeError('on purpose');
      }),
    );
    const next = unitOfWork.write((tx) => add(tx, 2));
    expect(await failing).toEqual(new TypeError('on purpose'));
    await next;
    expect([await read(1), await read(2)]).toEqual([0, 1]);
  });

  it.each([false, true])(
    'stores statements at once or none of them (multipleStatements: %s)',
    async (multipleStatements) => {
      const dataSource = await openDataSource(module.database, kind === 'SQLite' ? {} : { multipleStatements });
      const own = new UnitOfWork({ dataSource, encryptionKeys: '' });
      const insert = (id: number): Statement => ({
        sql: 'INSERT INTO notes VALUES (?, ?)',
        values: [id, 5],
        bytes: 100,
      });
      await own.writeAtOnce(() => [insert(3), insert(4)]);
      const known = await failureOf(own.writeAtOnce(() => [insert(5), insert(3), insert(6)]));
      expect(isDuplicateKey(known)).toBe(true);
      const wrong = await failureOf(
        own.writeAtOnce(() => [insert(5), { ...insert(6), sql: 'INSERT INTO nowhere VALUES (?, ?)' }]),
      );
      expect([wrong instanceof QueryFailedError, isDuplicateKey(wrong)]).toEqual([true, false]);
      await own.writeAtOnce(() => [{ sql: 'UPDATE notes SET n = n + 1 WHERE id > 2', values: [], bytes: 100 }]);
      expect(await own.read((tx) => tx.query('SELECT id, n FROM notes WHERE id > 2 ORDER BY id'))).toEqual([
        { id: 3, n: 6 },
        { id: 4, n: 6 },
      ]);
      await dataSource.destroy();
    },
  );

  it('shows a reader nothing that is not committed', async () => {
    const seen: number[] = [];
    const write = unitOfWork.write(async (tx) => {
      await add(tx, 1, 7);
      await delay(30);
      await add(tx, 1, -6);
    });
    await delay(5);
    await Promise.all([write, ...Array.from({ length: 10 }, async () => seen.push(await read(1)))]);
    expect(seen).toHaveLength(10);
    for (const value of seen) expect([0, 1]).toContain(value);
    expect(await read(1)).toBe(1);
  });

  it('passes on what is wrong with a statement as it is', async () => {
    const failures = [
      await failureOf(unitOfWork.write((tx) => tx.query('INSERT INTO notes VALUES (1, 0)'))),
      await failureOf(unitOfWork.write((tx) => tx.query('INSERT INTO notes VALUES (3, NULL)'))),
      await failureOf(unitOfWork.read((tx) => tx.query('SELECT nonsense'))),
    ];
    for (const failure of failures) expect(failure).toBeInstanceOf(QueryFailedError);
  });

  it('calls a database that does not answer unavailable', async () => {
    const codes = ['ECONNREFUSED', 'PROTOCOL_CONNECTION_LOST', 'SQLITE_READONLY_DBMOVED', 'SQLITE_IOERR_WRITE'];
    // SQLite's codes for a file that it cannot read correctly.
    for (const code of [...codes, 'SQLITE_CORRUPT', 'SQLITE_NOTADB']) {
      const cause = Object.assign(new Error('down'), { code });
      const failure = await failureOf(unitOfWork.write(() => Promise.reject(cause)));
      expect(failure).toBeInstanceOf(DatabaseUnavailableError);
      expect(failure.cause).toBe(cause);
    }
  });

  it('refuses work inside of work, instead of waiting for itself', async () => {
    const inner = [() => unitOfWork.write(async () => 1), () => unitOfWork.read(async () => 1)];
    for (const begin of inner) {
      expect((await failureOf(unitOfWork.write(() => begin()))).message).toContain('Hand its transaction on');
      expect((await failureOf(unitOfWork.read(() => begin()))).message).toContain('Hand its transaction on');
    }
    // What a work merely sets off is work of its own.
    let later: Promise<number> | undefined;
    await unitOfWork.write(async () => {
      later = delay(20).then(() => read(1));
    });
    expect(await later).toBe(0);
  });

  it('repeats a work that another one was in the way of, and gives up some time', async () => {
    for (const [conflicts, works] of [
      [4, true],
      [5, false],
    ] as const) {
      let attempts = 0;
      const outcome = unitOfWork
        .write(async (tx) => {
          attempts++;
          await add(tx, 2);
          if (attempts <= conflicts) throw Object.assign(new Error('deadlock'), { code: 'ER_LOCK_DEADLOCK' });
        })
        .then(
          () => true,
          (error: unknown) => !(error instanceof DatabaseUnavailableError),
        );
      expect([await outcome, attempts]).toEqual([works, 5]);
    }
    // Once, although it was begun ten times.
    expect(await read(2)).toBe(1);
  });
});

describe('the unit of work on MariaDB alone', () => {
  it('repeats the loser of a real deadlock', async () => {
    const module = await TestModule.start('MariaDB');
    const unitOfWork = module.app.get(UnitOfWork);
    await unitOfWork.write(async (tx) => {
      await tx.query('CREATE TABLE notes (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)');
      await tx.query('INSERT INTO notes VALUES (1, 0), (2, 0)');
    });
    let begun = 0;
    let holding = 0;
    let bothHold: () => void = () => undefined;
    const crossed = new Promise<void>((resolve) => (bothHold = resolve));
    const crosswise = (first: number, second: number): Promise<void> =>
      unitOfWork.write(async (tx) => {
        begun++;
        await tx.query('UPDATE notes SET n = n + 1 WHERE id = ?', [first]);
        if (++holding === 2) bothHold();
        await crossed;
        await tx.query('UPDATE notes SET n = n + 1 WHERE id = ?', [second]);
      });
    await Promise.all([crosswise(1, 2), crosswise(2, 1)]);
    expect(begun).toBeGreaterThan(2);
    const rows = await unitOfWork.read((tx) => tx.query<{ n: number }[]>('SELECT n FROM notes'));
    expect(rows.map((row) => row.n)).toEqual([2, 2]);
    await module.end();
  });
});

describe('the unit of work on SQLite alone', () => {
  it('locks the file before the work begins, so that what was read is never out of date', async () => {
    const module = await TestModule.start('SQLite');
    const unitOfWork = module.app.get(UnitOfWork);
    const other = await openDataSource(module.database, { timeout: 0 });
    await unitOfWork.write((tx) => tx.query('CREATE TABLE notes (n INTEGER)'));
    await unitOfWork.write(async (tx) => {
      await tx.query('SELECT * FROM notes');
      expect(String(await failureOf(other.query('INSERT INTO notes VALUES (1)')))).toContain('locked');
      await tx.query('INSERT INTO notes VALUES (2)');
    });
    await other.query('INSERT INTO notes VALUES (3)');
    expect(await unitOfWork.read((tx) => tx.query('SELECT n FROM notes ORDER BY n'))).toEqual([{ n: 2 }, { n: 3 }]);
    await other.destroy();
    await module.end();
  });

  it('keeps a commit through a power cut: synchronous is FULL after the file was opened again', async () => {
    const module = await TestModule.start('SQLite');
    await module.stop();
    const again = await TestModule.on(module.database);
    const pragma = await again.app.get(UnitOfWork).read((tx) => tx.query('PRAGMA synchronous'));
    expect(pragma).toEqual([{ synchronous: 2 }]);
    await again.end();
  });
});
