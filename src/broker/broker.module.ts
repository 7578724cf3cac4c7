import { ConnectionsModule } from '@score-crm/connections';
import { Module } from '@nestjs/common';
import { EventPublisher } from './event-publisher.ts';

@Module({ imports: [ConnectionsModule], providers: [EventPublisher] })
export class BrokerModule {}
