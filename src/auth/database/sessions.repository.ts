import { columnKinds, type Dialect, type Transaction } from '@score-crm/connections';
import type { Scope } from '@score-crm/connections-http';
import { Injectable } from '@nestjs/common';
import { EntitySchema, In, LessThanOrEqual, MoreThan } from 'typeorm';

export class SessionRow {
  /** SHA-256 of the ID in the cookie, in hexadecimal. */
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

@Injectable()
export class SessionsRepository {
  async insert(tx: Transaction, row: SessionRow): Promise<void> {
    await tx.insert(SessionRow, row);
  }

  /** The sessions that have not expired. */
  async find(tx: Transaction, digests: readonly string[], now: Date): Promise<SessionRow[]> {
    return tx.findBy(SessionRow, { digest: In([...digests]), expiresAt: MoreThan(now) });
  }

  async delete(tx: Transaction, digest: string): Promise<void> {
    await tx.delete(SessionRow, { digest });
  }

  async deleteExpired(tx: Transaction, now: Date): Promise<void> {
    await tx.delete(SessionRow, { expiresAt: LessThanOrEqual(now) });
  }
}
