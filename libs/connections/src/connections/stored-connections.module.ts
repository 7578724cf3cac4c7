import { Module } from '@nestjs/common';
import { AdaptersModule } from '../adapters/adapters.module.ts';
import { AuditModule } from '../audit/audit.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { IdempotencyModule } from '../idempotency/idempotency.module.ts';
import { SecretsModule } from '../secrets/secrets.module.ts';
import { AuditLogService } from './audit-log.service.ts';
import { ConnectionLoader } from './connection-loader.ts';
import { ConnectionPresenter } from './connection.presenter.ts';
import { ConnectionsRepository } from './connections.repository.ts';
import { ConnectionsService } from './connections.service.ts';
import { LaunchCheck } from './launch-check.ts';
import { SettingsChanges } from './settings.ts';

/** It also needs the ports of `ports.ts`, which a global module provides. */
@Module({
  imports: [AdaptersModule, AuditModule, DatabaseModule, IdempotencyModule, SecretsModule],
  providers: [
    AuditLogService,
    ConnectionLoader,
    ConnectionPresenter,
    ConnectionsRepository,
    ConnectionsService,
    LaunchCheck,
    SettingsChanges,
  ],
  exports: [AuditLogService, ConnectionLoader, ConnectionsRepository, ConnectionsService, LaunchCheck, SettingsChanges],
})
export class StoredConnectionsModule {}
