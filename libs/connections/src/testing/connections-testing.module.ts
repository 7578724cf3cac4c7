import { randomBytes } from 'node:crypto';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ConnectionsModule } from '../connections.module.ts';
import { connectionsEntities, connectionsMigrations } from '../entities.ts';
import type { ConnectionsModuleOptions } from '../options/connections.module-options.ts';
import { SimulatedVendor } from './simulated-vendor.ts';

const DATA_SOURCE = Symbol('data source of ConnectionsTestingModule');

/**
 * In tests, takes the place of `ConnectionsModule.forRoot` and of the adapters: connections in an SQLite database in memory, and
 * one vendor, `simulated`. Needs `better-sqlite3`. Call `app.close()` after the tests.
 *
 * @example
 * const app = await Test.createTestingModule({ imports: [ConnectionsTestingModule.forRoot(), CampaignsModule] }).compile();
 * await app.init();
 * const caller = { organization: 'acme', actor: 'test' };
 * const input = { name: 'Test', vendor: 'simulated', fromEmail: 'news@acme.example', settings: { apiKey: 'any' } };
 * const { id } = await app.get(ConnectionsService).create(caller, input);
 * // … what the application sends through the connection:
 * expect(app.get(SimulatedVendor).emails).toHaveLength(1);
 * await app.get(SimulatedVendor).deliver(); // stores the events of the emails
 */
@Module({})
export class ConnectionsTestingModule implements OnApplicationShutdown {
  constructor(@Inject(DATA_SOURCE) private readonly dataSource: DataSource) {}

  /** @param options override those for tests: a random encryption key, no timers, and a check for nested units of work */
  static forRoot(options: Partial<Omit<ConnectionsModuleOptions, 'dataSource'>> = {}): DynamicModule {
    const database: DynamicModule = {
      module: TestDatabaseModule,
      providers: [{ provide: DATA_SOURCE, useFactory: openDatabase }],
      exports: [DATA_SOURCE],
    };
    return {
      module: ConnectionsTestingModule,
      imports: [
        database,
        ConnectionsModule.forRootAsync({
          imports: [database],
          inject: [DATA_SOURCE],
          useFactory: (dataSource: DataSource): ConnectionsModuleOptions => ({
            encryptionKeys: `test:${randomBytes(32).toString('base64')}`,
            webhookBaseUrl: 'https://crm.example/webhooks/v2',
            detectNestedWork: true,
            purgeIntervalMs: 0,
            webhookHealthChecks: false,
            ...options,
            dataSource,
          }),
        }),
      ],
      providers: [SimulatedVendor],
      exports: [SimulatedVendor],
    };
  }

  /** The application owns the data source of `ConnectionsModule`. */
  async onApplicationShutdown(): Promise<void> {
    await this.dataSource.destroy();
  }
}

@Module({})
class TestDatabaseModule {}

async function openDatabase(): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'better-sqlite3',
    database: ':memory:',
    entities: connectionsEntities('sqlite'),
    migrations: connectionsMigrations,
    migrationsRun: true,
  });
  return dataSource.initialize();
}
