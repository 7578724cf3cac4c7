import { Module } from '@nestjs/common';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { EventsModule } from '../events/events.module.ts';
import { PersistenceModule } from '../persistence/persistence.module.ts';
import { EmailSender } from './email-sender.ts';
import { UnstoredEvents } from './unstored-events.ts';

@Module({
  imports: [EventsModule, PersistenceModule, StoredConnectionsModule],
  providers: [EmailSender, UnstoredEvents],
  exports: [EmailSender],
})
export class SendingModule {}
