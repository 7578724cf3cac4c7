import { Module } from '@nestjs/common';
import { SecretCipher } from './secret-cipher.ts';

@Module({ providers: [SecretCipher], exports: [SecretCipher] })
export class SecretsModule {}
