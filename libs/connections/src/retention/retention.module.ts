import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.ts';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { TestResultsModule } from '../diagnosis/diagnosis.module.ts';
import { EventsModule } from '../events/events.module.ts';
import { StoredUsagesModule } from '../usages/usages.module.ts';
import { WebhooksModule } from '../webhooks/webhooks.module.ts';
import { ErasureService } from './erasure.service.ts';
import { PurgeSchedule } from './purge.schedule.ts';
import { PurgeService } from './purge.service.ts';
import { RetentionService } from './retention.service.ts';

@Module({
  imports: [
    AuditModule,
    DatabaseModule,
    EventsModule,
    StoredConnectionsModule,
    TestResultsModule,
    StoredUsagesModule,
    WebhooksModule,
  ],
  providers: [ErasureService, PurgeSchedule, PurgeService, RetentionService],
  exports: [ErasureService, PurgeService, RetentionService],
})
export class RetentionModule {}
