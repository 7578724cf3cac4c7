import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.ts';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { EventsModule } from '../events/events.module.ts';
import { FeedModule } from '../feed/feed.module.ts';
import { SuppressionProjection } from './suppression.projection.ts';
import { SuppressionsRepository } from './suppressions.repository.ts';
import { SuppressionsService } from './suppressions.service.ts';

@Module({
  imports: [AuditModule, DatabaseModule, EventsModule, FeedModule, StoredConnectionsModule],
  providers: [SuppressionProjection, SuppressionsRepository, SuppressionsService],
  exports: [SuppressionsRepository, SuppressionsService],
})
export class SuppressionModule {}
