import { EntitySchema } from 'typeorm';
import { columnKinds, type Dialect } from '../dialect.ts';

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
