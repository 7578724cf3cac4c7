import { HttpClient, OutboundPolicy, VendorEndpoints, type WebhookRequest } from '@score-crm/adapter-kit';
import { httpServer, type LoopbackServer } from '@score-crm/adapter-kit/testing';
import { SparkpostAdapter, SparkpostSettings } from '@score-crm/adapter-sparkpost';
import { SANDBOX_KEYS } from '../sandbox/index.ts';

export const WEBHOOK_PASSWORD = 'wOrNgUeSsEd-webhook-password';

/** Creates an adapter whose calls go to this URL. */
export function adapterFor({ url }: { readonly url: string }): SparkpostAdapter {
  const http = new HttpClient(new OutboundPolicy({ allowLoopback: true }));
  return new SparkpostAdapter(http, new VendorEndpoints({ sparkpost: url }));
}

export function settings(overrides: Partial<SparkpostSettings> = {}): SparkpostSettings {
  const own = { apiKey: SANDBOX_KEYS.working, webhookPassword: WEBHOOK_PASSWORD };
  return Object.assign(new SparkpostSettings(), own, overrides);
}

/** A webhook URL that keeps the requests it receives and responds with 200, or as configured. */
export class Inbox {
  readonly posts: WebhookRequest[] = [];
  status = 200;

  private constructor(private listener: LoopbackServer | undefined) {}

  static async open(): Promise<Inbox> {
    const inbox = new Inbox(undefined);
    inbox.listener = await httpServer((request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        inbox.posts.push({ headers: request.headers, query: {}, body: Buffer.concat(chunks) });
        response.writeHead(inbox.status).end();
      });
    });
    return inbox;
  }

  /** A separate URL for each connection. */
  url(connection = '0198c6f2-7a1b-7c33-9d6e-000000000001'): string {
    return `${this.listener?.url ?? ''}/webhooks/v2/sparkpost/${connection}`;
  }

  async close(): Promise<void> {
    await this.listener?.close();
  }
}
