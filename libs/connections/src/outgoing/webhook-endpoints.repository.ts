import { Injectable } from '@nestjs/common';
import { EntitySchema, In, IsNull, LessThanOrEqual, MoreThan, Not } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import type { EncryptedTable, UnreadableRows } from '../secrets/encrypted-table.ts';
import type { EncryptedSecrets } from '../secrets/secret-cipher.ts';
import type { FeedKind } from '../feed/feed-kinds.ts';

export type EndpointState = 'enabled' | 'disabled';

/**
 * Why an endpoint is disabled. `user`: a user disabled it. `gone`: it responded 410. `failing`: it failed for days.
 */
export type EndpointStateReason = 'user' | 'gone' | 'failing';

/** An endpoint that receives events of an organization. */
export class WebhookEndpointRow {
  id!: string;
  organization!: string;
  url!: string;
  description!: string | null;
  /** The kinds of its events; null for all. */
  kinds!: readonly FeedKind[] | null;
  /** Compact JWE, see `endpoint-secrets.ts`. */
  secrets!: string;
  keyId!: string;
  /** Until when the secret before the current one signs, too; null if it was not rotated. */
  previousSecretUntil!: Date | null;
  state!: EndpointState;
  stateReason!: EndpointStateReason | null;
  stateSince!: Date;
  /** The first failed attempt since the last success; null if the last attempt succeeded. */
  failingSince!: Date | null;
  lastSuccessAt!: Date | null;
  version!: number;
  /** Counted up to lock the row. */
  guard!: number;
  createdAt!: Date;
  updatedAt!: Date;
  /** When its next message is due; null if none is waiting. */
  dueAt!: Date | null;
  /** The lease of the instance that sends to it. */
  leasedBy!: string | null;
  leasedUntil!: Date | null;

  /** The ciphertext is bound to it: it cannot be decrypted as the secrets of a connection. */
  get vendor(): string {
    return 'webhook-endpoint';
  }
}

export function webhookEndpointSchema(dialect: Dialect): EntitySchema<WebhookEndpointRow> {
  const { encrypted, exact, integer, key, text, time } = columnKinds(dialect);
  return new EntitySchema<WebhookEndpointRow>({
    name: 'webhook_endpoint',
    target: WebhookEndpointRow,
    tableName: 'webhook_endpoints',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_webhook_endpoints' },
      organization: { ...key, length: 64 },
      url: { ...exact, length: 2000 },
      description: { ...text, length: 200, nullable: true },
      kinds: { type: 'json', nullable: true },
      secrets: { ...encrypted },
      keyId: { name: 'key_id', ...key, length: 100 },
      previousSecretUntil: { name: 'previous_secret_until', ...time, nullable: true },
      state: { ...key, length: 16 },
      stateReason: { name: 'state_reason', ...key, length: 16, nullable: true },
      stateSince: { name: 'state_since', ...time },
      failingSince: { name: 'failing_since', ...time, nullable: true },
      lastSuccessAt: { name: 'last_success_at', ...time, nullable: true },
      version: { ...integer },
      guard: { ...integer },
      createdAt: { name: 'created_at', ...time },
      updatedAt: { name: 'updated_at', ...time },
      dueAt: { name: 'due_at', ...time, nullable: true },
      leasedBy: { name: 'leased_by', ...key, length: 36, nullable: true },
      leasedUntil: { name: 'leased_until', ...time, nullable: true },
    },
    indices: [
      { name: 'ix_webhook_endpoints_organization', columns: ['organization', 'id'] },
      { name: 'ix_webhook_endpoints_key_id', columns: ['keyId', 'id'] },
      { name: 'ix_webhook_endpoints_due', columns: ['state', 'dueAt'] },
    ],
  });
}

/** A lease of an endpoint. */
export interface EndpointLease {
  readonly endpointId: string;
  readonly leasedBy: string;
}

const SHOWN = 20;

/** The table `webhook_endpoints`. */
@Injectable()
export class WebhookEndpointsRepository implements EncryptedTable<WebhookEndpointRow> {
  async insert(tx: Transaction, row: WebhookEndpointRow): Promise<void> {
    await tx.insert(WebhookEndpointRow, row);
  }

  async find(tx: Transaction, organization: string, id: string): Promise<WebhookEndpointRow | null> {
    return isUuid(id) ? tx.findOneBy(WebhookEndpointRow, { id, organization }) : null;
  }

  /** Oldest first. */
  async list(tx: Transaction, organization: string): Promise<WebhookEndpointRow[]> {
    return tx.find(WebhookEndpointRow, { where: { organization }, order: { id: 'ASC' } });
  }

  async count(tx: Transaction, organization: string): Promise<number> {
    return tx.countBy(WebhookEndpointRow, { organization });
  }

