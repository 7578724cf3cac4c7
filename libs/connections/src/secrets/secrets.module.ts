import { Module } from '@nestjs/common';
import { PersistenceModule } from '../persistence/persistence.module.ts';
import { KeyHealthService } from './key-health.service.ts';
import { KeyRotationService } from './key-rotation.service.ts';
import { SecretCipher } from './secret-cipher.ts';

@Module({
  imports: [PersistenceModule],
  providers: [KeyHealthService, KeyRotationService, SecretCipher],
  exports: [KeyHealthService, KeyRotationService, SecretCipher],
})
export class SecretsModule {}
