import { ConnectionsError } from '../errors/connections.error.ts';
import type { Usage } from './usage.ts';

/** Campaigns or journeys that are scheduled, running or paused use the connection, so it cannot be deleted. */
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
      `The connection is in use by ${String(total)} ${total === 1 ? 'campaign or journey' : 'campaigns and journeys'}. Stop those listed in usages or give them another connection, then try again.`,
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
