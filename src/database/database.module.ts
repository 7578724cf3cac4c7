import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DatabaseLocation } from '../config/database-url.ts';
import { LifecycleModule } from '../lifecycle/lifecycle.module.ts';
import { connectRetry } from './connect-retry.ts';
import { openDataSource } from './data-source.ts';
import { SchemaMigration } from './schema-migration.ts';

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
