import type { Type } from '@nestjs/common';
import {
  type EmailAdapter,
  HttpClient,
  type HttpRequest,
  OutboundPolicy,
  validateInput,
  VendorEndpoints,
  type WebhookRequest,
} from '@score-crm/adapter-kit';
import { httpServer, type LoopbackServer, plainMessage } from '@score-crm/adapter-kit/testing';

type ApiAdapterClass<A> = new (http: HttpClient, endpoints: VendorEndpoints) => A;

/** Creates an adapter whose calls go to a server of this machine. */
export function adapterAt<A>(
  Adapter: ApiAdapterClass<A>,
  vendor: string,
  { url }: { readonly url: string },
  http = new HttpClient(new OutboundPolicy({ allowLoopback: true })),
): A {
  return new Adapter(http, new VendorEndpoints({ [vendor]: url }));
}

/** The URLs to which messages with these settings are sent. */
export async function sendingUrls<S extends object>(
  Adapter: ApiAdapterClass<EmailAdapter<S>>,
  ...settings: readonly S[]
): Promise<readonly string[]> {
  const urls: string[] = [];
  const http = new HttpClient(new OutboundPolicy());
  http.request = ({ url }: HttpRequest) => Promise.reject(new TypeError(String(urls.push(String(url)))));
  const adapter = new Adapter(http, new VendorEndpoints());
  for (const own of settings) await adapter.send(plainMessage(), own).catch(() => undefined);
  return urls;
}

/** What the validation of settings reports, each as its pointer and its code. */
export function settingErrors(settings: Type<object>, input: object): readonly string[] {
  const result = validateInput(settings, input);
  return result.ok ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`);
}

export function recipients(count: number): readonly { readonly email: string }[] {
  return Array.from({ length: count }, (_, index) => ({ email: `r${String(index)}@recipient.example` }));
}

/** Calls the API of a vendor as another program would: with a text or a form as it is, and anything else as JSON. */
export async function callApi(
  url: string,
  method: string,
  body: unknown,
  headers: object,
): Promise<{ readonly status: number; readonly body: any }> {
  const isForm = body instanceof URLSearchParams || body instanceof FormData;
  const response = await fetch(url, {
    method,
    headers: { ...(isForm ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: isForm || typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: /^[{[]/.test(text) ? JSON.parse(text) : text };
}

/** A webhook that keeps the requests it receives and responds with 200, or as configured. */
export class Inbox {
  readonly posts: WebhookRequest[] = [];
  status = 200;
  /** For the next requests, before `status` applies again. */
  readonly nextStatuses: number[] = [];
  private listener: LoopbackServer | undefined;

  static async open(): Promise<Inbox> {
    const inbox = new Inbox();
    inbox.listener = await httpServer((request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        const query = Object.fromEntries(new URL(request.url ?? '', 'http://x').searchParams);
        inbox.posts.push({ headers: request.headers, query, body: Buffer.concat(chunks) });
        response.writeHead(inbox.nextStatuses.shift() ?? inbox.status).end();
      });
    });
    return inbox;
  }

  /** A separate URL for each connection. */
  url(connection = '0198c6f2-7a1b-7c33-9d6e-000000000001'): string {
    return `${this.listener?.url ?? ''}/webhooks/v2/vendor/${connection}`;
  }

  async close(): Promise<void> {
    await this.listener?.close();
  }
}
