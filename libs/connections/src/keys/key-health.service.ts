import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { ConnectionsRepository, type UnreadableConnections } from '../connections/connections.repository.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import { SecretCipher, SecretsUnreadableError } from '../secrets/secret-cipher.ts';

export interface KeyHealth {
  /** The number of connections with encrypted secrets, including deleted ones. */
  readonly encrypted: number;
  readonly unreadable: UnreadableConnections;
}

export interface SecretsReport {
  /** The number of connections whose secrets could be decrypted. */
  readonly readable: number;
  /** The ids of the other connections. */
  readonly unreadable: readonly string[];
}

const PAGE = 100;

/** Reports which connections the configured keys cannot decrypt. */
@Injectable()
export class KeyHealthService implements OnApplicationBootstrap {
  private readonly logger = new Logger(KeyHealthService.name);

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: ConnectionsModuleOptions,
    private readonly cipher: SecretCipher,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
  ) {}

  /** Decrypts the secrets of every connection, including deleted ones. Changes nothing. */
  async verify(): Promise<SecretsReport> {
    const unreadable: string[] = [];
    let readable = 0;
    let after = '';
    for (;;) {
      const rows = await this.unitOfWork.read((tx) => this.connections.nextEncrypted(tx, after, PAGE));
      for (const row of rows) {
        after = row.id;
        try {
          await this.cipher.decryptRow(row);
          readable++;
        } catch (error) {
          if (!(error instanceof SecretsUnreadableError)) throw error;
          unreadable.push(row.id);
        }
      }
      if (rows.length < PAGE) return { readable, unreadable };
    }
  }

  /**
   * Compares the key of each connection with the configured keys, without decrypting anything.
   * @throws DatabaseUnavailableError
   */
  async check(): Promise<KeyHealth> {
    return this.unitOfWork.read(
      async (tx) => ({
        encrypted: await this.connections.countEncrypted(tx),
        unreadable: await this.connections.encryptedWithout(tx, this.cipher.ring.keyIds),
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
      `ENCRYPTION_KEYS cannot decrypt the secrets of ${String(unreadable.count)} of ${String(encrypted)} connections: ${unreadable.ids.join(', ')}${unreadable.count > unreadable.ids.length ? ', …' : ''}. Add the key that encrypted them; nothing is overwritten.`,
    );
  }
}
