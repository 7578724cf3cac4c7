import { ConnectionsError, type UsageConsumer, type UsageStatus } from '../errors/connections.error.ts';

/** While a campaign or journey has one of these, it needs its connection. */
export const ACTIVE_STATUSES: readonly UsageStatus[] = ['scheduled', 'running', 'paused'];

/** A campaign or journey that uses a connection. */
export interface Usage {
  readonly consumer: UsageConsumer;
  /** The consumer's own id of it. */
  readonly ref: string;
  readonly name: string;
  readonly status: UsageStatus;
  /** Whether it needs the connection, which can then be neither deleted nor disabled: it is scheduled, running or paused. */
  readonly active: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export function toUsage(row: Omit<Usage, 'active'>): Usage {
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

/** Campaigns or journeys that are scheduled, running or paused use the connection, so it can be neither deleted nor disabled. */
export class ConnectionInUseError extends ConnectionsError {
  readonly code = 'connection_in_use';

  /**
   * @param usages the first hundred of them, oldest first
   * @param total how many there are
   */
  constructor(
    override readonly usages: readonly Usage[],
    readonly total: number,
  ) {
    super(
      `The connection is in use by ${String(total)} ${total === 1 ? 'campaign or journey' : 'campaigns and journeys'}. Move them to another connection or stop those listed in usages, then try again.`,
    );
  }
}

/** The connection has the maximum number of usages. */
export class TooManyUsagesError extends ConnectionsError {
  readonly code = 'too_many_usages';

  constructor(readonly limit: number) {
    super(`The connection already has ${String(limit)} usages, which is the maximum. Release those that have ended.`);
  }
}
