import { ConnectionsModule } from '@score-crm/connections';
import { Module } from '@nestjs/common';
import { SenderDefaultsController } from './sender-defaults.controller.ts';

@Module({ imports: [ConnectionsModule], controllers: [SenderDefaultsController] })
export class SenderDefaultsModule {}
