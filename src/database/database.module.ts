import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { type DynamicModule, Module } from '@nestjs/common';
import type { DatabaseLocation } from '../config/urls.ts';
import { LifecycleModule } from '../lifecycle/lifecycle.ts';
import { openDataSource } from './data-source.ts';
import { SchemaMigration } from './migrate.ts';

const PAUSE_MS = 2_000;
const WAIT_MS = 30_000;

// The server is still starting, or another process has locked the SQLite file to set it up.
const CONNECT_ERRORS = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'SQLITE_BUSY',
]);

/** Retries for 30 s while the database does not answer. Any other error ends the start. */
function connectRetry(): TypeOrmModuleOptions {
  const end = Date.now() + WAIT_MS;
  return {
    retryAttempts: Infinity,
    retryDelay: PAUSE_MS,
    toRetry: (error: unknown) => isConnectError(error) && Date.now() < end,
  };
}

function isConnectError(error: unknown): boolean {
  const { code, driverError } = (error ?? {}) as { code?: unknown; driverError?: { code?: unknown } };
  return CONNECT_ERRORS.has(String(driverError?.code ?? code));
}

/** The database connection. `SchemaMigration` migrates the schema after the service listens. */
@Module({ providers: [SchemaMigration], exports: [SchemaMigration] })
export class DatabaseModule {
  static forRoot(location: DatabaseLocation): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        LifecycleModule,
        TypeOrmModule.forRootAsync({
          useFactory: () => connectRetry(),
          // Only the server itself reports whether it is MariaDB or MySQL.
          dataSourceFactory: () => openDataSource(location),
        }),
      ],
    };
  }
}
