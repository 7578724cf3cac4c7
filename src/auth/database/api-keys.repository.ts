import { columnKinds, type Dialect, type Transaction } from '@score-crm/connections';
import type { Scope } from '@score-crm/connections-http';
import { Injectable } from '@nestjs/common';
import { EntitySchema, In, IsNull, LessThan } from 'typeorm';
import { validate as isUuid } from 'uuid';

export class ApiKeyRow {
  id!: string;
  organization!: string;
  name!: string;
  /** SHA-256 of the key, in hexadecimal. */
  digest!: string;
  scope!: Scope;
  /** The connections that the key is restricted to; null for no restriction. */
  connectionIds!: readonly string[] | null;
  /** The key's last four characters. */
  hint!: string;
  createdBy!: string;
  createdAt!: Date;
  /** Up to a minute old; null for a key that was never used. */
  lastUsedAt!: Date | null;
  /** Null for a key that does not expire. */
  expiresAt!: Date | null;
  revokedAt!: Date | null;
}

export function apiKeySchema(dialect: Dialect): EntitySchema<ApiKeyRow> {
  const { key, text, time } = columnKinds(dialect);
  return new EntitySchema<ApiKeyRow>({
    name: 'api_key',
    target: ApiKeyRow,
    tableName: 'api_keys',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_api_keys' },
      organization: { ...key, length: 64 },
      name: { ...text, length: 200 },
      digest: { ...key, length: 64 },
      scope: { ...key, length: 16 },
      connectionIds: { name: 'connection_ids', type: 'json', nullable: true },
      hint: { ...key, length: 4 },
      createdBy: { name: 'created_by', ...text, length: 200 },
      createdAt: { name: 'created_at', ...time },
      lastUsedAt: { name: 'last_used_at', nullable: true, ...time },
      expiresAt: { name: 'expires_at', nullable: true, ...time },
      revokedAt: { name: 'revoked_at', nullable: true, ...time },
    },
    indices: [
      { name: 'ux_api_keys_digest', columns: ['digest'], unique: true },
      { name: 'ix_api_keys_organization', columns: ['organization', 'id'] },
    ],
  });
}

@Injectable()
export class ApiKeysRepository {
  async insert(tx: Transaction, row: ApiKeyRow): Promise<void> {
    await tx.insert(ApiKeyRow, row);
  }

  /** Includes revoked and expired keys. */
  async findByDigests(tx: Transaction, digests: readonly string[]): Promise<ApiKeyRow[]> {
    return tx.findBy(ApiKeyRow, { digest: In([...digests]) });
  }

  /** The keys with these IDs that are not revoked. They may have expired. */
  async findValid(tx: Transaction, ids: readonly string[]): Promise<ApiKeyRow[]> {
    return ids.length === 0 ? [] : tx.findBy(ApiKeyRow, { id: In([...ids]), revokedAt: IsNull() });
  }

  /** The keys that are not revoked, newest first. They may have expired. */
  async list(tx: Transaction, organization: string): Promise<ApiKeyRow[]> {
    return tx.find(ApiKeyRow, { where: { organization, revokedAt: IsNull() }, order: { id: 'DESC' } });
  }

  /** @returns false if the organization has no active key with this ID. */
  async revoke(tx: Transaction, organization: string, id: string, now: Date): Promise<boolean> {
    if (!isUuid(id)) return false;
    const where = { id, organization, revokedAt: IsNull() };
    return (await tx.update(ApiKeyRow, where, { revokedAt: now })).affected === 1;
  }

  /** Stores when a key was used, unless a use after `since` is stored already. */
  async markUsed(tx: Transaction, id: string, now: Date, since: Date): Promise<void> {
    const where = [
      { id, lastUsedAt: IsNull() },
      { id, lastUsedAt: LessThan(since) },
    ];
    await tx.update(ApiKeyRow, where, { lastUsedAt: now });
  }

  /** Whether any key was ever created, in any organization. */
  async any(tx: Transaction): Promise<boolean> {
    return tx.exists(ApiKeyRow);
  }
}
