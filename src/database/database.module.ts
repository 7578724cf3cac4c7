import { Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { ApiKeysRepository } from './api-keys.repository.ts';
import { migrate } from './migrate.ts';
import { openWhenReady } from './open-when-ready.ts';
import { SessionsRepository } from './sessions.repository.ts';

/** The data source, its schema up to date. It closes after the last request was answered. */
@Module({
  providers: [
    {
      provide: DataSource,
      inject: [CONFIGURATION],
      useFactory: async ({ database }: Configuration): Promise<DataSource> => {
        const dataSource = await openWhenReady(database);
        const names = await migrate(dataSource);
        if (names.length > 0) new Logger('Database').log(`Migrated: ${names.join(', ')}`);
        return dataSource;
      },
    },
    ApiKeysRepository,
    SessionsRepository,
  ],
  exports: [DataSource, ApiKeysRepository, SessionsRepository],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}
