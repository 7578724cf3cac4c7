import { Module } from '@nestjs/common';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { PersistenceModule } from '../persistence/persistence.module.ts';
import { UsagesService } from './usages.service.ts';

@Module({
  imports: [PersistenceModule, StoredConnectionsModule],
  providers: [UsagesService],
  exports: [UsagesService],
})
export class UsagesModule {}
