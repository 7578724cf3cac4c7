import { Module } from '@nestjs/common';
import { StoredConnectionsModule } from '../connections/stored-connections.module.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { SecretsModule } from '../secrets/secrets.module.ts';
import { KeyHealthService } from './key-health.service.ts';
import { KeyRotationService } from './key-rotation.service.ts';
import { ReadinessService } from './readiness.service.ts';

@Module({
  imports: [DatabaseModule, SecretsModule, StoredConnectionsModule],
  providers: [KeyHealthService, KeyRotationService, ReadinessService],
  exports: [KeyHealthService, KeyRotationService, ReadinessService],
})
export class KeysModule {}
