import type { HttpClient } from '@score-crm/adapter-kit';
import { SmtpcomAdapter, SmtpcomSettings } from '@score-crm/adapter-smtpcom';
import { adapterAt } from '../../../test/support/vendor-tests.ts';
import { SANDBOX_CHANNELS, SANDBOX_KEYS } from '../sandbox/index.ts';

/** A webhook token in the generated form. */
export const TOKEN = 'b3VyLW93bi10b2tlbi1mb3ItdGVzdHMtb2Ytc210cGNvbQ';

export function adapterFor(server: { readonly url: string }, http?: HttpClient): SmtpcomAdapter {
  return adapterAt(SmtpcomAdapter, 'smtpcom', server, http);
}

export function settings(overrides: Partial<SmtpcomSettings> = {}): SmtpcomSettings {
  const account = { apiKey: SANDBOX_KEYS.working, channel: SANDBOX_CHANNELS.active, webhookToken: TOKEN };
  return Object.assign(new SmtpcomSettings(), account, overrides);
}
