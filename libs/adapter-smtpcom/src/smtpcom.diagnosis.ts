import {
  AdapterError,
  type ApiDiagnosis,
  configurationError,
  type DiagnosisContext,
  type JsonItem,
  textOf,
} from '@score-crm/adapter-kit';
import { ACTIVE, NOT_THERE, PATHS } from './assumptions.ts';
import { itemsIn, type SmtpcomApi } from './smtpcom.api.ts';
import type { SmtpcomSettings } from './smtpcom.settings.ts';

/** The `data` of the account: `status` and others. */
export type Account = JsonItem;
type Context = DiagnosisContext<SmtpcomSettings, SmtpcomApi>;

/**
 * Reads the account and the channel. Without recipients the sender is not checked, since SMTP.com cannot check a message
 * without sending it.
 */
export const DIAGNOSIS: ApiDiagnosis<SmtpcomSettings, SmtpcomApi, Account> = {
  account: ({ api, settings, signal }) => api.data(settings, { method: 'GET', path: PATHS.account, signal }),
  permissions: async (account, context) => {
    refuseInactive('the account', account, context);
    refuseInactive('the channel', await readChannel(context), context);
    return true;
  },
};

/** A missing status is ignored. */
function refuseInactive(what: string, data: JsonItem, { api, settings }: Context): void {
  const status = textOf(data, 'status');
  if (status === undefined || status.toLowerCase() === ACTIVE) return;
  const hint = `The API key is valid, but ${what} is not active at SMTP.com. Check it there.`;
  throw configurationError('permission_denied', hint, { reply: api.scrubber(settings)(status) });
}

/** Reads the channel: `status`, `quota`, `usage` and others. */
async function readChannel({ api, settings, signal }: Context): Promise<JsonItem> {
  const { channel } = settings;
  try {
    const path = PATHS.channels + encodeURIComponent(channel);
    const found = channelIn(await api.data(settings, { method: 'GET', path, signal }), channel);
    if (found !== undefined) return found;
  } catch (error) {
    if (!(error instanceof AdapterError) || !NOT_THERE.has(error.details.status ?? 0)) throw error;
  }
  const hint = 'SMTP.com has no channel of this name. Enter its exact name, as shown under Channels.';
  throw configurationError('invalid_request', hint, { pointer: '/channel' });
}

/** As documented, a single channel has a status and no name, unlike those of the list. */
function channelIn(data: JsonItem, name: string): JsonItem | undefined {
  return itemsIn(data).find(
    ({ name: actual, status }) => actual === name || (actual === undefined && status !== undefined),
  );
}
