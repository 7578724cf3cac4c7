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
import { SparkpostAdapter, SparkpostSettings } from '@score-crm/adapter-sparkpost';
import { SANDBOX_KEYS } from '@score-crm/adapter-sparkpost/sandbox';

export const WEBHOOK_PASSWORD = 'wOrNgUeSsEd-webhook-password';

/** An adapter whose calls go to this URL. */
export function adapterFor({ url }: { readonly url: string }): SparkpostAdapter {
  const http = new HttpClient(new OutboundPolicy({ allowLoopback: true }));
  return new SparkpostAdapter(http, new VendorEndpoints({ sparkpost: url }));
}

export function settings(overrides: Partial<SparkpostSettings> = {}): SparkpostSettings {
  const own = { apiKey: SANDBOX_KEYS.working, webhookPassword: WEBHOOK_PASSWORD };
  return Object.assign(new SparkpostSettings(), own, overrides);
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

/** A webhook's address that keeps what is posted to it and answers 200, or as it is told. */
export class Inbox {
  readonly posts: WebhookRequest[] = [];
  status = 200;

  private constructor(private listener: Listener | undefined) {}

  static async open(): Promise<Inbox> {
    const inbox = new Inbox(undefined);
    inbox.listener = await listen((request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        inbox.posts.push({ headers: request.headers, query: {}, body: Buffer.concat(chunks) });
        response.writeHead(inbox.status).end();
      });
    });
    return inbox;
  }

  /** An address of its own for each connection. */
  url(connection = '0198c6f2-7a1b-7c33-9d6e-000000000001'): string {
    return `${this.listener?.url ?? ''}/webhooks/v2/sparkpost/${connection}`;
  }

  async close(): Promise<void> {
    await this.listener?.close();
  }
}
