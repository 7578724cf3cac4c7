import { randomUUID } from 'node:crypto';
import {
  scenarioOf,
  type SimulatedEvent,
  isVerifiedSender,
  jsonAnswer,
  type SandboxAnswer,
  type SandboxMail,
  type SandboxRequest,
  SandboxServer,
  type StartSandbox,
  type VendorSandbox,
  type VendorSandboxOptions,
  WebhookFeed,
  type WebhookPost,
} from '@score-crm/adapter-kit/sandbox';
import { type ModelAuthentication, signature, signedToken } from './model-authentications.ts';
import type { Entry } from './model-registration.ts';

const KEY = 'model-key_w0rks/for+everything';
const FAILING = { noSending: 'model-key_may-not-send', unavailable: 'model-key_unavailable' } as const;

interface MessageJson {
  readonly from: { readonly email: string };
  readonly to: readonly { readonly email: string }[];
  readonly cc?: readonly { readonly email: string }[];
  readonly bcc?: readonly { readonly email: string }[];
  readonly subject: string;
  readonly metadata?: Readonly<Record<string, string>>;
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

class ModelSandbox extends SandboxServer implements VendorSandbox {
  readonly vendor = 'model';
  readonly settings = { apiKey: KEY, webhookSecret: 'model-webhook_secret/1' };
  readonly failures = {
    authentication_failed: { apiKey: 'model-key_unheard-of' },
    permission_denied: { apiKey: FAILING.noSending },
    temporarily_unavailable: { apiKey: FAILING.unavailable },
  };
  readonly mails: SandboxMail[] = [];
  webhooks: Entry[] = [];
  private readonly feed: WebhookFeed;

  constructor(
    private readonly way: ModelAuthentication,
    private readonly options: VendorSandboxOptions,
  ) {
    super();
    this.feed = new WebhookFeed(options.paceMs);
  }

  start(): Promise<this> {
    return this.listen(this.options.port);
  }

  addForeignWebhook(url: string): void {
    this.webhooks.push({ id: randomUUID(), url, secret: 'another’s' });
  }

  settled(): Promise<void> {
    return this.feed.settled();
  }

  override async close(): Promise<void> {
    await this.feed.close();
    await super.close();
  }

  protected answer(request: SandboxRequest): SandboxAnswer | Promise<SandboxAnswer> {
    const key = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (key === FAILING.unavailable) return jsonAnswer(503, { error: 'Out of order' });
    if (key !== KEY && key !== FAILING.noSending) return jsonAnswer(401, { error: 'Unknown key' });
    const { method, path } = request;
    if (path === '/v1/account') return jsonAnswer(200, { name: 'Acme' });
    if (path === '/v1/messages' || /^\/v1\/pools\/[^/]+\/messages$/.test(path)) {
      return key === KEY ? this.accept(request) : jsonAnswer(403, { error: 'This key may not send' });
    }
    const id = /^\/v1\/webhooks\/([^/]+)$/.exec(path)?.[1];
    if (path === '/v1/webhooks' && method === 'GET') return jsonAnswer(200, this.webhooks);
    if (path === '/v1/webhooks' && method === 'POST') return this.save(randomUUID(), request);
    if (id === undefined || !this.webhooks.some((entry) => entry.id === id))
      return jsonAnswer(404, { error: 'Not found' });
    if (method === 'PUT') return this.save(id, request);
    this.webhooks = this.webhooks.filter((entry) => entry.id !== id);
    return { status: 204 };
  }

  private accept({ body }: SandboxRequest): SandboxAnswer {
    const json = JSON.parse(body.toString()) as MessageJson;
    if (!isVerifiedSender(this.options.verifiedSenders, json.from.email)) {
      return jsonAnswer(403, { error: 'Unknown sender' });
    }
    // Events are compared with it unchanged, case-sensitively.
    const messageId = randomUUID().toUpperCase();
    const recipients = [...json.to, ...(json.cc ?? []), ...(json.bcc ?? [])].map(({ email }) => email);
    this.mails.push({ messageId, from: json.from.email, recipients, subject: json.subject });
    for (const recipient of recipients) {
      this.feed.follow(scenarioOf(recipient).map((step) => () => this.posts(step, messageId, recipient, json)));
    }
    return jsonAnswer(202, { id: messageId });
  }

  private posts(step: SimulatedEvent, message: string, to: string, { metadata }: MessageJson): WebhookPost[] {
    const { kind, ...details } = step;
    const at = Math.floor(Date.now() / 1000);
    const event = { id: randomUUID(), kind: KINDS[kind], at, message, to, ...details, ...(metadata && { metadata }) };
    return this.webhooks.map((entry) => this.post(entry, this.way === signedToken ? { event } : [event]));
  }

  private post({ url, secret }: Entry, json: object): WebhookPost {
    const body = Buffer.from(JSON.stringify(json));
    const credentials = this.way.sign(body, secret);
    return {
      url,
      headers: { 'content-type': 'application/json', ...(credentials.headers as Record<string, string>) },
      body: new Uint8Array(credentials.body ?? body),
    };
  }

  /** A ping must be answered before the webhook exists. */
  private async save(id: string, { body }: SandboxRequest): Promise<SandboxAnswer> {
    const entry = { ...(JSON.parse(body.toString()) as Omit<Entry, 'id'>), id };
    const ping = await this.feed.post(this.post(entry, this.way === signedToken ? {} : [])).catch(() => undefined);
    if (ping?.status !== 200) return jsonAnswer(400, { error: 'The address did not answer' });
    this.webhooks = [...this.webhooks.filter((other) => other.id !== id), entry];
    return jsonAnswer(200, { id });
  }
}
