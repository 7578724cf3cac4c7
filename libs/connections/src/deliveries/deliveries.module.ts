import { Module } from '@nestjs/common';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { EventsModule } from '../events/events.module.ts';
import { DeliveriesService } from './deliveries.service.ts';

@Module({
  imports: [DatabaseModule, EventsModule, StoredConnectionsModule],
  providers: [DeliveriesService],
  exports: [DeliveriesService],
})
export class DeliveriesModule {}
