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
import { MailgunAdapter, MailgunSettings } from '@score-crm/adapter-mailgun';
import { SANDBOX_DOMAINS, SANDBOX_KEYS } from '@score-crm/adapter-mailgun/sandbox';

/** An adapter whose calls go to this URL. */
export function adapterFor({ url }: { readonly url: string }): MailgunAdapter {
  const http = new HttpClient(new OutboundPolicy({ allowLoopback: true }));
  return new MailgunAdapter(http, new VendorEndpoints({ mailgun: url }));
}

export function settings(overrides: Partial<MailgunSettings> = {}): MailgunSettings {
  const works = { apiKey: SANDBOX_KEYS.working, domain: SANDBOX_DOMAINS.working };
  return Object.assign(new MailgunSettings(), works, overrides);
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

export function webhook(body: Uint8Array | string): WebhookRequest {
  return { headers: {}, query: {}, body: typeof body === 'string' ? Buffer.from(body) : body };
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

/** A form as names and values, files by their names. */
export function entriesOf(form: FormData | undefined): readonly (readonly [string, string])[] {
  return [...(form ?? [])].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]);
}

export type Called = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

/** The API of a sandbox, as another program would call it. */
export function callerOf({ url }: { readonly url: string }, apiKey: string = SANDBOX_KEYS.working) {
  return async (method: string, path: string, body?: URLSearchParams | FormData | string): Promise<Called> => {
    const authorization = `Basic ${Buffer.from(`api:${apiKey}`).toString('base64')}`;
    const response = await fetch(url + path, {
      method,
      headers: { authorization },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, body: isJson ? (JSON.parse(text) as Called['body']) : { text } };
  };
}
