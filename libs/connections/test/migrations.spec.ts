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
  await undoTo(dataSource, 'ConnectionPurge1764000000008');
  await dataSource.query(
    `INSERT INTO connections (id, organisation, vendor, name, settings, secret_info, version, guard, created_at, updated_at)
     VALUES ('${ID}', 'acme', 'fake', 'Relay', '{}', '{}', 1, 0, '${NOW}', '${NOW}')`,
  );
  await dataSource.query(`INSERT INTO connection_tests VALUES ('t', '${ID}', 'user:1', '${NOW}', '{}')`);
  await dataSource.query(
    `INSERT INTO connection_usages VALUES ('${ID}', 'campaign', '1', 'Spring sale', 'running', '${NOW}', '${NOW}')`,
  );
  await dataSource.runMigrations();
  expect(await has(dataSource, 'leased_until')).toBe(true);
  await expectKept(dataSource);
  await undoTo(dataSource, 'ConnectionPurge1764000000008');
  await expectKept(dataSource);
  await dataSource.destroy();
  await database.drop();
});

it.each(DATABASES)('migrations on %s report an unreadable delivery apart from refused requests', async (kind) => {
  const database = await createDatabase(kind);
  const dataSource = await openDataSource(database);
  await undoTo(dataSource, 'RejectedDeliveries1764000000012');
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
    'SELECT last_rejected_at, last_unauthenticated_at, unauthenticated_reason FROM connection_webhooks ORDER BY connection_id',
  );
  expect(rows).toEqual([
    { last_rejected_at: expect.anything(), last_unauthenticated_at: null, unauthenticated_reason: null },
    { last_rejected_at: null, last_unauthenticated_at: expect.anything(), unauthenticated_reason: 'invalid' },
  ]);
  await dataSource.destroy();
  await database.drop();
});

it.each(DATABASES)('migrations on %s rename columns, indexes and values, and take it back', async (kind) => {
  const database = await createDatabase(kind);
  const dataSource = await openDataSource(database);
  await undoTo(dataSource, 'RenameColumns1764000000014');
  await dataSource.query(
    `INSERT INTO connections (id, organisation, vendor, name, settings, secret_info, version, guard, created_at, updated_at, sealed_with, retired_at, purge_after)
     VALUES ('${ID}', 'acme', 'fake', 'Relay', '{}', '{}', 1, 0, '${NOW}', '${NOW}', 'k:1', '${NOW}', '${NOW}')`,
  );
  await dataSource.query(
    `INSERT INTO connection_usages VALUES ('${ID}', 'campaign', '1', 'Spring sale', 'cancelled', '${NOW}', '${NOW}')`,
  );
  for (const [index, origin] of ['ours', 'foreign', 'ours', 'test'].entries()) {
    await dataSource.query(
      `INSERT INTO events (id, connection_id, organisation, digest, request_id, position, kind, occurred_at, received_at, origin)
       VALUES (${String(1 + index * 15_000)}, '${ID}', 'acme', '${String(index).repeat(16)}', 'r', 0, 'sent', '${NOW}', '${NOW}', '${origin}')`,
    );
  }
  const valuesOf = async (table: string, column: string): Promise<unknown[]> => {
    const rows = await dataSource.query<Record<string, unknown>[]>(`SELECT ${column} FROM ${table} ORDER BY 1`);
    return rows.map((row) => row[column]);
  };
  await dataSource.runMigrations();
  expect(await valuesOf('connections', 'organization')).toEqual(['acme']);
  expect(await valuesOf('connections', 'key_id')).toEqual(['k:1']);
  expect(await valuesOf('connections', 'deleted_at')).toEqual([expect.anything()]);
  expect(await valuesOf('connection_usages', 'status')).toEqual(['canceled']);
  expect(await valuesOf('events', 'attribution')).toEqual(['foreign', 'own', 'own', 'test']);
  await undoTo(dataSource, 'RenameColumns1764000000014');
  expect(await valuesOf('connections', 'sealed_with')).toEqual(['k:1']);
  expect(await valuesOf('connection_usages', 'status')).toEqual(['cancelled']);
  expect(await valuesOf('events', 'origin')).toEqual(['foreign', 'ours', 'ours', 'test']);
  await dataSource.destroy();
  await database.drop();
});

it.each(DATABASES)('migrations on %s sum up the counts of each hour and day, and take it back', async (kind) => {
  const database = await createDatabase(kind);
  const dataSource = await openDataSource(database);
  await undoTo(dataSource, 'CreateEventStats1764000000033');
  // The hours before and after the end of a day, two months later, and another connection; in several shards.
  const counts = [
    [1, 479_999, 3, 0, 5],
    [1, 479_999, 3, 7, 6],
    [1, 480_000, 3, 1, 2],
    [1, 480_023, 5, 0, 3],
    [1, 481_500, 3, 0, 1],
    [2, 480_000, 3, 0, 9],
  ];
  for (const row of counts) await dataSource.query(`INSERT INTO event_counts VALUES (${row.join(', ')})`);
  await dataSource.runMigrations();
  const rowsOf = async (sql: string): Promise<number[][]> =>
    (await dataSource.query<object[]>(sql)).map((row) => Object.values(row).map(Number));
  expect(
    await rowsOf('SELECT connection, hours, start, kind, detail, events FROM event_stats ORDER BY 1, 2, 3'),
  ).toEqual([
    [1, 1, 479_999, 3, 0, 11],
    [1, 1, 480_000, 3, 0, 2],
    [1, 1, 480_023, 5, 7, 3],
    [1, 1, 481_500, 3, 0, 1],
    [1, 24, 479_976, 3, 0, 11],
    [1, 24, 480_000, 3, 0, 2],
    [1, 24, 480_000, 5, 7, 3],
    [1, 24, 481_488, 3, 0, 1],
    [2, 1, 480_000, 3, 0, 9],
    [2, 24, 480_000, 3, 0, 9],
  ]);
  const [[from = 0] = []] = await rowsOf("SELECT value FROM counters WHERE name = 'counted_from'");
  const now = Date.now() / 3_600_000;
  expect([from % 24, from > now + 24, from < now + 48]).toEqual([0, true, true]);
  await undoTo(dataSource, 'CreateEventStats1764000000033');
  expect(await rowsOf('SELECT connection, hour, kind, shard, events FROM event_counts ORDER BY 1, 2, 3')).toEqual([
    [1, 479_999, 3, 0, 11],
    [1, 480_000, 3, 0, 2],
    [1, 480_023, 5, 0, 3],
    [1, 481_500, 3, 0, 1],
    [2, 480_000, 3, 0, 9],
  ]);
  await dataSource.destroy();
  await database.drop();
});

/** Takes back all migrations from the last one to this one. */
async function undoTo(dataSource: DataSource, name: string): Promise<void> {
  const isRun = async (): Promise<boolean> =>
    (await dataSource.query<unknown[]>(`SELECT 1 FROM migrations WHERE name = '${name}'`)).length > 0;
  while (await isRun()) await dataSource.undoLastMigration();
}

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
