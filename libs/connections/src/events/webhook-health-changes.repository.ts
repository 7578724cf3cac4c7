import { Injectable } from '@nestjs/common';
import { EntitySchema, In, LessThan, LessThanOrEqual } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { columnKinds, type Dialect, NUMBER } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';

/**
 * `inactive`: the webhook is not set up. `waiting`: no authenticated request was received yet. `unhealthy`: events are probably
 * being lost, see the reason.
 */
export const WEBHOOK_HEALTH_STATES = ['inactive', 'waiting', 'healthy', 'unhealthy'] as const;

export type WebhookHealthState = (typeof WEBHOOK_HEALTH_STATES)[number];

/**
 * `unreadable`: the last authenticated request could not be read. `signature_failures`: requests fail authentication, and none
 * passes it. `no_events`: emails were accepted, and no event has arrived for too long.
 */
export const WEBHOOK_HEALTH_REASONS = ['unreadable', 'signature_failures', 'no_events'] as const;

export type WebhookHealthReason = (typeof WEBHOOK_HEALTH_REASONS)[number];

/** A change of the health of a connection's webhook. */
export class WebhookHealthChangeRow {
  id!: string;
  connectionId!: string;
  /** The ID of its event in the feed; null for a change that an earlier version recorded. */
  event!: number | null;
  state!: WebhookHealthState;
  reason!: WebhookHealthReason | null;
  changedAt!: Date;
  /** Null for the first state of a webhook. */
  previousState!: WebhookHealthState | null;
  previousReason!: WebhookHealthReason | null;
  previousSince!: Date | null;
}

export function webhookHealthChangeSchema(dialect: Dialect): EntitySchema<WebhookHealthChangeRow> {
  const { key, long, time } = columnKinds(dialect);
  return new EntitySchema<WebhookHealthChangeRow>({
    name: 'webhook_health_change',
    target: WebhookHealthChangeRow,
    tableName: 'webhook_health_changes',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_webhook_health_changes' },
      connectionId: { name: 'connection_id', ...key, length: 36 },
      event: { ...long, nullable: true, transformer: NUMBER },
      state: { ...key, length: 16 },
      reason: { ...key, length: 32, nullable: true },
      changedAt: { name: 'changed_at', ...time },
      previousState: { name: 'previous_state', ...key, length: 16, nullable: true },
      previousReason: { name: 'previous_reason', ...key, length: 32, nullable: true },
      previousSince: { name: 'previous_since', ...time, nullable: true },
    },
    indices: [
      { name: 'ix_webhook_health_changes_connection', columns: ['connectionId', 'id'] },
      { name: 'uq_webhook_health_changes_event', columns: ['event'], unique: true },
    ],
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

/** How many are kept of each connection at least. */
export const KEPT_HEALTH_CHANGES = 100;

/** The table `webhook_health_changes`. */
@Injectable()
export class WebhookHealthChangesRepository {
  /**
   * Adds a change, and deletes the oldest ones of the connection.
   * @param keptFrom those since then are in the feed, and stay
   */
  async add(tx: Transaction, change: Omit<WebhookHealthChangeRow, 'id'>, keptFrom: Date): Promise<void> {
    await tx.insert(WebhookHealthChangeRow, { id: uuid(), ...change });
    const { connectionId } = change;
    const [last] = await tx.find(WebhookHealthChangeRow, {
      select: { id: true },
      where: { connectionId },
      order: { id: 'DESC' },
      skip: KEPT_HEALTH_CHANGES,
      take: 1,
    });
    if (last === undefined) return;
    const expired = { id: LessThanOrEqual(last.id), changedAt: LessThan(keptFrom) };
    await tx.delete(WebhookHealthChangeRow, { connectionId, ...expired });
  }

  /** Those with these events, in any order. */
  async ofEvents(tx: Transaction, events: readonly number[]): Promise<WebhookHealthChangeRow[]> {
    return events.length === 0 ? [] : tx.findBy(WebhookHealthChangeRow, { event: In(events) });
  }

  /** Newest first. */
  async list(tx: Transaction, connectionId: string, limit: number): Promise<WebhookHealthChangeRow[]> {
    return tx.find(WebhookHealthChangeRow, { where: { connectionId }, order: { id: 'DESC' }, take: limit });
  }
}
