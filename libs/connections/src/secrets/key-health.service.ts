import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { MODULE_OPTIONS_TOKEN } from '../connections.module-definition.ts';
import type { ConnectionsModuleOptions } from '../connections.module-options.ts';
import {
  EncryptedConnectionsRepository,
  type UnreadableConnections,
} from '../persistence/encrypted-connections.repository.ts';
import { UnitOfWork } from '../persistence/unit-of-work.ts';
import { safeMessage } from '../safe-message.ts';
import { SecretCipher } from './secret-cipher.ts';

export interface KeyHealth {
  /** Connections with encrypted secrets, deleted ones too. */
  readonly encrypted: number;
  readonly unreadable: UnreadableConnections;
}

/** Says which connections the configured keys cannot open, by the keyId of their key: nothing is opened for it. */
@Injectable()
export class KeyHealthService implements OnApplicationBootstrap {
  private readonly logger = new Logger(KeyHealthService.name);

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: ConnectionsModuleOptions,
    private readonly cipher: SecretCipher,
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: EncryptedConnectionsRepository,
  ) {}

  /** @throws DatabaseUnavailableError */
  async check(): Promise<KeyHealth> {
    return this.unitOfWork.read(
      async (tx) => ({
        encrypted: await this.repository.countEncrypted(tx),
        unreadable: await this.repository.encryptedWithout(tx, this.cipher.ring.keyIds),
      }),
      { lane: 'control' },
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    const { schemaReady } = this.options;
    if (schemaReady === undefined) await this.report();
    else void this.reportOnce(schemaReady);
  }

  private async reportOnce(schemaReady: Promise<unknown>): Promise<void> {
    try {
      await schemaReady;
      await this.report();
    } catch (error) {
      this.logger.warn(`The encryption keys could not be checked: ${safeMessage(error)}`);
    }
  }

  private async report(): Promise<void> {
    const { encrypted, unreadable } = await this.check();
    if (unreadable.count === 0) return;
    this.logger.error(
      `ENCRYPTION_KEYS cannot open the secrets of ${String(unreadable.count)} of ${String(encrypted)} connections: ${unreadable.ids.join(', ')}${unreadable.count > unreadable.ids.length ? ', …' : ''}. Add the key that encrypted them; nothing is overwritten.`,
    );
  }
}
