import { Injectable } from '@nestjs/common';
import { IsNull, LessThanOrEqual } from 'typeorm';
import { ConnectionRow, type LastTest } from './schema/connection-row.ts';
import { ConnectionTestRow } from './schema/connection-test-row.ts';
import type { Transaction } from './unit-of-work.ts';

/** How many tests of one connection are kept. */
export const KEPT_TESTS = 50;

@Injectable()
export class ConnectionTestsRepository {
  /**
   * Stores a test and deletes the oldest. The connection shows it as its last test only if it still has the version that was
   * tested. False if the connection was deleted in the meantime.
   */
  async add(tx: Transaction, row: ConnectionTestRow, lastTest: LastTest, version: number): Promise<boolean> {
    const where = { id: row.connectionId, deletedAt: IsNull() };
    if (!(await tx.existsBy(ConnectionRow, where))) return false;
    await tx.update(ConnectionRow, { ...where, version }, { lastTest });
    await tx.insert(ConnectionTestRow, row);
    const [oldest] = await tx.find(ConnectionTestRow, {
      select: { id: true },
      where: { connectionId: row.connectionId },
      order: { id: 'DESC' },
      skip: KEPT_TESTS,
      take: 1,
    });
    if (oldest !== undefined) {
      await tx.delete(ConnectionTestRow, { connectionId: row.connectionId, id: LessThanOrEqual(oldest.id) });
    }
    return true;
  }

  /** Newest first. */
  async list(tx: Transaction, connectionId: string): Promise<ConnectionTestRow[]> {
    return tx.find(ConnectionTestRow, { where: { connectionId }, order: { id: 'DESC' } });
  }
}
