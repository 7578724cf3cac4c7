import { dirname } from 'node:path';
import { closeDataSource, connectionsEntities, connectionsMigrations, type Dialect } from '@score-crm/connections';
import { createConnection } from 'mysql2/promise';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { apiKeySchema } from '../auth/database/api-keys.repository.ts';
import { sessionSchema } from '../auth/database/sessions.repository.ts';
import type { DatabaseTls } from '../config/database-tls.ts';
import { type DatabaseLocation, DEFAULT_POOL_SIZE } from '../config/urls.ts';
import { makeFolder } from '../config/data-directory.ts';
import { QUIET_DATABASE_LOGGER } from '../logging/logger.ts';
import { CreateApiKeys1764000000001 } from './migrations/1764000000001-create-api-keys.ts';
import { CreateSessions1764000000007 } from './migrations/1764000000007-create-sessions.ts';
import { RestrictApiKeys1764000000013 } from './migrations/1764000000013-restrict-api-keys.ts';
import { RenameOrganization1764000000015 } from './migrations/1764000000015-rename-organization.ts';
import { ApiKeyExpiry1764000000016 } from './migrations/1764000000016-api-key-expiry.ts';

type MysqlLocation = Extract<DatabaseLocation, { kind: 'mysql' }>;

const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 10_000;

/** Connects to the database without changing its schema. */
export async function openDataSource(location: DatabaseLocation): Promise<DataSource> {
  const options = location.kind === 'sqlite' ? sqliteOptions(location.path) : await mysqlOptions(location);
  return new ServiceDataSource(options).initialize();
}

/** Nest's TypeOrmModule closes it when the application stops. A database that does not respond must not block that. */
class ServiceDataSource extends DataSource {
  override async destroy(): Promise<void> {
    await closeDataSource(this, undefined, () => super.destroy());
  }
}

function schemaOf(dialect: Dialect): Pick<DataSourceOptions, 'entities' | 'logger' | 'migrations'> {
  return {
    entities: [...connectionsEntities(dialect), apiKeySchema(dialect), sessionSchema(dialect)],
    migrations: [
      ...connectionsMigrations,
      CreateApiKeys1764000000001,
      CreateSessions1764000000007,
      RestrictApiKeys1764000000013,
      RenameOrganization1764000000015,
      ApiKeyExpiry1764000000016,
    ],
    logger: QUIET_DATABASE_LOGGER,
  };
}

function sqliteOptions(path: string): DataSourceOptions {
  if (path !== ':memory:') makeFolder(dirname(path));
  return {
    type: 'better-sqlite3',
    database: path,
    enableWAL: true,
    // Otherwise SQLite syncs an existing file less often than a new one and could lose commits in a power failure.
    prepareDatabase: (database: { pragma(text: string): unknown }) => {
      database.pragma('synchronous = FULL');
    },
    ...schemaOf('sqlite'),
  };
}

async function mysqlOptions(location: MysqlLocation): Promise<DataSourceOptions> {
  const { kind: _kind, poolSize = DEFAULT_POOL_SIZE, ssl, ...access } = location;
  return {
    // TypeORM distinguishes the two: with the wrong type it reports every nullable text column as changed.
    type: (await isMariaDb(location)) ? 'mariadb' : 'mysql',
    ...access,
    ...tls(ssl),
    charset: 'utf8mb4',
    timezone: 'Z',
    connectTimeout: CONNECT_TIMEOUT_MS,
    poolSize,
    // Values are always escaped by the driver. Storing webhooks needs half as many round trips with it.
    multipleStatements: true,
    // Detects a peer that disappeared, on idle connections too.
    extra: { enableKeepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
    ...schemaOf('mysql'),
  };
}

/** Returns a copy, because mysql2 modifies it. */
function tls(ssl: MysqlLocation['ssl']): { ssl?: DatabaseTls } {
  return ssl === undefined ? {} : { ssl: { ...ssl } };
}

async function isMariaDb({ host, port, username, password, database, ssl }: MysqlLocation): Promise<boolean> {
  const connection = await createConnection({
    host,
    port,
    user: username,
    password,
    database,
    ...tls(ssl),
    connectTimeout: CONNECT_TIMEOUT_MS,
  });
  try {
    const [rows] = await connection.query('SELECT VERSION() AS version');
    return String((rows as { version: string }[])[0]?.version).includes('MariaDB');
  } finally {
    await connection.end();
  }
}

/** Opens the database for one task, without changing its schema, and closes it. */
export async function withDataSource<T>(
  location: DatabaseLocation,
  work: (dataSource: DataSource) => Promise<T>,
): Promise<T> {
  const dataSource = await openDataSource(location);
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
