import { HttpClient, OutboundPolicy, VendorEndpoints } from '@score-crm/adapter-kit';
import { SmtpcomAdapter, SmtpcomSettings } from '@score-crm/adapter-smtpcom';
import { SANDBOX_CHANNELS, SANDBOX_KEYS, SmtpcomSandbox, type SmtpcomSandboxOptions } from '../sandbox/index.ts';

/** A webhook token in the generated form. */
export const TOKEN = 'b3VyLW93bi10b2tlbi1mb3ItdGVzdHMtb2Ytc210cGNvbQ';

/** Creates an adapter whose calls go to this URL. */
export function adapterFor({ url }: { readonly url: string }): SmtpcomAdapter {
  const http = new HttpClient(new OutboundPolicy({ allowLoopback: true }));
  return new SmtpcomAdapter(http, new VendorEndpoints({ smtpcom: url }));
}

export function settings(overrides: Partial<SmtpcomSettings> = {}): SmtpcomSettings {
  const account = { apiKey: SANDBOX_KEYS.working, channel: SANDBOX_CHANNELS.active, webhookToken: TOKEN };
  return Object.assign(new SmtpcomSettings(), account, overrides);
}

/** Runs a function with a new sandbox, which a failing test must not leave open. */
export async function withSandbox(
  options: SmtpcomSandboxOptions,
  work: (sandbox: SmtpcomSandbox) => Promise<void>,
): Promise<void> {
  const sandbox = await SmtpcomSandbox.start({ paceMs: 1, ...options });
  try {
    await work(sandbox);
  } finally {
    await sandbox.close();
  }
}
