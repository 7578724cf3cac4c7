import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { type DeletedRange, deleteRange, type KeyRange } from '../database/delete-rows.ts';
import { columnKinds, type Dialect } from '../database/dialect.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import type { Caller } from './caller.ts';

export class AuditRow {
  id!: string;
  organization!: string;
  /** The actor, for example `api-key:018f…`. */
  actor!: string;
  /** For example `connection.update`. */
  action!: string;
  /** The id of the resource. */
  subject!: string;
  /** The names of the fields that changed, never their values. */
  fields!: string[];
  happenedAt!: Date;
}

export function auditSchema(dialect: Dialect): EntitySchema<AuditRow> {
  const { key, text, time } = columnKinds(dialect);
  return new EntitySchema<AuditRow>({
    name: 'audit_entry',
    target: AuditRow,
    tableName: 'audit_entries',
    columns: {
      id: { ...key, length: 36, primary: true, primaryKeyConstraintName: 'pk_audit_entries' },
      organization: { ...key, length: 64 },
      actor: { ...text, length: 200 },
      action: { ...key, length: 64 },
      subject: { ...key, length: 36 },
      fields: { type: 'json' },
      happenedAt: { name: 'happened_at', ...time },
    },
    indices: [{ name: 'ix_audit_entries_organization', columns: ['organization', 'id'] }],
  });
}

export type AuditAction =
  | 'connection.create'
  | 'connection.update'
  | 'connection.delete'
  | 'connection.purge'
  | 'connection.test'
  | 'webhook.register'
  | 'webhook.unregister'
  | 'delivery.reprocess'
  | 'delivery.reprocess_cancel'
  | 'delivery.reprocess_resume'
  | 'connection.claim'
  | 'connection.release'
  | 'api_key.create'
  | 'api_key.revoke'
  | 'recipient.erase';

const DELETED_PER_STEP = 1_000;

/** Records the actor, the action and the names of changed fields, never their values, in the transaction of the action. */
@Injectable()
export class AuditRepository {
  async record(
    tx: Transaction,
    caller: Caller,
    action: AuditAction,
    subject: string,
    fields: readonly string[] = [],
  ): Promise<void> {
    const { organization, actor } = caller;
    await tx.insert(AuditRow, {
      id: uuid(),
      organization,
      actor,
      action,
      subject,
      fields: [...fields],
      happenedAt: new Date(),
    });
  }

  /** Deletes the next entries of a range of ids, which begin with their time. */
  async deleteRange(tx: Transaction, ids: KeyRange<string>): Promise<DeletedRange<string>> {
    return deleteRange(tx, AuditRow, 'id', ids, DELETED_PER_STEP);
  }
}
