import { Module } from '@nestjs/common';
import { AdaptersModule } from '../adapters/adapters.module.ts';
import { AuditModule } from '../audit/audit.module.ts';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { EventsModule } from '../events/events.module.ts';
import { WebhooksModule } from '../webhooks/webhooks.module.ts';
import { DeliveryReprocessor } from './delivery-reprocessor.ts';
import { ReprocessingJobsRepository } from './reprocessing-jobs.repository.ts';
import { ReprocessingRunner } from './reprocessing-runner.ts';
import { ReprocessingService } from './reprocessing.service.ts';
import { DeliveriesService } from './deliveries.service.ts';

@Module({
  imports: [AdaptersModule, AuditModule, DatabaseModule, EventsModule, StoredConnectionsModule, WebhooksModule],
  providers: [
    DeliveriesService,
    DeliveryReprocessor,
    ReprocessingJobsRepository,
    ReprocessingRunner,
    ReprocessingService,
  ],
  exports: [DeliveriesService, ReprocessingService],
})
export class DeliveriesModule {}
