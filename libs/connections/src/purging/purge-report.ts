import type { Belongings } from '../persistence/deleted-connections.repository.ts';

/** What a purge did. */
export interface PurgeReport {
  /** Connections of which nothing is left but the audit. */
  readonly connections: number;
  /** The rows that went with them. */
  readonly rows: Readonly<Record<Belongings, number>>;
  /** Connections whose webhook could not be removed at the vendor. They are tried again a day later. */
  readonly postponed: readonly string[];
  /** Connections whose purge broke off in the middle. They are tried again a day later. */
  readonly failed: readonly string[];
}
