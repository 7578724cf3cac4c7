import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { EventsModule } from '../events/events.module.ts';
import { SequenceModule } from '../sequence/sequence.module.ts';
import { ConsumersService } from './consumers.service.ts';
import { DeadLettersRepository } from './dead-letters.repository.ts';
import { EventConsumersRepository } from './event-consumers.repository.ts';
import { EventConsumers } from './event-consumers.ts';
import { EventFeed } from './event-feed.ts';
import { FeedService } from './feed.service.ts';
import { Subscriptions } from './subscriptions.ts';

@Module({
  imports: [DatabaseModule, DiscoveryModule, EventsModule, SequenceModule, StoredConnectionsModule],
  providers: [
    ConsumersService,
    DeadLettersRepository,
    EventConsumers,
    EventConsumersRepository,
    EventFeed,
    FeedService,
    Subscriptions,
  ],
  exports: [ConsumersService, DeadLettersRepository, EventConsumers, EventConsumersRepository, EventFeed, FeedService],
})
export class FeedModule {}
