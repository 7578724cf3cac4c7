import { columnKinds, type Dialect } from '@score-crm/connections';
import { EntitySchema } from 'typeorm';
import type { Scope } from '../scope.ts';

export class SessionRow {
  /** SHA-256 of the id in the cookie, in hexadecimal. */
  digest!: string;
  organization!: string;
  actor!: string;
  scope!: Scope;
  /** The API key that created the session; the session ends with it. Null for a JWT. */
  apiKeyId!: string | null;
  createdAt!: Date;
  expiresAt!: Date;
}

export function sessionSchema(dialect: Dialect): EntitySchema<SessionRow> {
  const { key, text, time } = columnKinds(dialect);
  return new EntitySchema<SessionRow>({
    name: 'session',
    target: SessionRow,
    tableName: 'sessions',
    columns: {
      digest: { ...key, length: 64, primary: true, primaryKeyConstraintName: 'pk_sessions' },
      organization: { ...key, length: 64 },
      actor: { ...text, length: 200 },
      scope: { ...key, length: 16 },
      apiKeyId: { name: 'api_key_id', nullable: true, ...key, length: 36 },
      createdAt: { name: 'created_at', ...time },
      expiresAt: { name: 'expires_at', ...time },
    },
    indices: [{ name: 'ix_sessions_expires_at', columns: ['expiresAt'] }],
  });
}
