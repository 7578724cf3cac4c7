import { Module } from '@nestjs/common';
import { AdaptersModule } from '../adapters/adapters.module.ts';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { PersistenceModule } from '../persistence/persistence.module.ts';
import { EventWriter } from './event-writer.ts';
import { EventsService } from './events.service.ts';

@Module({
  imports: [AdaptersModule, PersistenceModule, StoredConnectionsModule],
  providers: [EventsService, EventWriter],
  exports: [EventsService, EventWriter],
})
export class EventsModule {}
