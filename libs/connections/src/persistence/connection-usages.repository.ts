import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { ACTIVE_STATUSES, ConnectionUsageRow } from './schema/connection-usage-row.ts';
import type { Transaction } from './unit-of-work.ts';

/** Names one usage. */
export type UsageKey = Pick<ConnectionUsageRow, 'connectionId' | 'consumer' | 'ref'>;

/** How many campaigns and journeys use a connection. */
export interface UsageCounts {
  readonly total: number;
  /** The ones that are scheduled, running or paused. */
  readonly active: number;
}

interface CountedStatus {
  readonly connectionId: string;
  readonly status: string;
  readonly count: number | string;
}

const NAMES = new Intl.Collator('en', { numeric: true });

@Injectable()
export class ConnectionUsagesRepository {
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

  /** The first active usages, oldest first, and the number of all active usages. */
  async listActive(tx: Transaction, connectionId: string, limit: number): Promise<[ConnectionUsageRow[], number]> {
    return tx.findAndCount(ConnectionUsageRow, {
      where: { connectionId, status: In(ACTIVE_STATUSES) },
      order: { createdAt: 'ASC', ref: 'ASC' },
      take: limit,
    });
  }

  async count(tx: Transaction, connectionId: string): Promise<number> {
    return tx.countBy(ConnectionUsageRow, { connectionId });
  }

  /** For many connections. Connections without usages are absent. */
  async countByConnection(
    tx: Transaction,
    connectionIds: readonly string[],
  ): Promise<ReadonlyMap<string, UsageCounts>> {
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
}
