import { columnKinds, type Dialect } from '@score-crm/connections';
import { EntitySchema } from 'typeorm';
import type { Scope } from '../scope.ts';

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
