import { Module } from '@nestjs/common';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { EventsModule } from '../events/events.module.ts';
import { SuppressionModule } from '../suppression/suppression.module.ts';
import { EmailSender } from './email-sender.ts';
import { HandOver } from './hand-over.ts';
import { SentEvents } from './sent-events.ts';
import { SuppressedRecipients } from './suppressed-recipients.ts';
import { UnstoredEvents } from './unstored-events.ts';

@Module({
  imports: [DatabaseModule, EventsModule, StoredConnectionsModule, SuppressionModule],
  providers: [EmailSender, HandOver, SentEvents, SuppressedRecipients, UnstoredEvents],
  exports: [EmailSender],
})
export class SendingModule {}
