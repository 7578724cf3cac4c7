import { Injectable } from '@nestjs/common';
import { EntitySchema, LessThanOrEqual } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import type { WebhookHealthReason, WebhookHealthState } from './webhook-health.ts';

/** A change of the health of a connection's webhook. */
export class WebhookHealthChangeRow {
  id!: string;
  connectionId!: string;
  state!: WebhookHealthState;
  reason!: WebhookHealthReason | null;
  changedAt!: Date;
}

export function webhookHealthChangeSchema(dialect: Dialect): EntitySchema<WebhookHealthChangeRow> {
  const { key, time } = columnKinds(dialect);
  return new EntitySchema<WebhookHealthChangeRow>({
    name: 'webhook_health_change',
    target: WebhookHealthChangeRow,
    tableName: 'webhook_health_changes',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_webhook_health_changes' },
      connectionId: { name: 'connection_id', ...key, length: 36 },
      state: { ...key, length: 16 },
      reason: { ...key, length: 32, nullable: true },
      changedAt: { name: 'changed_at', ...time },
    },
    indices: [{ name: 'ix_webhook_health_changes_connection', columns: ['connectionId', 'id'] }],
    foreignKeys: [
      {
        name: 'fk_webhook_health_changes_connection',
        target: 'connections',
        columnNames: ['connectionId'],
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
        onUpdate: 'NO ACTION',
      },
    ],
  });
}

/** How many are kept of each connection. */
export const KEPT_HEALTH_CHANGES = 100;

/** The table `webhook_health_changes`. */
@Injectable()
export class WebhookHealthChangesRepository {
  /** Adds a change, and deletes the oldest ones of the connection. */
  async add(tx: Transaction, change: Omit<WebhookHealthChangeRow, 'id'>): Promise<void> {
    await tx.insert(WebhookHealthChangeRow, { id: uuid(), ...change });
    const { connectionId } = change;
    const [last] = await tx.find(WebhookHealthChangeRow, {
      select: { id: true },
      where: { connectionId },
      order: { id: 'DESC' },
      skip: KEPT_HEALTH_CHANGES,
      take: 1,
    });
    if (last !== undefined) await tx.delete(WebhookHealthChangeRow, { connectionId, id: LessThanOrEqual(last.id) });
  }

  /** Newest first. */
  async list(tx: Transaction, connectionId: string, limit: number): Promise<WebhookHealthChangeRow[]> {
    return tx.find(WebhookHealthChangeRow, { where: { connectionId }, order: { id: 'DESC' }, take: limit });
  }
}
