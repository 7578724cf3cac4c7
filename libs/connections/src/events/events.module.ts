import { Module } from '@nestjs/common';
import { AdaptersModule } from '../adapters/adapters.module.ts';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { EventWriter } from './event-writer.ts';
import { EventsRepository } from './events.repository.ts';
import { EventsService } from './events.service.ts';
import { WebhookRequestsRepository } from './webhook-requests.repository.ts';

@Module({
  imports: [AdaptersModule, DatabaseModule, StoredConnectionsModule],
  providers: [EventsRepository, EventsService, EventWriter, WebhookRequestsRepository],
  exports: [EventsRepository, EventsService, EventWriter, WebhookRequestsRepository],
})
export class EventsModule {}
