import type { ConnectionsModuleOptions } from '../connections.module-options.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 365;

/**
 * How long the webhooks of a retired connection are accepted, in milliseconds: bounces and complaints come late.
 * @throws TypeError
 */
export function retiredWebhookMs({
  retiredWebhookDays = DEFAULT_DAYS,
}: Pick<ConnectionsModuleOptions, 'retiredWebhookDays'>): number {
  if (Number.isInteger(retiredWebhookDays) && retiredWebhookDays >= 1 && retiredWebhookDays <= MAX_DAYS) {
    return retiredWebhookDays * DAY_MS;
  }
  throw new TypeError(`retiredWebhookDays must be a whole number from 1 to ${String(MAX_DAYS)}.`);
}
