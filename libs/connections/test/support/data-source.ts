import { DataSource, type DataSourceOptions } from 'typeorm';
import type { TestDatabase } from '../../../../test/support/databases.ts';
import { connectionsEntities, connectionsMigrations, type Dialect } from '../../src/index.ts';

/** A data source of nothing but this package, its schema up to date. */
export async function openDataSource(
  { kind, url }: Pick<TestDatabase, 'kind' | 'url'>,
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<DataSource> {
  const options = kind === 'SQLite' ? sqliteOptions(url) : mariaOptions(url);
  const dataSource = new DataSource({ ...options, ...overrides });
  await dataSource.initialize();
  await dataSource.runMigrations();
  return dataSource;
}

function schemaOf(dialect: Dialect): Pick<DataSourceOptions, 'entities' | 'migrations'> {
  return { entities: connectionsEntities(dialect), migrations: connectionsMigrations };
}

function sqliteOptions(url: string): DataSourceOptions {
  return {
    type: 'better-sqlite3',
    database: url.slice('sqlite:'.length),
    enableWAL: true,
    ...schemaOf('sqlite'),
  };
}

function mariaOptions(text: string): DataSourceOptions {
  const url = new URL(text);
  return {
    type: 'mariadb',
    host: url.hostname,
    port: Number(url.port),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
    charset: 'utf8mb4',
    timezone: 'Z',
    poolSize: 10,
    ...schemaOf('mysql'),
  };
}
