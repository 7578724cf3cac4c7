import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { vendorBody, WebhookSigner } from '../../libs/adapter-sendgrid/sandbox/index.ts';
import { SERVICE, TestProcess } from './process.ts';
import { vendorEvent } from './sendgrid-webhook.ts';

const CLIENTS = 8;

/** The service, and clients that repeat each batch until it is acknowledged, as vendors do. */
export class WebhookLoad {
  readonly acknowledged = new Set<string>();
  private signer = new WebhookSigner();
  /** Of the service. */
  readonly environment: Record<string, string>;
  private service: TestProcess | undefined;
  private id = '';
  /** An API key, once it is connected. */
  key = '';
  private isOver = false;
  private sequence = 0;
  private readonly prefix = randomBytes(4).toString('hex');
  private readonly clients: Promise<void>[] = [];
  private readonly spent = { ms: 0, batches: 0 };

  constructor(
    databaseUrl: string,
    private readonly port: number,
    private readonly maxEvents = 40,
    environment: Readonly<Record<string, string>> = {},
    /** How long each client waits after a batch. */
    public pauseMs = 0,
  ) {
    const ENCRYPTION_KEYS = `k1:${randomBytes(32).toString('base64')}`;
    this.environment = {
      DATABASE_URL: databaseUrl,
      ENCRYPTION_KEYS,
      PORT: String(port),
      LOG_LEVEL: 'error',
      ...environment,
    };
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** Of the service. */
  get pid(): number {
    return this.service?.pid ?? 0;
  }

  /** How long it took to acknowledge a batch, in milliseconds. */
  get meanMs(): number {
    return this.spent.ms / this.spent.batches;
  }

  async start(): Promise<void> {
    this.service = new TestProcess(SERVICE, [], this.environment);
    await this.service.says(/API docs/);
  }

  async connect(): Promise<void> {
    const [, key = ''] = (await this.service?.says(/API key\s+(\S+)/)) ?? [];
    this.key = key;
    const settings = {
      apiKey: `SG.${randomBytes(24).toString('base64url')}`,
      webhookSigningKey: this.signer.publicKey,
    };
    const response = await fetch(`${this.url}/api/v1/connections`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Campaigns', vendor: 'sendgrid', settings }),
    });
    this.id = String(((await response.json()) as { id: unknown }).id);
  }

  /** Posts to this instance for the connection of another one. */
  join({ key, id, signer, environment }: WebhookLoad): void {
    Object.assign(this.environment, { ENCRYPTION_KEYS: environment['ENCRYPTION_KEYS'] });
    [this.key, this.id, this.signer] = [key, id, signer];
  }

  /** Starts the clients. */
  begin(): void {
    for (let client = 0; client < CLIENTS; client++) this.clients.push(this.post());
  }

  async kill(): Promise<void> {
    this.service?.kill('SIGKILL');
    await this.service?.exited;
  }

  /** Resolves when everything that was posted is acknowledged. */
  async pause(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.clients);
  }

  async end(): Promise<void> {
    await this.pause();
    await this.kill();
  }

  private async post(): Promise<void> {
    while (!this.isOver) {
      const recipients = Array.from(
        { length: 1 + (this.sequence % this.maxEvents) },
        () => `${this.prefix}${String(this.sequence++)}@r.example`,
      );
      // Now: the service does not store events that are older than it keeps them.
      const timestamp = Math.floor(Date.now() / 1_000);
      const body = vendorBody(recipients.map((email) => vendorEvent('delivered', { email, timestamp })));
      const start = performance.now();
      while (!(await this.isAcknowledged(body))) await delay(50);
      this.spent.ms += performance.now() - start;
      this.spent.batches++;
      for (const recipient of recipients) this.acknowledged.add(recipient);
      if (this.pauseMs > 0) await delay(this.pauseMs);
    }
  }

  private async isAcknowledged(body: Buffer): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/webhooks/v2/sendgrid/${this.id}`, {
        method: 'POST',
        headers: this.signer.headersFor(body),
        body,
      });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false;
    }
  }
}
