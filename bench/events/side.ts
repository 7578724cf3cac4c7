import { cp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Database, type DatabaseKind, type DatabaseSize, openDatabase } from '../support/database.ts';
import { type Environment, output } from '../support/process.ts';
import { createApiKey, newEncryptionKeys, RunningServer, SERVICE, serviceEnvironment } from '../support/service.ts';
import type { SigningKey } from './load.ts';
import { BROKER_URL, WITH_BROKER, WITHOUT_FEED } from './plan.ts';
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

/** The service as it is deployed. */
function service(name: string, title: string, database: DatabaseKind, variables: Environment = {}): Side {
  const encryptionKeys = newEncryptionKeys();
  const environment = (databaseUrl: string): Environment => ({
    ...serviceEnvironment(databaseUrl, encryptionKeys),
    ...variables,
  });
  return {
    name,
    title,
    database,
    eventTables: ['email_events'],
    bodyTables: ['event_bodies', 'webhook_requests', 'webhook_request_bodies'],
    script: SERVICE,
    environment,
    setUp: async ({ url }, { vendors }) => {
      const running = await RunningServer.start(SERVICE, environment(url));
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
    service(WITHOUT_FEED, 'this service, while no instance numbers or counts events', 'MariaDB', {
      BACKGROUND_WORK: 'none',
    }),
    ...(BROKER_URL === undefined
      ? []
      : [
          service(WITH_BROKER, 'this service, which publishes all events to RabbitMQ', 'MariaDB', {
            EVENTS_AMQP_URL: BROKER_URL,
            EVENTS_AMQP_EXCHANGE: 'bench.events',
          }),
        ]),
    service('sqlite', 'this service on SQLite', 'SQLite'),
  ].map((side) => [side.name, side]),
);

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
  async use<T>(work: (side: RunningServer, database: Database) => Promise<T>, profileFolder?: string): Promise<T> {
    const copy = `${this.folder}-copy`;
    await cp(this.folder, copy, { recursive: true });
    // The copy must not be written to the disk during the measurement.
    await output('sync', ['-f', copy]);
    const database = await openDatabase(this.side.database, copy);
    try {
      const environment = this.side.environment(database.url, this.accounts.key);
      const running = await RunningServer.start(this.side.script, environment, profileFolder);
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
