import { ConnectionsModule } from '@score-crm/connections';
import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.ts';

@Module({ imports: [ConnectionsModule], controllers: [HealthController] })
export class HealthModule {}
