import { ConnectionsModule } from '@score-crm/connections';
import { Module } from '@nestjs/common';
import { EventStatsController } from './event-stats.controller.ts';
import { EventsController } from './events.controller.ts';

@Module({ imports: [ConnectionsModule], controllers: [EventsController, EventStatsController] })
export class EventsModule {}
