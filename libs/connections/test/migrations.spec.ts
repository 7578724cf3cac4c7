import { expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createDatabase, DATABASES } from '../../../test/support/databases.ts';
import { openDataSource } from './support/data-source.ts';

const ID = '01900000-0000-7000-8000-000000000000';
const NOW = '2026-01-02 03:04:05.678';

// On SQLite, TypeORM adds a column by copying the table and dropping the old one, at which its children must not go too.
it.each(DATABASES)('migrations of the connections on %s leave what belongs to them', async (kind) => {
  const database = await createDatabase(kind);
  const dataSource = await openDataSource(database);
  while (await has(dataSource, 'purge_after')) await dataSource.undoLastMigration();
  await dataSource.query(
    `INSERT INTO connections (id, organisation, vendor, name, settings, secret_info, version, guard, created_at, updated_at)
     VALUES ('${ID}', 'acme', 'fake', 'Relay', '{}', '{}', 1, 0, '${NOW}', '${NOW}')`,
  );
  await dataSource.query(`INSERT INTO connection_tests VALUES ('t', '${ID}', 'user:1', '${NOW}', '{}')`);
  await dataSource.query(
    `INSERT INTO connection_usages VALUES ('${ID}', 'campaign', '1', 'Spring sale', 'running', '${NOW}', '${NOW}')`,
  );
  await dataSource.runMigrations();
  expect(await has(dataSource, 'purge_after')).toBe(true);
  await expectKept(dataSource);
  while (await has(dataSource, 'purge_after')) await dataSource.undoLastMigration();
  await expectKept(dataSource);
  await dataSource.destroy();
  await database.drop();
});

it.each(DATABASES)('migrations on %s report an unreadable delivery apart from refused requests', async (kind) => {
  const database = await createDatabase(kind);
  const dataSource = await openDataSource(database);
  while (await has(dataSource, 'last_rejected_at', 'connection_webhooks')) await dataSource.undoLastMigration();
  for (const [index, refusal] of ['quarantined', 'invalid'].entries()) {
    const id = ID.replace(/0$/, String(index));
    await dataSource.query(
      `INSERT INTO connections (id, organisation, vendor, name, settings, secret_info, version, guard, created_at, updated_at)
       VALUES ('${id}', 'acme', 'fake', 'Relay', '{}', '{}', 1, 0, '${NOW}', '${NOW}')`,
    );
    await dataSource.query(
      `INSERT INTO connection_webhooks (connection_id, last_refused_at, last_refusal) VALUES ('${id}', '${NOW}', '${refusal}')`,
    );
  }
  await dataSource.runMigrations();
  const rows = await dataSource.query<Record<string, unknown>[]>(
    'SELECT last_rejected_at, last_refused_at, last_refusal FROM connection_webhooks ORDER BY connection_id',
  );
  expect(rows).toEqual([
    { last_rejected_at: expect.anything(), last_refused_at: null, last_refusal: null },
    { last_rejected_at: null, last_refused_at: expect.anything(), last_refusal: 'invalid' },
  ]);
  await dataSource.destroy();
  await database.drop();
});

async function has(dataSource: DataSource, column: string, table = 'connections'): Promise<boolean> {
  const runner = dataSource.createQueryRunner();
  try {
    return await runner.hasColumn(table, column);
  } finally {
    await runner.release();
  }
}

async function expectKept(dataSource: DataSource): Promise<void> {
  for (const table of ['connections', 'connection_tests', 'connection_usages']) {
    expect(await dataSource.query(`SELECT 1 AS kept FROM ${table}`)).toMatchObject([{ kept: expect.anything() }]);
  }
}
