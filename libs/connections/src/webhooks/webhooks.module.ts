import { Module } from '@nestjs/common';
import { AdaptersModule } from '../adapters/adapters.module.ts';
import { AuditModule } from '../audit/audit.module.ts';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { EventsModule } from '../events/events.module.ts';
import { SequenceModule } from '../sequence/sequence.module.ts';
import { StatsModule } from '../stats/stats.module.ts';
import { ConnectionWebhooksRepository } from './connection-webhooks.repository.ts';
import { ExpectedSamples } from './expected-samples.ts';
import { UnauthenticatedSamples } from './unauthenticated-samples.ts';
import { RejectedDeliveries, WebhookIngest } from './webhook-ingest.ts';
import { WebhookCountsRepository } from './webhook-counts.repository.ts';
import { WebhookHealthRepository } from './webhook-health.repository.ts';
import { WebhookHealthService } from './webhook-health.service.ts';
import { WebhookRegistrationService } from './webhook-registration.service.ts';
import { WebhookSampleService } from './webhook-sample.service.ts';
import { WebhookStatusService } from './webhook-status.service.ts';
import { WebhooksService } from './webhooks.service.ts';

/** Apart from `WebhooksModule`, because connections need it. */
@Module({
  imports: [AdaptersModule, DatabaseModule],
  providers: [ConnectionWebhooksRepository, WebhookCountsRepository, WebhookStatusService],
  exports: [ConnectionWebhooksRepository, WebhookCountsRepository, WebhookStatusService],
})
export class WebhookStatusModule {}

@Module({
  imports: [
    AdaptersModule,
    AuditModule,
    DatabaseModule,
    EventsModule,
    SequenceModule,
    StatsModule,
    StoredConnectionsModule,
    WebhookStatusModule,
  ],
  providers: [
    ExpectedSamples,
    RejectedDeliveries,
    UnauthenticatedSamples,
    WebhookHealthRepository,
    WebhookHealthService,
    WebhookIngest,
    WebhookRegistrationService,
    WebhookSampleService,
    WebhooksService,
  ],
  exports: [WebhookHealthService, WebhookIngest, WebhookRegistrationService, WebhookSampleService, WebhooksService],
})
export class WebhooksModule {}
