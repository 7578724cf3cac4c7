import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.ts';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { TestResultsModule } from '../diagnosis/diagnosis.module.ts';
import { EventsModule } from '../events/events.module.ts';
import { StoredEndpointsModule } from '../outgoing/outgoing.module.ts';
import { FeedModule } from '../feed/feed.module.ts';
import { StatsModule } from '../stats/stats.module.ts';
import { StoredUsagesModule } from '../usages/usages.module.ts';
import { WebhooksModule } from '../webhooks/webhooks.module.ts';
import { SuppressionModule } from '../suppression/suppression.module.ts';
import { IdempotencyModule } from '../idempotency/idempotency.module.ts';
import { SecretsModule } from '../secrets/secrets.module.ts';
import { SequenceModule } from '../sequence/sequence.module.ts';
import { ErasureRunner } from './erasure-runner.ts';
import { ErasureService } from './erasure.service.ts';
import { PurgeSchedule } from './purge.schedule.ts';
import { PurgeService } from './purge.service.ts';
import { QuotaService } from './quota.service.ts';
import { RecipientEraser } from './recipient-eraser.ts';
import { RetentionService } from './retention.service.ts';

@Module({
  imports: [
    AuditModule,
    DatabaseModule,
    EventsModule,
    FeedModule,
    IdempotencyModule,
    SecretsModule,
    SequenceModule,
    StatsModule,
    StoredConnectionsModule,
    StoredEndpointsModule,
    TestResultsModule,
    StoredUsagesModule,
    SuppressionModule,
    WebhooksModule,
  ],
  providers: [
    ErasureRunner,
    ErasureService,
    PurgeSchedule,
    PurgeService,
    QuotaService,
    RecipientEraser,
    RetentionService,
  ],
  exports: [ErasureService, PurgeService, QuotaService, RetentionService],
})
export class RetentionModule {}
