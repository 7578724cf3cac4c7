import { Injectable } from '@nestjs/common';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { SecretCipher, SecretsUnreadableError } from '../secrets/secret-cipher.ts';

export interface KeyRotationReport {
  readonly reencrypted: number;
  /** The number of connections that changed during the run. Run it again. */
  readonly skipped: number;
  /** The ids of connections that no configured key can decrypt. They were not changed. */
  readonly unreadable: readonly string[];
}

const PAGE = 100;

/** Re-encrypts all secrets with the newest key, so that older keys can be removed. */
@Injectable()
export class KeyRotationService {
  constructor(
    private readonly cipher: SecretCipher,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
  ) {}

  async rotate(): Promise<KeyRotationReport> {
    const { keyId } = this.cipher.ring.newest;
    const unreadable: string[] = [];
    let reencrypted = 0;
    let skipped = 0;
    let after = '';
    for (;;) {
      const rows = await this.unitOfWork.read((tx) => this.connections.nextNotEncryptedWith(tx, keyId, after, PAGE));
      for (const row of rows) {
        after = row.id;
        try {
          const encrypted = await this.cipher.encrypt(await this.cipher.decryptRow(row), row);
          const replaced = await this.unitOfWork.write((tx) => this.connections.replaceEncrypted(tx, row, encrypted));
          if (replaced) reencrypted++;
          else skipped++;
        } catch (error) {
          if (!(error instanceof SecretsUnreadableError)) throw error;
          unreadable.push(row.id);
        }
      }
      if (rows.length < PAGE) return { reencrypted, skipped, unreadable };
    }
  }
}
