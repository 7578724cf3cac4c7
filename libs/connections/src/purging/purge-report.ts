import type { Belongings } from '../persistence/deleted-connections.repository.ts';

/** The result of a purge. */
export interface PurgeReport {
  /** The ids of the purged connections. Only their audit entries remain. */
  readonly connections: number;
  /** The number of deleted rows. */
  readonly rows: Readonly<Record<Belongings, number>>;
  /** The ids of connections whose webhook could not be removed at the vendor. The next attempt is a day later. */
  readonly postponed: readonly string[];
  /** The ids of connections whose purge failed. The next attempt is a day later. */
  readonly failed: readonly string[];
}
