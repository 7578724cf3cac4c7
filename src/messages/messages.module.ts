import { ConnectionsModule } from '@score-crm/connections';
import { Module } from '@nestjs/common';
import { MessagesController } from './messages.controller.ts';

@Module({ imports: [ConnectionsModule], controllers: [MessagesController] })
export class MessagesModule {}
