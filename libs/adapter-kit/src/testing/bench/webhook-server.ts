import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ParsedEvent } from '../../events/email-event.ts';
import type { WebhookReceiver, WebhookRequest, WebhookVerdict } from '../../webhooks/webhook-receiver.ts';

/** One request and its result. */
export interface Received {
  readonly verdict: WebhookVerdict;
  readonly events: readonly ParsedEvent[];
}

/** The webhook of a connection, with the application's responses. */
export interface WebhookServer {
  /** Its URL, without a query. */
  readonly url: string;
  readonly received: readonly Received[];
  /** The settings used for authentication. */
  settings: object;
  close(): Promise<void>;
}

export async function webhookServer(receiver: WebhookReceiver, settings: object): Promise<WebhookServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const answer = async (): Promise<number> => {
      if (request.method === 'GET' || request.method === 'HEAD') return 200;
      const post = await read(request);
      const byHead = receiver.authenticateHead(post, hook.settings);
      const isRead = byHead === 'verified' || byHead === 'needs_body';
      const verdict = isRead ? receiver.authenticate(post, hook.settings) : byHead;
      const events = verdict === 'verified' ? receiver.parse(stored(receiver, post)) : [];
      received.push({ verdict, events });
      return verdict === 'verified' ? 200 : 401;
    };
    answer().then(
      (status) => response.writeHead(status).end(),
      () => response.writeHead(400).end(),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const hook: WebhookServer = {
    url: `http://127.0.0.1:${String(port)}/webhooks/v2/vendor/0198c0de-1234-7abc-8def-0123456789ab`,
    received,
    settings,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return hook;
}

async function read(request: IncomingMessage): Promise<WebhookRequest> {
  const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const query = Object.fromEntries(
    [...searchParams.keys()].map((name) => {
      const values = searchParams.getAll(name);
      return [name, values.length > 1 ? values : values[0]];
    }),
  );
  const headers = Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values = []]) => [
      name,
      values.length > 1 ? values : values[0],
    ]),
  );
  return { headers, query, body: Buffer.concat((await request.toArray()) as Buffer[]) };
}

/** The stored part of a request, which is all that is ever parsed. */
function stored({ parameters = [] }: WebhookReceiver, { headers, query, body }: WebhookRequest): WebhookRequest {
  return {
    headers: { 'content-type': headers['content-type'] },
    query: Object.fromEntries(parameters.flatMap((name) => (name in query ? [[name, query[name]]] : []))),
    body,
  };
}
