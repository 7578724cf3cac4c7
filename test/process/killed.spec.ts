import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import Database from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { vendorBody, WebhookSigner } from '../../libs/adapter-sendgrid/sandbox/index.ts';
import { CrashingMariaDb } from '../support/crashing-mariadb.ts';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { freePort } from '../support/free-port.ts';
import { SERVICE, TestProcess } from '../support/process.ts';
import { vendorEvent } from '../support/sendgrid-webhook.ts';

const LONG = process.env['TEST_LONG'] === '1';
const SERVICE_KILLS = LONG ? 20 : 1;
const DATABASE_KILLS = LONG ? 10 : 1;
const CLIENTS = 8;
const RUN_MS = 700;

jest.setTimeout(LONG ? 600_000 : 120_000);

afterEach(() => {
  TestProcess.endAll();
  CrashingMariaDb.endAll();
});

/** The service, and clients that repeat each batch until it is acknowledged, as vendors do. */
class Load {
  readonly acknowledged = new Set<string>();
  private readonly signer = new WebhookSigner();
  private readonly environment: Record<string, string>;
  private service: TestProcess | undefined;
  private id = '';
  private isOver = false;
  private sequence = 0;
  private readonly clients: Promise<void>[] = [];

  constructor(
    databaseUrl: string,
    private readonly port: number,
  ) {
    const ENCRYPTION_KEYS = `k1:${randomBytes(32).toString('base64')}`;
    this.environment = { DATABASE_URL: databaseUrl, ENCRYPTION_KEYS, PORT: String(port), LOG_LEVEL: 'error' };
  }

  private get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  async start(): Promise<void> {
    this.service = new TestProcess(SERVICE, [], this.environment);
    await this.service.says(/API docs/);
  }

  async connect(): Promise<void> {
    const [, key = ''] = (await this.service?.says(/API key\s+(\S+)/)) ?? [];
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
    for (let client = 0; client < CLIENTS; client++) this.clients.push(this.post());
  }

  async kill(): Promise<void> {
    this.service?.kill('SIGKILL');
    await this.service?.exited;
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.clients);
    await this.kill();
  }

  private async post(): Promise<void> {
    while (!this.isOver) {
      const recipients = Array.from(
        { length: 1 + (this.sequence % 40) },
        () => `r${String(this.sequence++)}@r.example`,
      );
      // Now: the service does not store events that are older than it keeps them.
      const timestamp = Math.floor(Date.now() / 1_000);
      const body = vendorBody(recipients.map((email) => vendorEvent('delivered', { email, timestamp })));
      while (!(await this.isAcknowledged(body))) await delay(50);
      for (const recipient of recipients) this.acknowledged.add(recipient);
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

async function storedRecipients(url: string): Promise<string[]> {
  const sql = 'SELECT recipient FROM email_events';
  if (url.startsWith('sqlite:')) {
    const file = new Database(url.slice('sqlite:'.length));
    const rows = file.prepare<[], { recipient: string }>(sql).all();
    file.close();
    return rows.map(({ recipient }) => recipient);
  }
  const connection = await createConnection({ uri: url });
  const [rows] = await connection.query(sql);
  await connection.end();
  return (rows as { recipient: string }[]).map(({ recipient }) => recipient);
}

/** Each once, and none that was acknowledged is missing. */
async function expectNothingLost(url: string, { acknowledged }: Load): Promise<void> {
  const stored = await storedRecipients(url);
  const distinct = new Set(stored);
  expect(distinct.size).toBe(stored.length);
  expect([...acknowledged].filter((recipient) => !distinct.has(recipient))).toEqual([]);
  expect(acknowledged.size).toBeGreaterThan(100);
  if (LONG) process.stdout.write(`${String(acknowledged.size)} events acknowledged, ${String(stored.length)} stored\n`);
}

describe.each(DATABASES)('the service on %s, killed while it stores events', (kind) => {
  it('has stored what it has acknowledged, and nothing twice', async () => {
    const database = await createDatabase(kind);
    await database.restoreSchema('service');
    const load = new Load(database.url, await freePort());
    await load.start();
    await load.connect();
    for (let kills = 0; kills < SERVICE_KILLS; kills++) {
      await delay(RUN_MS * (0.5 + Math.random()));
      await load.kill();
      await load.start();
    }
    await delay(RUN_MS);
    await load.end();
    await expectNothingLost(database.url, load);
    await database.drop();
  });
});

describe('a MariaDB server, killed while the service stores events', () => {
  it('has stored what the service has acknowledged, and nothing twice', async () => {
    const server = await CrashingMariaDb.start();
    const admin = await createConnection({ uri: server.url });
    await admin.query('CREATE DATABASE crashing');
    await admin.end();
    const load = new Load(`${server.url}/crashing`, await freePort());
    await load.start();
    await load.connect();
    for (let kills = 0; kills < DATABASE_KILLS; kills++) {
      await delay(RUN_MS * (0.5 + Math.random()));
      await server.kill();
      await server.restart();
    }
    await delay(2 * RUN_MS);
    await load.end();
    await expectNothingLost(`${server.url}/crashing`, load);
    await server.kill();
  });
});
