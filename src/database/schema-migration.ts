import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import { migrate } from './migrate.ts';

/** Runs pending migrations. Nothing else may use the database before that. */
@Injectable()
export class SchemaMigration {
  private readonly logger = new Logger('Database');

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly lifecycle: Lifecycle,
  ) {}

  async run(): Promise<void> {
    const names = await migrate(this.dataSource, this.configuration.migrationLockTimeoutMs);
    if (names.length > 0) this.logger.log(`Migrated: ${names.join(', ')}`);
    this.lifecycle.serve();
  }
}
