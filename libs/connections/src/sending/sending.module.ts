import { Module } from '@nestjs/common';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { EventsModule } from '../events/events.module.ts';
import { IdempotencyModule } from '../idempotency/idempotency.module.ts';
import { SuppressionModule } from '../suppression/suppression.module.ts';
import { ConnectionLimits } from './connection-limits.ts';
import { EmailSender } from './email-sender.ts';
import { HandOver } from './hand-over.ts';
import { KeyedMessages } from './keyed-messages.ts';
import { SendingModes } from './sending-modes.ts';
import { SentEvents } from './sent-events.ts';
import { SuppressedRecipients } from './suppressed-recipients.ts';
import { UnstoredEvents } from './unstored-events.ts';

/** Apart from `SendingModule`, because views of connections show the allowance of the day. */
@Module({ providers: [ConnectionLimits], exports: [ConnectionLimits] })
export class LimitsModule {}

@Module({
  imports: [DatabaseModule, EventsModule, IdempotencyModule, LimitsModule, StoredConnectionsModule, SuppressionModule],
  providers: [EmailSender, HandOver, KeyedMessages, SendingModes, SentEvents, SuppressedRecipients, UnstoredEvents],
  exports: [EmailSender],
})
export class SendingModule {}
