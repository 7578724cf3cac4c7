import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.ts';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { ConnectionUsagesRepository } from './connection-usages.repository.ts';
import { UsageChecks, UsagesService } from './usages.service.ts';

/** Apart from `UsagesModule`, because connections need it. */
@Module({
  imports: [DatabaseModule],
  providers: [ConnectionUsagesRepository, UsageChecks],
  exports: [ConnectionUsagesRepository, UsageChecks],
})
export class UsageChecksModule {}

@Module({
  imports: [AuditModule, DatabaseModule, StoredConnectionsModule, UsageChecksModule],
  providers: [UsagesService],
  exports: [UsagesService],
})
export class UsagesModule {}
