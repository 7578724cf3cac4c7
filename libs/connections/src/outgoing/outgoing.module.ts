import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { FeedModule } from '../feed/feed.module.ts';
import { SecretsModule } from '../secrets/secrets.module.ts';
import { EndpointConsumers } from './endpoint-consumers.ts';
import { MessageEvents } from './message-events.ts';
import { MessageStore } from './message-store.ts';
import { WebhookAttemptsRepository } from './webhook-attempts.repository.ts';
import { WebhookDispatcher } from './webhook-dispatcher.ts';
import { WebhookEndpointsRepository } from './webhook-endpoints.repository.ts';
import { WebhookEndpointsService } from './webhook-endpoints.service.ts';
import { WebhookMessagesRepository } from './webhook-messages.repository.ts';
import { WebhookMessagesService } from './webhook-messages.service.ts';
import { WebhookSender } from './webhook-sender.ts';

const REPOSITORIES = [WebhookAttemptsRepository, WebhookEndpointsRepository, WebhookMessagesRepository];

/** Apart from `OutgoingModule`, because keys and retention need it. */
@Module({ providers: REPOSITORIES, exports: REPOSITORIES })
export class StoredEndpointsModule {}

@Module({
  imports: [AuditModule, DatabaseModule, FeedModule, SecretsModule, StoredEndpointsModule],
  providers: [
    EndpointConsumers,
    MessageEvents,
    MessageStore,
    WebhookDispatcher,
    WebhookEndpointsService,
    WebhookMessagesService,
    WebhookSender,
  ],
  exports: [WebhookEndpointsService, WebhookMessagesService],
})
export class OutgoingModule {}
