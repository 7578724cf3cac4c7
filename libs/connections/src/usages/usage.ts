import {
  ACTIVE_STATUSES,
  type ConnectionUsageRow,
  type UsageConsumer,
  type UsageStatus,
} from '../persistence/schema/connection-usage-row.ts';

/** A campaign or journey that uses a connection. */
export interface Usage {
  readonly consumer: UsageConsumer;
  /** The consumer's own id of it. */
  readonly ref: string;
  readonly name: string;
  readonly status: UsageStatus;
  /** Whether it prevents the deletion of the connection: it is scheduled, running or paused. */
  readonly active: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export function toUsage(row: ConnectionUsageRow): Usage {
  return {
    consumer: row.consumer,
    ref: row.ref,
    name: row.name,
    status: row.status,
    active: ACTIVE_STATUSES.includes(row.status),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
