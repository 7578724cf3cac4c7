import { HttpClient, OutboundPolicy, VendorEndpoints } from '@score-crm/adapter-kit';
import { SmtpcomAdapter, SmtpcomSettings } from '@score-crm/adapter-smtpcom';
import {
  SANDBOX_CHANNELS,
  SANDBOX_KEYS,
  SmtpcomSandbox,
  type SmtpcomSandboxOptions,
} from '@score-crm/adapter-smtpcom/sandbox';

/** A webhook token as it is made. */
export const TOKEN = 'b3VyLW93bi10b2tlbi1mb3ItdGVzdHMtb2Ytc210cGNvbQ';

/** An adapter whose calls go to this URL. */
export function adapterFor({ url }: { readonly url: string }): SmtpcomAdapter {
  const http = new HttpClient(new OutboundPolicy({ allowLoopback: true }));
  return new SmtpcomAdapter(http, new VendorEndpoints({ smtpcom: url }));
}

export function settings(overrides: Partial<SmtpcomSettings> = {}): SmtpcomSettings {
  const account = { apiKey: SANDBOX_KEYS.working, channel: SANDBOX_CHANNELS.active, webhookToken: TOKEN };
  return Object.assign(new SmtpcomSettings(), account, overrides);
}

/** Runs something with a sandbox of its own, which a test that fails must not leave open. */
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
