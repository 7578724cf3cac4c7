import { randomUUID } from 'node:crypto';
import {
  jsonAnswer,
  jsonBody,
  type MailStep,
  type SandboxAnswer,
  type SandboxKey,
  type SandboxMail,
  type SandboxRequest,
  type SandboxWebhook,
  type SimulatedEvent,
  type StartSandbox,
  VendorSandboxServer,
  type VendorSandboxOptions,
  type WebhookPost,
} from '@score-crm/adapter-kit/sandbox';
import { type ModelAuthentication, signature, signedToken } from './model-authentications.ts';

const KEY = 'model-key_w0rks/for+everything';
const FAILING = { noSending: 'model-key_may-not-send', unavailable: 'model-key_unavailable' } as const;
const MESSAGES = /^\/v1\/(?:pools\/[^/]+\/)?messages(?:\/batch)?$/;
const MAX_BATCH = 10;

type Mailboxes = readonly { readonly email: string }[];

interface MessageJson {
  readonly from: { readonly email: string };
  readonly to: Mailboxes;
  readonly cc?: Mailboxes;
  readonly bcc?: Mailboxes;
  readonly subject: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface BatchJson extends MessageJson {
  readonly messages: readonly MessageJson[];
}

interface ModelMail extends SandboxMail {
  readonly metadata: MessageJson['metadata'];
}

interface ModelWebhook extends SandboxWebhook {
  readonly secret: string;
}

const KINDS = {
  queued: 'accepted',
  delivered: 'delivered',
  deferred: 'delayed',
  bounced: 'bounced',
  rejected: 'refused',
  opened: 'opened',
  clicked: 'clicked',
  complained: 'complained',
  unsubscribed: 'unsubscribed',
} as const satisfies Record<SimulatedEvent['kind'], string>;

/** @param way how the sandbox authenticates its requests */
export function startModelSandbox(way: ModelAuthentication = signature): StartSandbox {
  return (options = {}) => new ModelSandbox(way, options).start();
}

class ModelSandbox extends VendorSandboxServer<ModelMail, ModelWebhook> {
  readonly vendor = 'model';
  readonly settings = { apiKey: KEY, webhookSecret: 'model-webhook_secret/1' };
  readonly failures = {
    authentication_failed: { apiKey: 'model-key_unheard-of' },
    permission_denied: { apiKey: FAILING.noSending },
    temporarily_unavailable: { apiKey: FAILING.unavailable },
  };
  protected readonly keys: Readonly<Record<string, SandboxKey>> = {
    [KEY]: 'works',
    [FAILING.noSending]: ({ path }) =>
      MESSAGES.test(path) ? jsonAnswer(403, { error: 'This key may not send' }) : undefined,
    [FAILING.unavailable]: jsonAnswer(503, { error: 'Out of order' }),
  };
  protected readonly unknownKey = jsonAnswer(401, { error: 'Unknown key' });

  constructor(
    private readonly way: ModelAuthentication,
    options: VendorSandboxOptions,
  ) {
    super(options);
  }

  addForeignWebhook(url: string): void {
    this.putWebhook({ id: randomUUID(), url, secret: 'another’s' });
  }

  protected keyOf({ headers }: SandboxRequest): string | undefined {
    return /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
  }

  protected respond(request: SandboxRequest): SandboxAnswer | Promise<SandboxAnswer> {
    const { method, path } = request;
    if (path === '/v1/account') return jsonAnswer(200, { name: 'Acme' });
    if (MESSAGES.test(path)) {
      const body = jsonBody(request) as BatchJson;
      return path.endsWith('/batch') ? this.receiveBatch(body) : this.receive(body);
    }
    if (path === '/v1/webhooks' && method === 'GET') return jsonAnswer(200, { webhooks: this.webhooks });
    if (path === '/v1/webhooks' && method === 'POST') return this.save(randomUUID(), request);
    const id = /^\/v1\/webhooks\/([^/]+)$/.exec(path)?.[1] ?? '';
    if (!this.webhooks.some((entry) => entry.id === id)) return jsonAnswer(404, { error: 'Not found' });
    if (method === 'PUT') return this.save(id, request);
    this.removeWebhook(id);
    return { status: 204 };
  }

  protected postsOf({ messageId, metadata }: ModelMail, step: MailStep, now: Date): readonly WebhookPost[] {
    const at = Math.floor(now.getTime() / 1000);
    const events = step.map(({ recipient, event: { kind, ...details } }) => ({
      id: randomUUID(),
      kind: KINDS[kind],
      at,
      message: messageId,
      to: recipient,
      ...details,
      ...(metadata && { metadata }),
    }));
    const bodies = this.way === signedToken ? events.map((event) => ({ event })) : [events];
    return this.webhooks.flatMap((webhook) => bodies.map((body) => this.post(webhook, body)));
  }

  /** Each message has a result of its own. */
  private receiveBatch({ messages }: BatchJson): SandboxAnswer {
    if (messages.length > MAX_BATCH) return jsonAnswer(400, { error: 'Too many messages' });
    const results = messages.map((message): unknown => JSON.parse(this.receive(message).body));
    return jsonAnswer(200, { results });
  }

  private receive({ from, to, cc = [], bcc = [], subject, metadata }: MessageJson) {
    if (!this.mayUse(from.email)) return jsonAnswer(403, { error: 'Unknown sender' });
    const recipients = [...to, ...cc, ...bcc].map(({ email }) => email);
    // Events are compared with it unchanged, case-sensitively.
    const messageId = randomUUID().toUpperCase();
    this.accept({ messageId, from: from.email, recipients, subject, metadata });
    return jsonAnswer(202, { id: messageId });
  }

  private post({ url, secret }: ModelWebhook, json: object): WebhookPost {
    const body = Buffer.from(JSON.stringify(json));
    const credentials = this.way.sign(body, secret);
    return {
      url,
      headers: { 'content-type': 'application/json', ...(credentials.headers as Record<string, string>) },
      body: new Uint8Array(credentials.body ?? body),
    };
  }

  /** A ping must be answered before the webhook exists. */
  private async save(id: string, request: SandboxRequest): Promise<SandboxAnswer> {
    const webhook = { ...(jsonBody(request) as Omit<ModelWebhook, 'id'>), id };
    const ping = await this.feed.post(this.post(webhook, this.way === signedToken ? {} : [])).catch(() => undefined);
    if (ping?.status !== 200) return jsonAnswer(400, { error: 'The address did not answer' });
    this.putWebhook(webhook);
    return jsonAnswer(200, { id });
  }
}
