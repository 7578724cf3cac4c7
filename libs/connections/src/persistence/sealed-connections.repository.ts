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

/** The sealed secrets of all organisations, for those who look after the keys. */
@Injectable()
export class SealedConnectionsRepository {
  /** Connections, retired ones too, whose secrets were sealed with none of these keys. */
  async sealedWithout(tx: Transaction, marks: readonly string[]): Promise<UnreadableConnections> {
    const [rows, count] = await tx.findAndCount(ConnectionRow, {
      select: { id: true },
      where: { sealedWith: Not(In(marks)), secrets: Not(IsNull()) },
      order: { id: 'ASC' },
      take: SHOWN,
    });
    return { count, ids: rows.map((row) => row.id) };
  }

  async countSealed(tx: Transaction): Promise<number> {
    return tx.count(ConnectionRow, { where: { secrets: Not(IsNull()) } });
  }

  /** The next rows after `id` that another key than the one marked has sealed. */
  async nextNotSealedWith(tx: Transaction, mark: string, id: string, limit: number): Promise<ConnectionRow[]> {
    return tx.find(ConnectionRow, {
      where: { id: MoreThan(id), sealedWith: Not(mark), secrets: Not(IsNull()) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /** Replaces one sealed text by another, unless somebody changed it meanwhile. */
  async replaceSealed(
    tx: Transaction,
    row: ConnectionRow,
    sealed: { readonly secrets: string; readonly sealedWith: string },
  ): Promise<boolean> {
    const where = { id: row.id, version: row.version, secrets: row.secrets as string };
    return (await tx.update(ConnectionRow, where, sealed)).affected === 1;
  }
}
