import { Module } from '@nestjs/common';
import { AdaptersModule } from '../adapters/adapters.module.ts';
import { AuditModule } from '../audit/audit.module.ts';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { SecretsModule } from '../secrets/secrets.module.ts';
import { ConnectionTester } from './connection-tester.ts';
import { ConnectionTestsRepository } from './connection-tests.repository.ts';
import { UnsavedTestsRepository } from './unsaved-tests.repository.ts';
import { UnsavedTests } from './unsaved-tests.ts';

/** The results of tests. Apart from `DiagnosisModule`, because connections need it. */
@Module({
  imports: [AdaptersModule, SecretsModule],
  providers: [ConnectionTestsRepository, UnsavedTests, UnsavedTestsRepository],
  exports: [ConnectionTestsRepository, UnsavedTests],
})
export class TestResultsModule {}

@Module({
  imports: [AdaptersModule, AuditModule, DatabaseModule, StoredConnectionsModule, TestResultsModule],
  providers: [ConnectionTester],
  exports: [ConnectionTester],
})
export class DiagnosisModule {}
