import { Module } from '@nestjs/common';
import { AdaptersModule } from '../adapters/adapters.module.ts';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { IdempotencyModule } from '../idempotency/idempotency.module.ts';
import { SequenceModule } from '../sequence/sequence.module.ts';
import { BatchIds } from './batch-ids.ts';
import { ErasedRecipients, ErasuresRepository } from './erasures.repository.ts';
import { EventBatchesRepository } from './event-batches.repository.ts';
import { EventCutoffs, EventCutoffsRepository } from './event-cutoffs.repository.ts';
import { EventDetails } from './event-details.ts';
import { EventSearch } from './event-search.ts';
import { EventSizesRepository } from './event-sizes.repository.ts';
import { EventWriter } from './event-writer.ts';
import { EventsRepository } from './events.repository.ts';
import { EventsService } from './events.service.ts';
import { LegacyEventsRepository } from './legacy-events.repository.ts';
import { WebhookHealthChangesRepository } from './webhook-health-changes.repository.ts';

@Module({
  imports: [AdaptersModule, DatabaseModule, IdempotencyModule, SequenceModule, StoredConnectionsModule],
  providers: [
    BatchIds,
    ErasedRecipients,
    ErasuresRepository,
    EventBatchesRepository,
    EventCutoffs,
    EventCutoffsRepository,
    EventDetails,
    EventSearch,
    EventSizesRepository,
    EventsRepository,
    EventsService,
    EventWriter,
    LegacyEventsRepository,
    WebhookHealthChangesRepository,
  ],
  exports: [
    BatchIds,
    ErasedRecipients,
    ErasuresRepository,
    EventBatchesRepository,
    EventCutoffs,
    EventCutoffsRepository,
    EventDetails,
    EventSizesRepository,
    EventsRepository,
    EventsService,
    EventWriter,
    LegacyEventsRepository,
    WebhookHealthChangesRepository,
  ],
})
export class EventsModule {}
