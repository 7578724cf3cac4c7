import { Module } from '@nestjs/common';
import { AdaptersModule } from '../adapters/adapters.module.ts';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { EventsModule } from '../events/events.module.ts';
import { PersistenceModule } from '../persistence/persistence.module.ts';
import { RejectedDeliveries } from './rejected-deliveries.ts';
import { WebhookIngest } from './webhook-ingest.ts';
import { WebhookRegistrationService } from './webhook-registration.service.ts';
import { WebhookStatusModule } from './webhook-status.module.ts';
import { WebhooksService } from './webhooks.service.ts';

@Module({
  imports: [AdaptersModule, EventsModule, PersistenceModule, StoredConnectionsModule, WebhookStatusModule],
  providers: [RejectedDeliveries, WebhookIngest, WebhookRegistrationService, WebhooksService],
  exports: [WebhookIngest, WebhookRegistrationService, WebhooksService],
})
export class WebhooksModule {}
