import type { Diagnosis } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { EntitySchema, LessThanOrEqual } from 'typeorm';
import {
  type DeletedRange,
  deleteNext,
  type DeletedRows,
  deleteRange,
  type KeyRange,
} from '../database/delete-rows.ts';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';

export class ConnectionTestRow {
  id!: string;
  connectionId!: string;
  actor!: string;
  testedAt!: Date;
  diagnosis!: Diagnosis;
}

export function connectionTestSchema(dialect: Dialect): EntitySchema<ConnectionTestRow> {
  const { key, text, time } = columnKinds(dialect);
  return new EntitySchema<ConnectionTestRow>({
    name: 'connection_test',
    target: ConnectionTestRow,
    tableName: 'connection_tests',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_connection_tests' },
      connectionId: { name: 'connection_id', ...key, length: 36 },
      actor: { ...text, length: 200 },
      testedAt: { name: 'tested_at', ...time },
      diagnosis: { type: 'json' },
    },
    indices: [{ name: 'ix_connection_tests_connection', columns: ['connectionId', 'id'] }],
    foreignKeys: [
      {
        name: 'fk_connection_tests_connection',
        target: 'connections',
        columnNames: ['connectionId'],
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
        onUpdate: 'NO ACTION',
      },
    ],
  });
}

/** How many tests of one connection are kept. */
const KEPT_TESTS = 50;
const DELETED_PER_STEP = 1_000;

@Injectable()
export class ConnectionTestsRepository {
  /** Stores a test and deletes the oldest. */
  async add(tx: Transaction, row: ConnectionTestRow): Promise<void> {
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
  }

  /**
   * Changes the texts of all tests of a connection: they name the recipients of test messages.
   * @returns how many tests have changed
   */
  async redact(tx: Transaction, connectionId: string, redact: (text: string) => string): Promise<number> {
    let changed = 0;
    for (const { id, diagnosis } of await tx.findBy(ConnectionTestRow, { connectionId })) {
      const text = JSON.stringify(diagnosis);
      const redacted = redact(text);
      if (redacted === text) continue;
      await tx.update(ConnectionTestRow, { id }, { diagnosis: JSON.parse(redacted) as Diagnosis });
      changed++;
    }
    return changed;
  }

  async deleteSome(tx: Transaction, connectionId: string): Promise<DeletedRows> {
    return deleteNext(tx, ConnectionTestRow, 'id', connectionId, DELETED_PER_STEP);
  }

  /** Deletes the next tests of a range of ids, which begin with their time. */
  async deleteRange(tx: Transaction, ids: KeyRange<string>): Promise<DeletedRange<string>> {
    return deleteRange(tx, ConnectionTestRow, 'id', ids, DELETED_PER_STEP);
  }

  /** Newest first. */
  async list(tx: Transaction, connectionId: string): Promise<ConnectionTestRow[]> {
    return tx.find(ConnectionTestRow, { where: { connectionId }, order: { id: 'DESC' } });
  }
}
