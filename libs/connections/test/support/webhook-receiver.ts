import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

export interface ReceivedWebhook {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A system that receives outgoing webhooks. A path without an answer of its own gets 204. */
export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = [];
  readonly answers = new Map<string, (response: ServerResponse, webhook: ReceivedWebhook) => void>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const webhook = { path: request.url ?? '', headers: request.headers, body };
        receiver.received.push(webhook);
        const answer = receiver.answers.get(webhook.path);
        if (answer === undefined) response.writeHead(204).end();
        else answer(response, webhook);
      });
    });
    const receiver = new WebhookReceiver(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  url(path: string): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}${path}`;
  }

  /** What a path has received. */
  at(path: string): ReceivedWebhook[] {
    return this.received.filter((webhook) => webhook.path === path);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

/** The content, if a signature is one of this secret. @throws WebhookVerificationError of the reference implementation */
export function verified(secret: string, { headers, body }: ReceivedWebhook): any {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}
