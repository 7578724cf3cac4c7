import type { Usage } from './usage.ts';

/** Campaigns or journeys that are scheduled, running or paused need the connection: it cannot be taken out of use. */
export class ConnectionInUseError extends Error {
  override readonly name = 'ConnectionInUseError';

  /**
   * @param usages the first hundred of them, oldest first
   * @param total how many there are
   */
  constructor(
    readonly usages: readonly Usage[],
    readonly total: number,
  ) {
    super(
      `The connection is in use by ${String(total)} ${total === 1 ? 'campaign or journey' : 'campaigns and journeys'}. Stop what is named under usages, or give it another connection, then try again.`,
    );
  }
}

/** The connection has as many usages as are kept for one. */
export class TooManyUsagesError extends Error {
  override readonly name = 'TooManyUsagesError';

  constructor(readonly limit: number) {
    super(`The connection has ${String(limit)} usages, which is the most. Release those that are over.`);
  }
}
