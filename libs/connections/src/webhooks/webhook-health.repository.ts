import { Injectable } from '@nestjs/common';
import { EntitySchema, In, IsNull } from 'typeorm';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import type { WebhookHealthReason, WebhookHealthState } from '../events/webhook-health-changes.repository.ts';

/** The health of a connection's webhook as it was last checked. */
export class WebhookHealthRow {
  connectionId!: string;
  state!: WebhookHealthState;
  reason!: WebhookHealthReason | null;
  /** When it changed to this state and reason. */
  since!: Date;
  checkedAt!: Date;
}

export function webhookHealthSchema(dialect: Dialect): EntitySchema<WebhookHealthRow> {
  const { key, time } = columnKinds(dialect);
  return new EntitySchema<WebhookHealthRow>({
    name: 'webhook_health',
    target: WebhookHealthRow,
    tableName: 'webhook_health',
    columns: {
      connectionId: {
        name: 'connection_id',
        ...key,
        length: 36,
        primary: true,
        primaryKeyConstraintName: 'pk_webhook_health',
      },
      state: { ...key, length: 16 },
      reason: { ...key, length: 32, nullable: true },
      since: { ...time },
      checkedAt: { name: 'checked_at', ...time },
    },
    foreignKeys: [
      {
        name: 'fk_webhook_health_connection',
        target: 'connections',
        columnNames: ['connectionId'],
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
        onUpdate: 'NO ACTION',
      },
    ],
  });
}

/** The table `webhook_health`. */
@Injectable()
export class WebhookHealthRepository {
  async find(tx: Transaction, connectionIds: readonly string[]): Promise<WebhookHealthRow[]> {
    return connectionIds.length === 0 ? [] : tx.findBy(WebhookHealthRow, { connectionId: In(connectionIds) });
  }

  /**
   * Replaces the row that was read before. The connection's webhook must be locked.
   * @param before undefined if there was none
   * @returns false if another instance was faster
   */
  async replace(tx: Transaction, before: WebhookHealthRow | undefined, row: WebhookHealthRow): Promise<boolean> {
    const { connectionId, ...changes } = row;
    if (before === undefined) {
      if (await tx.existsBy(WebhookHealthRow, { connectionId })) return false;
      await tx.insert(WebhookHealthRow, row);
      return true;
    }
    const { state, reason, since } = before;
    const where = { connectionId, state, reason: reason ?? IsNull(), since };
    return (await tx.update(WebhookHealthRow, where, changes)).affected === 1;
  }

  async markChecked(tx: Transaction, connectionIds: readonly string[], checkedAt: Date): Promise<void> {
    if (connectionIds.length === 0) return;
    await tx.update(WebhookHealthRow, { connectionId: In(connectionIds) }, { checkedAt });
  }
}
