import { Module } from '@nestjs/common';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { EventsModule } from '../events/events.module.ts';
import { FeedModule } from '../feed/feed.module.ts';
import { SequenceModule } from '../sequence/sequence.module.ts';
import { CountsRebuild } from './counts-rebuild.ts';
import { CountsProjection } from './counts.projection.ts';
import { EventStatsRepository } from './event-stats.repository.ts';
import { StatsRebuildsRepository } from './stats-rebuilds.repository.ts';
import { StatsService } from './stats.service.ts';

@Module({
  imports: [DatabaseModule, EventsModule, FeedModule, SequenceModule, StoredConnectionsModule],
  providers: [CountsProjection, CountsRebuild, EventStatsRepository, StatsRebuildsRepository, StatsService],
  exports: [CountsRebuild, EventStatsRepository, StatsService],
})
export class StatsModule {}
