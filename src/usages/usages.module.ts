import { ConnectionsModule } from '@score-crm/connections';
import { Module } from '@nestjs/common';
import { UsagesController } from './usages.controller.ts';

@Module({ imports: [ConnectionsModule], controllers: [UsagesController] })
export class UsagesModule {}
