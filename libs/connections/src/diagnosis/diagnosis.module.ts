import { Module } from '@nestjs/common';
import { AdaptersModule } from '../adapters/adapters.module.ts';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { PersistenceModule } from '../persistence/persistence.module.ts';
import { ConnectionTester } from './connection-tester.ts';

@Module({
  imports: [AdaptersModule, PersistenceModule, StoredConnectionsModule],
  providers: [ConnectionTester],
  exports: [ConnectionTester],
})
export class DiagnosisModule {}
