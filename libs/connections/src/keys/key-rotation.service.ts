import { Inject, Injectable } from '@nestjs/common';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { ENDPOINT_SECRETS, type EncryptedRow, type EncryptedTable } from '../secrets/encrypted-table.ts';
import { SecretCipher, SecretsUnreadableError } from '../secrets/secret-cipher.ts';

export interface KeyRotationReport {
  readonly reencrypted: number;
  /** The number of connections and webhook endpoints that changed during the run. Run it again. */
  readonly skipped: number;
  /** The ids of connections and webhook endpoints that no configured key can decrypt. They were not changed. */
  readonly unreadable: readonly string[];
}

const PAGE = 100;

/** Re-encrypts all secrets with the newest key, so that older keys can be removed. */
@Injectable()
export class KeyRotationService {
  private readonly tables: readonly EncryptedTable[];

  constructor(
    private readonly cipher: SecretCipher,
    private readonly unitOfWork: UnitOfWork,
    connections: ConnectionsRepository,
    @Inject(ENDPOINT_SECRETS) endpoints: EncryptedTable,
  ) {
    this.tables = [connections, endpoints];
  }

  async rotate(): Promise<KeyRotationReport> {
    const { keyId } = this.cipher.ring.newest;
    const unreadable: string[] = [];
    let reencrypted = 0;
    let skipped = 0;
    for (const table of this.tables) {
      let rows: readonly EncryptedRow[];
      let after = '';
      do {
        rows = await this.unitOfWork.read((tx) => table.nextNotEncryptedWith(tx, keyId, after, PAGE));
        for (const row of rows) {
          after = row.id;
          try {
            const encrypted = await this.cipher.encrypt(await this.cipher.decryptRow(row), row);
            const replaced = await this.unitOfWork.write((tx) => table.replaceEncrypted(tx, row, encrypted));
            if (replaced) reencrypted++;
            else skipped++;
          } catch (error) {
            if (!(error instanceof SecretsUnreadableError)) throw error;
            unreadable.push(row.id);
          }
        }
      } while (rows.length === PAGE);
    }
    return { reencrypted, skipped, unreadable };
  }
}
