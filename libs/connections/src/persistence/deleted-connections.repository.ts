import { Injectable } from '@nestjs/common';
import { type EntityTarget, type FindOptionsWhere, IsNull, LessThan, LessThanOrEqual, MoreThan, Not } from 'typeorm';
import { ConnectionRow } from './schema/connection-row.ts';
import { ConnectionTestRow } from './schema/connection-test-row.ts';
import { ConnectionUsageRow } from './schema/connection-usage-row.ts';
import { EventRow } from './schema/event-row.ts';
import { WebhookRequestBodyRow } from './schema/webhook-request-body-row.ts';
import { WebhookRequestRow } from './schema/webhook-request-row.ts';
import type { Transaction } from './unit-of-work.ts';

/** What is kept of a connection in many rows. */
export type Belongings = 'events' | 'webhookRequests' | 'tests' | 'usages';

interface Table {
  readonly target: EntityTarget<{ connectionId: string }>;
  /** By which the rows of one connection are in order. */
  readonly key: string;
  /** How many rows one step deletes: fewer where they are large. */
  readonly step: number;
}

const TABLES: Readonly<Record<Belongings, Table>> = {
  events: { target: EventRow, key: 'id', step: 1_000 },
  webhookRequests: { target: WebhookRequestRow, key: 'id', step: 100 },
  tests: { target: ConnectionTestRow, key: 'id', step: 1_000 },
  usages: { target: ConnectionUsageRow, key: 'ref', step: 1_000 },
};

/** The deleted connections of all organizations, for purging. */
@Injectable()
export class DeletedConnectionsRepository {
  /** The ids of the next connections that were deleted before `deletedBefore` and have no lease. */
  async due(tx: Transaction, deletedBefore: Date, now: Date, afterId: string, limit: number): Promise<string[]> {
    const where = { id: MoreThan(afterId), deletedAt: LessThan(deletedBefore) };
    const rows = await tx.find(ConnectionRow, {
      select: { id: true },
      where: [
        { ...where, leasedUntil: IsNull() },
        { ...where, leasedUntil: LessThanOrEqual(now) },
      ],
      order: { id: 'ASC' },
      take: limit,
    });
    return rows.map(({ id }) => id);
  }

  /** Leases a connection until the given time. Null if another instance has leased it. */
  async hold(tx: Transaction, id: string, now: Date, until: Date): Promise<ConnectionRow | null> {
    const { affected } = await tx
      .createQueryBuilder()
      .update(ConnectionRow)
      .set({ leasedUntil: until })
      .where('id = :id AND deletedAt IS NOT NULL AND (leasedUntil IS NULL OR leasedUntil <= :now)', { id, now })
      .execute();
    return affected === 1 ? tx.findOneBy(ConnectionRow, { id }) : null;
  }

  async release(tx: Transaction, id: string): Promise<void> {
    await tx.update(ConnectionRow, deleted(id), { leasedUntil: null });
  }

  async clearSecrets(tx: Transaction, id: string): Promise<void> {
    await tx.update(ConnectionRow, deleted(id), { secrets: null, secretInfo: {}, keyId: null });
  }

  /** Deletes some rows of a connection, oldest first. */
  async deleteSome(tx: Transaction, id: string, what: Belongings): Promise<{ deleted: number; isLast: boolean }> {
    const { target, key, step } = TABLES[what];
    const connection = { connectionId: id };
    const [end] = await tx.find(target, {
      select: { connectionId: true, [key]: true },
      where: connection,
      order: { [key]: 'ASC' },
      skip: step - 1,
      take: 1,
    });
    const where = end === undefined ? connection : { ...connection, [key]: LessThanOrEqual(valueOf(end, key)) };
    if (what === 'webhookRequests')
      await deleteBodies(tx, id, end === undefined ? undefined : (valueOf(end, key) as string));
    const { affected } = await tx.delete(target, where);
    return { deleted: affected ?? 0, isLast: end === undefined };
  }

  /** @returns false if it was deleted already */
  async delete(tx: Transaction, id: string): Promise<boolean> {
    return (await tx.delete(ConnectionRow, deleted(id))).affected === 1;
  }
}

/** The parts of large bodies, up to those of a request. */
async function deleteBodies(tx: Transaction, connectionId: string, lastRequestId: string | undefined): Promise<void> {
  const upTo = lastRequestId === undefined ? {} : { requestId: LessThanOrEqual(lastRequestId) };
  await tx.delete(WebhookRequestBodyRow, { connectionId, ...upTo });
}

function deleted(id: string): FindOptionsWhere<ConnectionRow> {
  return { id, deletedAt: Not(IsNull()) };
}

function valueOf(row: object, key: string): unknown {
  return (row as Readonly<Record<string, unknown>>)[key];
}
