import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createDatabase, type DatabaseKind, type TestDatabase } from '../../../test/support/databases.ts';
import type { Statement } from '../src/database/database-engine.ts';
import { runStatements } from '../src/database/insert-statement.ts';
import { openDataSource } from './support/data-source.ts';
import { recordStatements } from './support/statements.ts';

const LIMITS = { usual: 1_000, most: 1_000_000 };
const TEXT = "ada'); DROP TABLE notes; -- \\' ? ; '";

const SOURCES: readonly (readonly [
  what: string,
  kind: DatabaseKind,
  options: Readonly<Record<string, unknown>>,
  inOneTrip: boolean,
])[] = [
  ['SQLite', 'SQLite', {}, false],
  ['MariaDB', 'MariaDB', {}, false],
  ['MariaDB with several statements in a query', 'MariaDB', { multipleStatements: true }, true],
];

describe.each(SOURCES)('statements on %s', (_what, kind, options, inOneTrip) => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createDatabase(kind);
    dataSource = await openDataSource(database, options);
    await dataSource.query('CREATE TABLE notes (id INTEGER PRIMARY KEY, text VARCHAR(100) NOT NULL)');
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  beforeEach(() => dataSource.query('DELETE FROM notes'));

  const insert = (id: number, bytes = 100): Statement => ({
    sql: 'INSERT INTO notes (id, text) VALUES (?, ?)',
    values: [id, TEXT],
    bytes,
  });
  const run = async (statements: readonly Statement[]): Promise<number> => {
    const work = (): Promise<void> => dataSource.transaction((tx) => runStatements(tx, statements, LIMITS));
    const recorded = await recordStatements(dataSource, work);
    return recorded.statements.filter((sql) => sql.includes('INSERT')).length;
  };
  const stored = (): Promise<unknown> => dataSource.query('SELECT id, text FROM notes ORDER BY id');

  it('are all run, in their order, and no value ends one of them', async () => {
    const trips = await run([
      insert(1),
      insert(2),
      { sql: 'DELETE FROM notes WHERE id = 1', values: [], bytes: 40 },
      insert(1),
    ]);
    expect(trips).toBe(inOneTrip ? 1 : 3);
    expect(await stored()).toEqual([1, 2].map((id) => ({ id, text: TEXT })));
  });

  it('share a round trip only up to the usual size of a statement', async () => {
    expect(await run([insert(1, 600), insert(2, 400), insert(3, 600), insert(4, 5_000), insert(5)])).toBe(
      inOneTrip ? 4 : 5,
    );
    expect(await stored()).toHaveLength(5);
  });

  it('are taken back together if one of them fails', async () => {
    await expect(run([insert(1), insert(2), insert(2), insert(3)])).rejects.toThrow();
    expect(await stored()).toEqual([]);
  });
});
