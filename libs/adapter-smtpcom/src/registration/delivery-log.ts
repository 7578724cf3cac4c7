import { AdapterError, omitUndefined, type RegistrationStatus, scalarOf } from '@score-crm/adapter-kit';
import { itemsIn } from '../api/items.ts';
import type { SmtpcomApi } from '../api/smtpcom-api.ts';
import { PATHS } from '../assumptions.ts';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { vendorTime } from '../webhooks/vendor-time.ts';

const LIMIT = '20';

/**
 * Returns the vendor's report of its latest requests for the channel, including those to other systems. If the log is
 * not available, it returns nothing.
 * @throws AdapterError if the vendor did not respond at all
 */
export async function deliveryLog(
  api: SmtpcomApi,
  settings: SmtpcomSettings,
  signal: AbortSignal | undefined,
): Promise<Pick<RegistrationStatus, 'lastDeliveredAt' | 'lastFailedAt'>> {
  const entries = itemsIn(await read(api, settings, signal)).flatMap((entry) => {
    const time = vendorTime(scalarOf(entry, 'time'));
    return time === undefined ? [] : [{ time, isSuccess: /^2\d\d$/.test(scalarOf(entry, 'code') ?? '') }];
  });
  const latest = (wanted: boolean): string | undefined => {
    const times = entries.filter(({ isSuccess }) => isSuccess === wanted).map(({ time }) => time.getTime());
    return times.length === 0 ? undefined : new Date(Math.max(...times)).toISOString();
  };
  return { ...omitUndefined('lastDeliveredAt', latest(true)), ...omitUndefined('lastFailedAt', latest(false)) };
}

function read(
  api: SmtpcomApi,
  settings: SmtpcomSettings,
  signal: AbortSignal | undefined,
): ReturnType<SmtpcomApi['call']> {
  const query = { channel: settings.channel, limit: LIMIT };
  return api.call(settings, { method: 'GET', path: `${PATHS.callbacks}log`, query, signal }).catch((error: unknown) => {
    if (error instanceof AdapterError && error.details.status !== undefined) return {};
    throw error;
  });
}
