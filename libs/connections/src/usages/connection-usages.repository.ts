import { Injectable } from '@nestjs/common';
import { EntitySchema, In } from 'typeorm';
import type { ConnectionUsages, UsageCounts } from '../connections/ports.ts';
import { deleteNext, type DeletedRows } from '../database/delete-rows.ts';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import type { UsageConsumer, UsageStatus } from '../errors/connections.error.ts';
import { ACTIVE_STATUSES, ConnectionInUseError, toUsage } from './usage.ts';

export const USAGE_NAME_LENGTH = 200;
/** How many usages an error lists. */
const SHOWN_USAGES = 100;

/** A campaign or journey that sends through a connection. */
export class ConnectionUsageRow {
  connectionId!: string;
  consumer!: UsageConsumer;
  /** The consumer's own id of the campaign or journey. */
  ref!: string;
  name!: string;
  status!: UsageStatus;
  createdAt!: Date;
  updatedAt!: Date;
}

export function connectionUsageSchema(dialect: Dialect): EntitySchema<ConnectionUsageRow> {
  const { key, text, time } = columnKinds(dialect);
  const primary = { primary: true, primaryKeyConstraintName: 'pk_connection_usages' } as const;
  return new EntitySchema<ConnectionUsageRow>({
    name: 'connection_usage',
    target: ConnectionUsageRow,
    tableName: 'connection_usages',
    columns: {
      connectionId: { name: 'connection_id', ...key, length: 36, ...primary },
      consumer: { ...key, length: 16, ...primary },
      ref: { ...key, length: 64, ...primary },
      name: { ...text, length: USAGE_NAME_LENGTH },
      status: { ...key, length: 16 },
      createdAt: { name: 'created_at', ...time },
      updatedAt: { name: 'updated_at', ...time },
    },
    indices: [{ name: 'ix_connection_usages_status', columns: ['connectionId', 'status'] }],
    foreignKeys: [
      {
        name: 'fk_connection_usages_connection',
        target: 'connections',
        columnNames: ['connectionId'],
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
        onUpdate: 'NO ACTION',
      },
    ],
  });
}

/** Names one usage. */
export type UsageKey = Pick<ConnectionUsageRow, 'connectionId' | 'consumer' | 'ref'>;

interface CountedStatus {
  readonly connectionId: string;
  readonly status: string;
  readonly count: number | string;
}

const NAMES = new Intl.Collator('en', { numeric: true });

@Injectable()
export class ConnectionUsagesRepository implements ConnectionUsages {
  async find(tx: Transaction, key: UsageKey): Promise<ConnectionUsageRow | null> {
    return tx.findOneBy(ConnectionUsageRow, key);
  }

  /** The active ones first, each part by name. */
  async list(tx: Transaction, connectionId: string): Promise<ConnectionUsageRow[]> {
    const rows = await tx.find(ConnectionUsageRow, { where: { connectionId }, order: { ref: 'ASC' } });
    const rank = ({ status }: ConnectionUsageRow): number => (ACTIVE_STATUSES.some((one) => one === status) ? 0 : 1);
    // By the rules of a language, which SQLite does not have.
    return rows.toSorted((a, b) => rank(a) - rank(b) || NAMES.compare(a.name, b.name));
  }

  async assertUnused(tx: Transaction, connectionId: string): Promise<void> {
    const [rows, total] = await tx.findAndCount(ConnectionUsageRow, {
      where: { connectionId, status: In(ACTIVE_STATUSES) },
      order: { createdAt: 'ASC', ref: 'ASC' },
      take: SHOWN_USAGES,
    });
    if (total > 0) throw new ConnectionInUseError(rows.map(toUsage), total);
  }

  async count(tx: Transaction, connectionId: string): Promise<number> {
    return tx.countBy(ConnectionUsageRow, { connectionId });
  }

  async counts(tx: Transaction, connectionIds: readonly string[]): Promise<ReadonlyMap<string, UsageCounts>> {
    const counts = new Map<string, UsageCounts>();
    if (connectionIds.length === 0) return counts;
    const rows = await tx
      .createQueryBuilder(ConnectionUsageRow, 'u')
      .select('u.connectionId', 'connectionId')
      .addSelect('u.status', 'status')
      .addSelect('COUNT(*)', 'count')
      .where({ connectionId: In(connectionIds) })
      .groupBy('u.connectionId')
      .addGroupBy('u.status')
      .getRawMany<CountedStatus>();
    for (const { connectionId, status, count } of rows) {
      const { total, active } = counts.get(connectionId) ?? { total: 0, active: 0 };
      const isActive = ACTIVE_STATUSES.some((one) => one === status);
      counts.set(connectionId, { total: total + Number(count), active: active + (isActive ? Number(count) : 0) });
    }
    return counts;
  }

  /** Those that need the connection, oldest first. */
  async active(tx: Transaction, connectionId: string): Promise<ConnectionUsageRow[]> {
    const where = { connectionId, status: In(ACTIVE_STATUSES) };
    return tx.find(ConnectionUsageRow, { where, order: { createdAt: 'ASC', ref: 'ASC' } });
  }

  /** Gives those that need a connection to another one, which has none of them. */
  async moveActive(tx: Transaction, connectionId: string, to: string, updatedAt: Date): Promise<void> {
    const where = { connectionId, status: In(ACTIVE_STATUSES) };
    await tx.update(ConnectionUsageRow, where, { connectionId: to, updatedAt });
  }

  async insert(tx: Transaction, row: ConnectionUsageRow): Promise<void> {
    await tx.insert(ConnectionUsageRow, row);
  }

  async save(
    tx: Transaction,
    { connectionId, consumer, ref, name, status, updatedAt }: ConnectionUsageRow,
  ): Promise<void> {
    await tx.update(ConnectionUsageRow, { connectionId, consumer, ref }, { name, status, updatedAt });
  }

  /** @returns whether there was one. */
  async delete(tx: Transaction, key: UsageKey): Promise<boolean> {
    return (await tx.delete(ConnectionUsageRow, key)).affected === 1;
  }
  async deleteSome(tx: Transaction, connectionId: string): Promise<DeletedRows> {
    return deleteNext(tx, ConnectionUsageRow, 'ref', connectionId, 1_000);
  }
}
