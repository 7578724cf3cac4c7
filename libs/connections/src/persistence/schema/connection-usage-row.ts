import { EntitySchema } from 'typeorm';
import { columnKinds, type Dialect } from '../dialect.ts';

/** What can use a connection. */
export const USAGE_CONSUMERS = ['campaign', 'journey'] as const;
export type UsageConsumer = (typeof USAGE_CONSUMERS)[number];

/** The state of a campaign or journey. While it is `scheduled`, `running` or `paused`, it needs its connection. */
export const USAGE_STATUSES = [
  'draft',
  'scheduled',
  'running',
  'paused',
  'completed',
  'canceled',
  'failed',
  'stopped',
] as const;
export type UsageStatus = (typeof USAGE_STATUSES)[number];

export const ACTIVE_STATUSES: readonly UsageStatus[] = ['scheduled', 'running', 'paused'];

export const USAGE_NAME_LENGTH = 200;

/** A campaign or journey that sends through a connection. */
export class ConnectionUsageRow {
  connectionId!: string;
  consumer!: UsageConsumer;
  /** The consumer's own id of the campaign or journey. */
  ref!: string;
  name!: string;
  status!: UsageStatus;
  createdAt!: Date;
  updatedAt!: Date;
}

export function connectionUsageSchema(dialect: Dialect): EntitySchema<ConnectionUsageRow> {
  const { key, text, time } = columnKinds(dialect);
  const primary = { primary: true, primaryKeyConstraintName: 'pk_connection_usages' } as const;
  return new EntitySchema<ConnectionUsageRow>({
    name: 'connection_usage',
    target: ConnectionUsageRow,
    tableName: 'connection_usages',
    columns: {
      connectionId: { name: 'connection_id', ...key, length: 36, ...primary },
      consumer: { ...key, length: 16, ...primary },
      ref: { ...key, length: 64, ...primary },
      name: { ...text, length: USAGE_NAME_LENGTH },
      status: { ...key, length: 16 },
      createdAt: { name: 'created_at', ...time },
      updatedAt: { name: 'updated_at', ...time },
    },
    indices: [{ name: 'ix_connection_usages_status', columns: ['connectionId', 'status'] }],
    foreignKeys: [
      {
        name: 'fk_connection_usages_connection',
        target: 'connections',
        columnNames: ['connectionId'],
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
        onUpdate: 'NO ACTION',
      },
    ],
  });
}
