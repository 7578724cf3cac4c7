import { AdapterError } from '@score-crm/adapter-kit';
import type { JsonObject } from '../api/envelope.ts';
import { itemsIn } from '../api/items.ts';
import type { SmtpcomApi } from '../api/smtpcom-api.ts';
import { NOT_THERE, PATHS } from '../assumptions.ts';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';

/**
 * Reads the channel: `status`, `quota`, `usage` and others.
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

/** As documented, a single channel has a status and no name, unlike those of the list. */
function channelIn(data: JsonObject, name: string): JsonObject | undefined {
  return itemsIn(data).find(
    ({ name: actual, status }) => actual === name || (actual === undefined && status !== undefined),
  );
}

function unknownChannel(): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'invalid_request',
    fault: 'configuration',
    retryable: false,
    hint: 'SMTP.com has no channel of this name. Enter its exact name, as shown under Channels.',
    pointer: '/channel',
  });
}
