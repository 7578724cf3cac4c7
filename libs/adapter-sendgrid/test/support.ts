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
  type WebhookRequest,
} from '@score-crm/adapter-kit';
import { SendgridAdapter, SendgridSettings } from '@score-crm/adapter-sendgrid';
import { SANDBOX_KEYS } from '@score-crm/adapter-sendgrid/sandbox';

/** An adapter whose calls go to this URL. */
export function adapterFor({ url }: { readonly url: string }): SendgridAdapter {
  const http = new HttpClient(new OutboundPolicy({ allowLoopback: true }));
  return new SendgridAdapter(http, new VendorEndpoints({ sendgrid: url }));
}

export function settings(overrides: Partial<SendgridSettings> = {}): SendgridSettings {
  return Object.assign(new SendgridSettings(), { apiKey: SANDBOX_KEYS.working, ...overrides });
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
  headers: Readonly<Record<string, string | readonly string[] | undefined>> = {},
): WebhookRequest {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    headers: Object.fromEntries(lower) as WebhookRequest['headers'],
    query: {},
    body: typeof body === 'string' ? Buffer.from(body) : body,
  };
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

type Entry = Readonly<Record<string, unknown>>;

/** The settings of a sandbox's event webhooks, as another program would change them. */
export function settingsApi({ url }: { readonly url: string }): {
  list(): Promise<readonly Entry[]>;
  create(settings: object): Promise<string>;
  update(id: string, settings: object): Promise<void>;
  sign(id: string, enabled: boolean): Promise<unknown>;
} {
  const call = async (method: string, path: string, body?: object): Promise<Entry> => {
    const response = await fetch(`${url}/v3/user/webhooks/event/settings${path}`, {
      method,
      headers: { authorization: `Bearer ${SANDBOX_KEYS.working}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${await response.text()}`);
    return (await response.json()) as Entry;
  };
  return {
    list: async () => (await call('GET', '/all'))['webhooks'] as readonly Entry[],
    create: async (settings) => String((await call('POST', '', settings))['id']),
    update: async (id, settings) => void (await call('PATCH', `/${id}`, settings)),
    sign: async (id, enabled) => (await call('PATCH', `/signed/${id}`, { enabled }))['public_key'],
  };
}