  /** The next enabled endpoints of all organizations, in the order of their ids. */
  async nextEnabled(tx: Transaction, after: string, limit: number): Promise<WebhookEndpointRow[]> {
    return tx.find(WebhookEndpointRow, {
      where: { id: MoreThan(after), state: 'enabled' },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /**
   * Locks the row for the rest of the transaction, then reads it.
   * @param organization by default any
   */
  async lock(tx: Transaction, id: string, organization?: string): Promise<WebhookEndpointRow | null> {
    if (!isUuid(id)) return null;
    const where = { id, ...(organization === undefined ? {} : { organization }) };
    const { affected } = await tx.increment(WebhookEndpointRow, where, 'guard', 1);
    return affected === 0 ? null : tx.findOneBy(WebhookEndpointRow, where);
  }

  /** Changes a row that this transaction has locked. */
  async update(tx: Transaction, id: string, changes: Partial<WebhookEndpointRow>): Promise<void> {
    await tx.update(WebhookEndpointRow, { id }, changes);
  }

  async delete(tx: Transaction, id: string): Promise<void> {
    await tx.delete(WebhookEndpointRow, { id });
  }

  /**
   * Leases the endpoint whose message has been due for the longest time, and which no instance is sending to.
   * @param isFailing whether one that is failing may be leased
   */
  async lease(
    tx: Transaction,
    { by, now, until, isFailing }: { by: string; now: Date; until: Date; isFailing: boolean },
  ): Promise<WebhookEndpointRow | null> {
    const due = {
      state: 'enabled' as const,
      dueAt: LessThanOrEqual(now),
      ...(isFailing ? {} : { failingSince: IsNull() }),
    };
    const [row] = await tx.find(WebhookEndpointRow, {
      select: { id: true },
      where: [
        { ...due, leasedUntil: IsNull() },
        { ...due, leasedUntil: LessThanOrEqual(now) },
      ],
      order: { dueAt: 'ASC' },
      take: 1,
    });
    if (row === undefined) return null;
    const { affected } = await tx
      .createQueryBuilder()
      .update(WebhookEndpointRow)
      .set({ leasedBy: by, leasedUntil: until })
      .where('id = :id AND state = :enabled AND (leasedUntil IS NULL OR leasedUntil <= :now)', {
        id: row.id,
        enabled: 'enabled',
        now,
      })
      .execute();
    return affected === 1 ? tx.findOneBy(WebhookEndpointRow, { id: row.id }) : null;
  }

  /**
   * Locks an endpoint for the rest of the transaction and prolongs its lease.
   * @returns null if the lease was lost, or the endpoint was deleted
   */
  async prolong(
    tx: Transaction,
    { endpointId: id, leasedBy }: EndpointLease,
    until: Date,
  ): Promise<WebhookEndpointRow | null> {
    // Counted up as well: MySQL reports a row without changes as not affected.
    const changes = { leasedUntil: until, guard: () => 'guard + 1' };
    const { affected } = await tx.update(WebhookEndpointRow, { id, leasedBy }, changes);
    return affected === 0 ? null : tx.findOneBy(WebhookEndpointRow, { id });
  }

  /** When the next message of any enabled endpoint is due; null if none is waiting. */
  async nextDue(tx: Transaction): Promise<Date | null> {
    const row = await tx.findOne(WebhookEndpointRow, {
      select: { id: true, dueAt: true },
      where: { state: 'enabled', dueAt: Not(IsNull()) },
      order: { dueAt: 'ASC' },
    });
    return row?.dueAt ?? null;
  }

  async encryptedWithout(tx: Transaction, keyIds: readonly string[]): Promise<UnreadableRows> {
    const [rows, count] = await tx.findAndCount(WebhookEndpointRow, {
      select: { id: true },
      where: { keyId: Not(In(keyIds)) },
      order: { id: 'ASC' },
      take: SHOWN,
    });
    return { count, ids: rows.map(({ id }) => id) };
  }

  async countEncrypted(tx: Transaction): Promise<number> {
    return tx.count(WebhookEndpointRow);
  }

  async nextEncrypted(tx: Transaction, id: string, limit: number): Promise<WebhookEndpointRow[]> {
    return tx.find(WebhookEndpointRow, { where: { id: MoreThan(id) }, order: { id: 'ASC' }, take: limit });
  }

  async nextNotEncryptedWith(tx: Transaction, keyId: string, id: string, limit: number): Promise<WebhookEndpointRow[]> {
    const where = { id: MoreThan(id), keyId: Not(keyId) };
    return tx.find(WebhookEndpointRow, { where, order: { id: 'ASC' }, take: limit });
  }

  async replaceEncrypted(tx: Transaction, row: WebhookEndpointRow, encrypted: EncryptedSecrets): Promise<boolean> {
    const where = { id: row.id, version: row.version, secrets: row.secrets };
    return (await tx.update(WebhookEndpointRow, where, encrypted)).affected === 1;
  }
}
