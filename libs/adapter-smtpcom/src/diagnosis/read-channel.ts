import { AdapterError } from '@score-crm/adapter-kit';
import type { JsonObject } from '../api/envelope.ts';
import { itemsIn } from '../api/items.ts';
import type { SmtpcomApi } from '../api/smtpcom-api.ts';
import { NOT_THERE, PATHS } from '../assumptions.ts';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';

/**
 * The channel as the vendor shows it: `status`, `quota`, `usage` and others.
 * @throws AdapterError `invalid_request` with the pointer `/channel` if there is none of this name
 */
export async function readChannel(
  api: SmtpcomApi,
  settings: SmtpcomSettings,
  signal: AbortSignal,
): Promise<JsonObject> {
  const { channel } = settings;
  try {
    const path = PATHS.channels + encodeURIComponent(channel);
    const found = channelIn(await api.call(settings, { method: 'GET', path, signal }), channel);
    if (found !== undefined) return found;
  } catch (error) {
    if (!(error instanceof AdapterError) || !NOT_THERE.has(error.details.status ?? 0)) throw error;
  }
  throw unknownChannel();
}

/** As documented, one channel alone has a status and no name, other than those of the list. */
function channelIn(data: JsonObject, name: string): JsonObject | undefined {
  return itemsIn(data).find(({ name: told, status }) => told === name || (told === undefined && status !== undefined));
}

function unknownChannel(): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'invalid_request',
    fault: 'configuration',
    retryable: false,
    hint: 'SMTP.com has no channel of this name. Enter its exact name, as SMTP.com shows it under Channels.',
    pointer: '/channel',
  });
}
