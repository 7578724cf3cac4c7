import { randomBytes } from 'node:crypto';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.ts';
import { type Database, type DatabaseKind, type DatabaseSize, openDatabase } from './database.ts';
import type { SigningKey } from './load.ts';
import { type Environment, output, Process, ROOT } from './process.ts';
import { EVENTS_TABLE } from './sides/table.ts';
import type { Vendor } from './vendors.ts';

/** An address that receives webhook requests. */
export interface Webhook {
  readonly path: string;
  /** What this service adds to the messages of the connection; undefined for the other sides. */
  readonly connectionId?: string;
}

/** The accounts whose events are posted. */
export interface Accounts {
  /** Of SendGrid. */
  readonly key: SigningKey;
  readonly vendors: readonly Vendor[];
}

/** By vendor. */
export type Webhooks = ReadonlyMap<string, Webhook>;

/** A program that receives webhook requests. */
export interface Side {
  readonly name: string;
  readonly title: string;
  readonly database: DatabaseKind;
  /** The table with a row for each event; of several names, the first that exists. */
  readonly eventTables: readonly string[];
  /** Tables with request bodies, whose size is reported separately. */
  readonly bodyTables: readonly string[];
  readonly script: string;
  /** How many events it gets at most, because it is slow. */
  readonly mostEvents?: number;
  environment(databaseUrl: string, key: SigningKey): Environment;
  /** Creates the tables and a webhook for each vendor that the side supports. */
  setUp(database: Database, accounts: Accounts): Promise<Webhooks>;
}

/** The service as it is deployed, with its documented configuration. */
function service(name: string, title: string, database: DatabaseKind): Side {
  const encryptionKeys = `bench:${randomBytes(32).toString('base64')}`;
  const environment = (databaseUrl: string): Environment => ({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    ENCRYPTION_KEYS: encryptionKeys,
    LOG_LEVEL: 'warn',
    SHUTDOWN_DRAIN_MS: '0',
  });
  const side: Side = {
    name,
    title,
    database,
    eventTables: ['email_events'],
    bodyTables: ['event_bodies', 'webhook_requests', 'webhook_request_bodies'],
    script: join(ROOT, 'dist/main.js'),
    environment,
    setUp: async ({ url }, { key, vendors }) => {
      const running = await RunningSide.start(side, url, key);
      try {
        const apiKey = await createApiKey(environment(url));
        const webhooks = new Map<string, Webhook>();
        for (const vendor of vendors) webhooks.set(vendor.key, await createConnection(running.url, apiKey, vendor));
        return webhooks;
      } finally {
        await running.stop();
      }
    },
  };
  return side;
}

/** @param environment of this service */
export async function createApiKey(environment: Environment): Promise<string> {
  const printed = await output(
    process.execPath,
    [join(ROOT, 'dist/cli/main.js'), 'api-keys', 'create', '--organization', 'bench', '--name', 'Bench'],
    environment,
  );
  const apiKey = /sk_[A-Za-z0-9_-]{43}/.exec(printed)?.[0];
  if (apiKey === undefined) throw new Error('The command line did not print an API key.');
  return apiKey;
}

async function createConnection(url: string, apiKey: string, { key, settings, query = '' }: Vendor): Promise<Webhook> {
  const response = await fetch(`${url}/api/v1/connections`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: `Account of ${key}`, vendor: key, settings }),
  });
  if (response.status !== 201) throw new Error(`Could not create a connection of ${key}: ${await response.text()}`);
  const { id } = (await response.json()) as { id: string };
  return { path: `/webhooks/v2/${key}/${id}${query}`, connectionId: id };
}

