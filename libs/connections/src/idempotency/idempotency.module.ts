import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.ts';

@Module({
  imports: [DatabaseModule],
  providers: [IdempotencyKeys, IdempotencyKeysRepository],
  exports: [IdempotencyKeys, IdempotencyKeysRepository],
})
export class IdempotencyModule {}
