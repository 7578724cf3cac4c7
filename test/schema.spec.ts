import { describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { parseDatabaseUrl } from '../src/config/urls.ts';
import { migrate, pendingMigrations, revertLastMigration } from '../src/database/migrate.ts';
import { openDataSource } from '../src/database/data-source.ts';
import { createDatabase, DATABASES } from './support/databases.ts';
import { TestService } from './support/service.ts';

describe.each(DATABASES)('the schema on %s', (kind) => {
  it('is what the entities say, after the migrations and nothing else', async () => {
    const database = await createDatabase(kind);
    const dataSource = await openDataSource(parseDatabaseUrl(database.url));
    await migrate(dataSource);
    const drift = await dataSource.driver.createSchemaBuilder().log();
    expect(drift.upQueries.map((query) => query.query)).toEqual([]);
    expect(await pendingMigrations(dataSource)).toEqual([]);
    await dataSource.destroy();
    await database.drop();
  });

  it('can be taken back to nothing', async () => {
    const database = await createDatabase(kind);
    const dataSource = await openDataSource(parseDatabaseUrl(database.url));
    const names = await migrate(dataSource);
    for (let left = names.length; left > 0; left--) await revertLastMigration(dataSource);
    expect((await pendingMigrations(dataSource)).toSorted()).toEqual(names.toSorted());
    await dataSource.destroy();
    await database.drop();
  });
});

it('is in the data source that @nestjs/typeorm provides, which a stop closes', async () => {
  const database = await createDatabase('SQLite');
  const service = await TestService.start(database);
  const dataSource = service.app.get<DataSource>(getDataSourceToken());
  expect(dataSource).toBe(service.app.get(DataSource));
  expect(await pendingMigrations(dataSource)).toEqual([]);
  await service.stop();
  expect(dataSource.isInitialized).toBe(false);
  await database.drop();
});

it('is migrated once when two instances start together on MariaDB', async () => {
  const database = await createDatabase('MariaDB');
  const location = parseDatabaseUrl(database.url);
  const [one, two] = await Promise.all([openDataSource(location), openDataSource(location)]);
  const ran = await Promise.all([migrate(one), migrate(two)]);
  expect(ran.map((names) => names.length).toSorted((a, b) => a - b)).toEqual([0, one.migrations.length]);
  await Promise.all([one.destroy(), two.destroy()]);
  await database.drop();
});
