import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AdapterError,
  type AdapterErrorDetails,
  type EmailMessage,
  HttpClient,
  OutboundPolicy,
  type Probe,
  VendorEndpoints,
  type WebhookHead,
  type WebhookRequest,
} from '@score-crm/adapter-kit';
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

export function message(overrides: Partial<EmailMessage> = {}): EmailMessage {
  return {
    from: { email: 'no-reply@sender.example', name: 'Acme' },
    to: [{ email: 'ada@recipient.example' }],
    subject: 'Welcome',
    text: 'Hello Ada',
    ...overrides,
  };
}

export function probe(overrides: Partial<Probe> = {}): Probe {
  return { subject: '[TEST] Hello', text: 'A test.', from: { email: 'no-reply@sender.example' }, ...overrides };
}

export function webhook(
  body: Uint8Array | string,
  { query = {}, headers = {} }: Partial<WebhookHead> = {},
): WebhookRequest {
  return { headers, query, body: typeof body === 'string' ? Buffer.from(body) : body };
}

/** The AdapterError that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<AdapterError> {
  const outcome: unknown = await promise.then(
    () => new Error('It did not fail.'),
    (error: unknown) => error,
  );
  if (outcome instanceof AdapterError) return outcome;
  throw outcome;
}

export async function failureOf(promise: Promise<unknown>): Promise<AdapterErrorDetails> {
  return (await errorOf(promise)).details;
}

export interface Listener {
  readonly url: string;
  close(): Promise<void>;
}

/** A server on loopback that answers as it is told. */
export async function listen(listener: RequestListener): Promise<Listener> {
  const server = createServer(listener);
  // A test that fails before it closes the server must not keep the run from ending.
  server.unref().on('connection', (socket) => socket.unref());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
