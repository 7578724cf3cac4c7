import { Injectable } from '@nestjs/common';
import { In, IsNull, MoreThan, Not } from 'typeorm';
import { ConnectionRow } from './schema/connection-row.ts';
import type { Transaction } from './unit-of-work.ts';

export interface UnreadableConnections {
  readonly count: number;
  /** The first twenty. */
  readonly ids: readonly string[];
}

const SHOWN = 20;

/** The encrypted secrets of all organizations. */
@Injectable()
export class EncryptedConnectionsRepository {
  /** Connections, including deleted ones, whose secrets were encrypted with none of these keys. */
  async encryptedWithout(tx: Transaction, keyIds: readonly string[]): Promise<UnreadableConnections> {
    const [rows, count] = await tx.findAndCount(ConnectionRow, {
      select: { id: true },
      where: { keyId: Not(In(keyIds)), secrets: Not(IsNull()) },
      order: { id: 'ASC' },
      take: SHOWN,
    });
    return { count, ids: rows.map((row) => row.id) };
  }

  async countEncrypted(tx: Transaction): Promise<number> {
    return tx.count(ConnectionRow, { where: { secrets: Not(IsNull()) } });
  }

  /** The next rows after `id` that have secrets. */
  async nextEncrypted(tx: Transaction, id: string, limit: number): Promise<ConnectionRow[]> {
    return tx.find(ConnectionRow, {
      where: { id: MoreThan(id), secrets: Not(IsNull()) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /** The next rows after `id` that were encrypted with another key than this one. */
  async nextNotEncryptedWith(tx: Transaction, keyId: string, id: string, limit: number): Promise<ConnectionRow[]> {
    return tx.find(ConnectionRow, {
      where: { id: MoreThan(id), keyId: Not(keyId), secrets: Not(IsNull()) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /** Replaces the encrypted secrets, unless the row has changed since it was read. */
  async replaceEncrypted(
    tx: Transaction,
    row: ConnectionRow,
    encrypted: { readonly secrets: string; readonly keyId: string },
  ): Promise<boolean> {
    const where = { id: row.id, version: row.version, secrets: row.secrets as string };
    return (await tx.update(ConnectionRow, where, encrypted)).affected === 1;
  }
}
