import type { ConnectionsModuleOptions } from '../connections.module-options.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 365;

/**
 * How long the webhooks of a deleted connection are accepted, in milliseconds: bounces and complaints come late.
 * @throws TypeError
 */
export function deletedConnectionRetentionMs({
  deletedConnectionRetentionDays = DEFAULT_DAYS,
}: Pick<ConnectionsModuleOptions, 'deletedConnectionRetentionDays'>): number {
  if (
    Number.isInteger(deletedConnectionRetentionDays) &&
    deletedConnectionRetentionDays >= 1 &&
    deletedConnectionRetentionDays <= MAX_DAYS
  ) {
    return deletedConnectionRetentionDays * DAY_MS;
  }
  throw new TypeError(`deletedConnectionRetentionDays must be a whole number from 1 to ${String(MAX_DAYS)}.`);
}
