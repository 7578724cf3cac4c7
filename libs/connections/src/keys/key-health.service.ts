import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import {
  ENDPOINT_SECRETS,
  type EncryptedRow,
  type EncryptedTable,
  type UnreadableRows,
} from '../secrets/encrypted-table.ts';
import { SecretCipher, SecretsUnreadableError } from '../secrets/secret-cipher.ts';

export interface KeyHealth {
  /** The number of connections with encrypted secrets, including deleted ones, and of webhook endpoints. */
  readonly encrypted: number;
  readonly unreadable: UnreadableRows;
}

export interface SecretsReport {
  /** The number of connections and webhook endpoints whose secrets could be decrypted. */
  readonly readable: number;
  /** The ids of the others. */
  readonly unreadable: readonly string[];
}

const PAGE = 100;

/** Reports which connections and webhook endpoints the configured keys cannot decrypt. */
@Injectable()
export class KeyHealthService implements OnApplicationBootstrap {
  private readonly logger = new Logger(KeyHealthService.name);
  private readonly tables: readonly EncryptedTable[];

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: ConnectionsModuleOptions,
    private readonly cipher: SecretCipher,
    private readonly unitOfWork: UnitOfWork,
    connections: ConnectionsRepository,
    @Inject(ENDPOINT_SECRETS) endpoints: EncryptedTable,
  ) {
    this.tables = [connections, endpoints];
  }

  /** Decrypts the secrets of every connection, including deleted ones, and webhook endpoint. Changes nothing. */
  async verify(): Promise<SecretsReport> {
    const unreadable: string[] = [];
    let readable = 0;
    for (const table of this.tables) {
      let rows: readonly EncryptedRow[];
      let after = '';
      do {
        rows = await this.unitOfWork.read((tx) => table.nextEncrypted(tx, after, PAGE));
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
      } while (rows.length === PAGE);
    }
    return { readable, unreadable };
  }

  /**
   * Compares the key of each connection and webhook endpoint with the configured keys, without decrypting anything.
   * @throws DatabaseUnavailableError
   */
  async check(): Promise<KeyHealth> {
    return this.unitOfWork.read(
      async (tx) => {
        let encrypted = 0;
        const unreadable = { count: 0, ids: [] as string[] };
        for (const table of this.tables) {
          encrypted += await table.countEncrypted(tx);
          const { count, ids } = await table.encryptedWithout(tx, this.cipher.ring.keyIds);
          unreadable.count += count;
          unreadable.ids.push(...ids);
        }
        return { encrypted, unreadable };
      },
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
      `ENCRYPTION_KEYS cannot decrypt the secrets of ${String(unreadable.count)} of ${String(encrypted)} connections and webhook endpoints: ${unreadable.ids.join(', ')}${unreadable.count > unreadable.ids.length ? ', …' : ''}. Add the key that encrypted them; nothing is overwritten.`,
    );
  }
}
