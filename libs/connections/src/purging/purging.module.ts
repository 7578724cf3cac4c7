import { Module } from '@nestjs/common';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { PersistenceModule } from '../persistence/persistence.module.ts';
import { WebhooksModule } from '../webhooks/webhooks.module.ts';
import { PurgeSchedule } from './purge.schedule.ts';
import { PurgeService } from './purge.service.ts';

@Module({
  imports: [PersistenceModule, StoredConnectionsModule, WebhooksModule],
  providers: [PurgeSchedule, PurgeService],
  exports: [PurgeService],
})
export class PurgingModule {}
