import { type EmailMessage, HttpClient, OutboundPolicy, VendorEndpoints } from '@score-crm/adapter-kit';
import { SmtpcomAdapter, SmtpcomSettings } from '@score-crm/adapter-smtpcom';
import { SANDBOX_CHANNELS, SANDBOX_KEYS } from '../sandbox/index.ts';

/** A webhook token in the generated form. */
export const TOKEN = 'b3VyLW93bi10b2tlbi1mb3ItdGVzdHMtb2Ytc210cGNvbQ';

export function loopbackClient(): HttpClient {
  return new HttpClient(new OutboundPolicy({ allowLoopback: true }));
}

/** Creates an adapter whose calls go to this URL. */
export function adapterFor({ url }: { readonly url: string }, http = loopbackClient()): SmtpcomAdapter {
  return new SmtpcomAdapter(http, new VendorEndpoints({ smtpcom: url }));
}

export function settings(overrides: Partial<SmtpcomSettings> = {}): SmtpcomSettings {
  const account = { apiKey: SANDBOX_KEYS.working, channel: SANDBOX_CHANNELS.active, webhookToken: TOKEN };
  return Object.assign(new SmtpcomSettings(), account, overrides);
}

export function many(count: number): EmailMessage['to'] {
  return Array.from({ length: count }, (_, index) => ({ email: `r${String(index)}@recipient.example` }));
}
