import { Injectable } from '@nestjs/common';
import { EntitySchema, In } from 'typeorm';
import { columnKinds, type Dialect, NUMBER } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import type { UnauthenticatedReason } from './webhook.errors.ts';

/** The status of a connection's webhook, in its own table because a connection does not change when a vendor posts. */
export class ConnectionWebhookRow {
  connectionId!: string;
  /** When an authenticated request was last accepted, and when one with events. */
  lastReceivedAt!: Date | null;
  lastEventAt!: Date | null;
  /** When an authenticated request was rejected, because it could not be read. */
  lastRejectedAt!: Date | null;
  /** When a request was refused, because it was not authenticated, and why. */
  lastUnauthenticatedAt!: Date | null;
  unauthenticatedReason!: UnauthenticatedReason | null;
  /** How many requests were refused in all. */
  unauthenticatedCount!: number;
  /** The vendor's id of the entry that this service registered; null if there is none. */
  vendorId!: string | null;
  registeredAt!: Date | null;
  /** When this service last removed the webhook at the vendor. */
  removedAt!: Date | null;
  /** Set before the vendor's API is called to register a webhook; null after all webhooks were removed. */
  attemptedAt!: Date | null;
  /** The lease of a registration or removal: two at the same time would leave two webhooks at the vendor. */
  leasedUntil!: Date | null;
}

export function connectionWebhookSchema(dialect: Dialect): EntitySchema<ConnectionWebhookRow> {
  const { exact, key, long, time } = columnKinds(dialect);
  return new EntitySchema<ConnectionWebhookRow>({
    name: 'connection_webhook',
    target: ConnectionWebhookRow,
    tableName: 'connection_webhooks',
    columns: {
      connectionId: {
        name: 'connection_id',
        ...key,
        length: 36,
        primary: true,
        primaryKeyConstraintName: 'pk_connection_webhooks',
      },
      lastReceivedAt: { name: 'last_received_at', ...time, nullable: true },
      lastEventAt: { name: 'last_event_at', ...time, nullable: true },
      lastRejectedAt: { name: 'last_rejected_at', ...time, nullable: true },
      lastUnauthenticatedAt: { name: 'last_unauthenticated_at', ...time, nullable: true },
      unauthenticatedReason: { name: 'unauthenticated_reason', ...key, length: 16, nullable: true },
      unauthenticatedCount: { name: 'unauthenticated_count', ...long, default: 0, transformer: NUMBER },
      vendorId: { name: 'vendor_id', ...exact, length: 255, nullable: true },
      registeredAt: { name: 'registered_at', ...time, nullable: true },
      removedAt: { name: 'removed_at', ...time, nullable: true },
      attemptedAt: { name: 'attempted_at', ...time, nullable: true },
      leasedUntil: { name: 'leased_until', ...time, nullable: true },
    },
    foreignKeys: [
      {
        name: 'fk_connection_webhooks_connection',
        target: 'connections',
        columnNames: ['connectionId'],
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
        onUpdate: 'NO ACTION',
      },
    ],
  });
}

type Changes = Partial<Omit<ConnectionWebhookRow, 'connectionId'>>;

@Injectable()
export class ConnectionWebhooksRepository {
  async find(tx: Transaction, connectionIds: readonly string[]): Promise<ConnectionWebhookRow[]> {
    return connectionIds.length === 0 ? [] : tx.findBy(ConnectionWebhookRow, { connectionId: In(connectionIds) });
  }

  /** Creates or updates the row. Omitted columns keep their values. */
  async save(tx: Transaction, connectionId: string, changes: Changes): Promise<void> {
    await tx.upsert(ConnectionWebhookRow, { connectionId, ...changes }, ['connectionId']);
  }

  /** Locks the row until the end of the transaction. */
  async countUnauthenticated(tx: Transaction, connectionId: string, count: number): Promise<void> {
    await this.save(tx, connectionId, {});
    await tx.increment(ConnectionWebhookRow, { connectionId }, 'unauthenticatedCount', count);
  }

  /** @returns false if another process has leased it */
  async lease(tx: Transaction, connectionId: string, now: Date, until: Date): Promise<boolean> {
    await this.save(tx, connectionId, {});
    const { affected } = await tx
      .createQueryBuilder()
      .update(ConnectionWebhookRow)
      .set({ leasedUntil: until })
      .where('connectionId = :connectionId AND (leasedUntil IS NULL OR leasedUntil <= :now)', { connectionId, now })
      .execute();
    return affected === 1;
  }
}