/** One of the programs that the service is compared with. */
function other(
  name: string,
  title: string,
  script: string,
  options: { readonly environment?: Environment; readonly mostEvents?: number } = {},
): Side {
  return {
    name,
    title,
    database: 'MariaDB',
    eventTables: ['events'],
    bodyTables: [],
    script: fileURLToPath(new URL(`sides/${script}`, import.meta.url)),
    ...(options.mostEvents === undefined ? {} : { mostEvents: options.mostEvents }),
    environment: (databaseUrl, { publicKey }) => ({
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      WEBHOOK_KEY: publicKey,
      ...options.environment,
    }),
    setUp: async (database) => {
      await database.execute(EVENTS_TABLE);
      return new Map([['sendgrid', { path: '/webhooks/1' }]]);
    },
  };
}

const NAIVE_EVENTS = 20_000;

export const SIDES: ReadonlyMap<string, Side> = new Map(
  [
    service('service', 'this service', 'MariaDB'),
    other('floor', 'node:http, crypto.verify, and a multi-row insert of the requests that wait', 'floor.js'),
    other('careful', 'Nest, crypto.verify, one insert per request', 'nest.js', { environment: { VARIANT: 'careful' } }),
    other('naive', 'Nest, @sendgrid/eventwebhook, one repository.insert per event', 'nest.js', {
      environment: { VARIANT: 'naive' },
      mostEvents: NAIVE_EVENTS,
    }),
    service('sqlite', 'this service on SQLite', 'SQLite'),
  ].map((side) => [side.name, side]),
);

/** A side that accepts requests. */
export class RunningSide {
  private constructor(
    readonly url: string,
    private readonly child: Process,
  ) {}

  static async start(side: Side, databaseUrl: string, key: SigningKey, profileFolder?: string): Promise<RunningSide> {
    const port = await freePort();
    const url = `http://127.0.0.1:${String(port)}`;
    const environment = { ...side.environment(databaseUrl, key), PORT: String(port) };
    const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const child = new Process(process.execPath, [...profile, side.script], environment);
    await child.waitUntil(() =>
      fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    return new RunningSide(url, child);
  }

  /** In bytes. */
  peakMemory(): number {
    return this.child.peakMemory();
  }

  processorSeconds(): number {
    return this.child.processorSeconds();
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}

/** The database of a side with its tables, and with events only if it was filled. Each run starts with a copy. */
export class Template {
  private constructor(
    readonly side: Side,
    readonly webhooks: Webhooks,
    readonly size: DatabaseSize,
    readonly events: number,
    private readonly folder: string,
    private readonly accounts: Accounts,
  ) {}

  /**
   * @param empty the folder of an empty database
   * @param fill adds rows to the tables
   */
  static async create(
    side: Side,
    accounts: Accounts,
    empty: string,
    folder: string,
    fill?: (database: Database, webhooks: Webhooks) => Promise<void>,
  ): Promise<Template> {
    await cp(empty, folder, { recursive: true });
    const database = await openDatabase(side.database, folder);
    const webhooks = await side.setUp(database, accounts);
    await fill?.(database, webhooks);
    const size = await database.size();
    const events = await database.count(side.eventTables);
    await database.stop();
    return new Template(side, webhooks, size, events, folder, accounts);
  }

  /** Starts the side with a copy of the database, and removes the copy afterwards. */
  async use<T>(work: (side: RunningSide, database: Database) => Promise<T>, profileFolder?: string): Promise<T> {
    const copy = `${this.folder}-copy`;
    await cp(this.folder, copy, { recursive: true });
    // The copy must not be written to the disk during the measurement.
    await output('sync', ['-f', copy]);
    const database = await openDatabase(this.side.database, copy);
    try {
      const running = await RunningSide.start(this.side, database.url, this.accounts.key, profileFolder);
      try {
        return await work(running, database);
      } finally {
        await running.stop();
      }
    } finally {
      await database.discard();
      await rm(copy, { recursive: true, force: true });
    }
  }
}

/** Creates the folder of an empty database. */
export async function createEmpty(kind: DatabaseKind, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await (await openDatabase(kind, folder)).stop();
  return folder;
}
