import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.ts';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { ConnectionUsagesRepository } from './connection-usages.repository.ts';
import { UsagesService } from './usages.service.ts';

/** Apart from `UsagesModule`, because connections need it. */
@Module({ providers: [ConnectionUsagesRepository], exports: [ConnectionUsagesRepository] })
export class StoredUsagesModule {}

@Module({
  imports: [AuditModule, DatabaseModule, StoredConnectionsModule, StoredUsagesModule],
  providers: [UsagesService],
  exports: [UsagesService],
})
export class UsagesModule {}
