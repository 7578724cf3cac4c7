import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Dispatcher, Pool } from 'undici';
import { freePort } from '../../test/support/free-port.ts';
import { createEmpty, type Database, openDatabase } from '../support/database.ts';
import { type Environment, output, Process } from '../support/process.ts';
import { createApiKey, newEncryptionKeys, RunningServer, SERVICE, serviceEnvironment } from '../support/service.ts';
import { type Load, measure, type Outcome } from './callers.ts';
import { emailOf } from './email.ts';
import type { Part } from './plan.ts';
import type { Counts } from './sink.ts';

export const SIDES: ReadonlyMap<string, string> = new Map([
  ['pool', 'nodemailer’s own pool, `createTransport({ pool: true, maxConnections })`'],
  ['module', '`EmailSender.send` in another Nest application'],
  ['module-keys', 'the same with an idempotency key for each email'],
  ['api', '`POST /connections/{id}/messages` of the service, over HTTP with keep-alive'],
  ['api-keys', 'the same with the header `Idempotency-Key`, another one for each email'],
]);

export interface SideOutcome extends Outcome {
  readonly side: string;
  /** Processor time of the database per email, warm-up included, in microseconds. */
  readonly databaseMicros: number;
}

/** The mail server that all sides send to. */
export class Sink {
  private constructor(
    readonly port: number,
    private readonly control: string,
  ) {}

  static async start(): Promise<Sink> {
    const [port, control] = [await freePort(), await freePort()];
    const environment = { SMTP_PORT: String(port), CONTROL_PORT: String(control) };
    const child = new Process(process.execPath, [scriptOf('sink.js')], environment);
    const sink = new Sink(port, `http://127.0.0.1:${String(control)}`);
    await child.waitUntil(async () => (await sink.takeCounts().catch(() => undefined)) !== undefined);
    return sink;
  }

  /** What has arrived since the last call. */
  async takeCounts(): Promise<Counts> {
    return (await (await fetch(this.control)).json()) as Counts;
  }
}

/** The database of the service, with some connections. Each run starts with a copy. */
export class Template {
  private constructor(
    readonly environment: (databaseUrl: string) => Environment,
    readonly apiKey: string,
    /** The ids of the connections. */
    readonly connections: ReadonlyMap<string, string>,
    private readonly folder: string,
  ) {}

  /** @param bodies the requests that create the connections @param more environment of the service */
  static async create(folder: string, bodies: ReadonlyMap<string, object>, more: Environment = {}): Promise<Template> {
    const encryptionKeys = newEncryptionKeys();
    const environment = (databaseUrl: string): Environment => ({
      ...serviceEnvironment(databaseUrl, encryptionKeys),
      OUTBOUND_ALLOW: '127.0.0.1',
      RATE_LIMIT_REQUESTS: '0',
      ...more,
    });
    await createEmpty('MariaDB', folder);
    const database = await openDatabase('MariaDB', folder);
    const service = await RunningServer.start(SERVICE, environment(database.url));
    const apiKey = await createApiKey(environment(database.url));
    const connections = new Map<string, string>();
    for (const [key, body] of bodies) connections.set(key, await createConnection(service.url, apiKey, body));
    await service.stop();
    await database.stop();
    return new Template(environment, apiKey, connections, folder);
  }

  async use<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const copy = `${this.folder}-copy`;
    await cp(this.folder, copy, { recursive: true });
    // The copy must not be written to the disk during the measurement.
    await output('sync', ['-f', copy]);
    const database = await openDatabase('MariaDB', copy);
    try {
      return await work(database);
    } finally {
      await database.discard();
      await rm(copy, { recursive: true, force: true });
    }
  }
}

async function createConnection(url: string, apiKey: string, body: object): Promise<string> {
  const response = await fetch(`${url}/api/v1/connections`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status !== 201) throw new Error(`Could not create a connection: ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

/** A connection to the sink for each number of sockets, for `Template.create`. */
export function sinkConnections({ port }: Sink, sockets: readonly number[]): ReadonlyMap<string, object> {
  const login = { host: '127.0.0.1', port, secure: false, username: 'user', password: 'password' };
  return new Map(
    sockets.map((most) => {
      const settings = { ...login, maxConnections: most };
      return [String(most), { name: `${String(most)} sockets`, vendor: 'smtp', settings }];
    }),
  );
}

export interface Conditions {
  readonly sink: Sink;
  readonly template: Template;
  /** Where the sides write CPU profiles. */
  readonly profileFolder: string | undefined;
}

/**
 * Sends the emails of a part through a side, in a new process and with a new database.
 * @throws Error if the sink has not received each email once, or not every email has its event
 */
export async function measureSide(side: string, part: Part, conditions: Conditions): Promise<SideOutcome> {
  const { sink, template } = conditions;
  await sink.takeCounts();
  const outcome =
    side === 'pool'
      ? { side, databaseMicros: 0, ...(await measurePool(part, conditions)) }
      : await template.use(async (database) => {
          const before = database.processorSeconds();
          const own = side.startsWith('module') ? measureModule : measureApi;
          const measured = await own(part, conditions, database, side.endsWith('-keys'));
          const all = part.warmUp + part.emails;
          const databaseMicros = ((database.processorSeconds() - before) * 1e6) / all;
          const events = await database.count(['email_events']);
          if (events !== all) throw new Error(`${side} stored ${String(events)} events of ${String(all)} emails.`);
          return { side, databaseMicros, ...measured };
        });
  check(side, part, await sink.takeCounts());
  return outcome;
}

function check(side: string, { warmUp, emails, sockets }: Part, counts: Counts): void {
  const all = warmUp + emails;
  const isWhole = counts.emails === all && counts.repeated === 0 && counts.malformed === 0;
  // nodemailer's pool opens the next connection while the one before is being closed.
  if (isWhole && (side === 'pool' || counts.mostConnections <= sockets)) return;
  throw new Error(
    `${side} sent ${String(all)} emails over ${String(sockets)} sockets. Received: ${JSON.stringify(counts)}`,
  );
}

function measurePool(part: Part, { sink, profileFolder }: Conditions): Promise<Outcome> {
  const environment = { SMTP_PORT: String(sink.port), SOCKETS: String(part.sockets) };
  return runSide('pool.js', environment, part, profileFolder);
}

function measureModule(
  part: Part,
  { template, profileFolder }: Conditions,
  { url }: Database,
  hasKeys: boolean,
): Promise<Outcome> {
  const own = { CONNECTION_ID: connectionOf(template, part), KEYS: hasKeys ? '1' : '0' };
  const environment = { ...template.environment(url), ...own };
  return runSide('module.js', environment, part, profileFolder);
}

async function measureApi(
  part: Part,
  { template, profileFolder }: Conditions,
  { url }: Database,
  hasKeys: boolean,
): Promise<Outcome> {
  const service = await RunningServer.start(SERVICE, template.environment(url), profileFolder);
  const client = new Pool(service.url, { connections: part.callers, pipelining: 1 });
  try {
    const path = `/api/v1/connections/${connectionOf(template, part)}/messages`;
    const headers = { authorization: `Bearer ${template.apiKey}`, 'content-type': 'application/json' };
    return await measure(part, service, (number) => {
      const key: Record<string, string> = hasKeys ? { 'idempotency-key': String(number) } : {};
      return post(client, path, { ...headers, ...key }, JSON.stringify(emailOf(number)));
    });
  } finally {
    await client.close();
    await service.stop();
  }
}

function connectionOf({ connections }: Template, { sockets }: Part): string {
  const id = connections.get(String(sockets));
  if (id === undefined) throw new Error(`There is no connection with ${String(sockets)} sockets.`);
  return id;
}

/** Without the streams of `request`: the client shares the machine with what it measures. */
function post(client: Dispatcher, path: string, headers: Record<string, string>, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let status = 0;
    const answer: Buffer[] = [];
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, code) => void (status = code),
      onResponseData: (_controller, chunk) => void answer.push(chunk),
      onResponseEnd: () => {
        if (status === 202) resolve();
        else reject(new Error(`The service answered ${String(status)}: ${Buffer.concat(answer).toString()}`));
      },
      onResponseError: (_controller, error) => reject(error),
    };
    client.dispatch({ method: 'POST', path, headers, body }, handler);
  });
}

/** Runs a side that sends in its own process. */
export async function runSide(
  script: string,
  environment: Environment,
  { callers, warmUp, emails }: Load,
  profileFolder: string | undefined,
): Promise<Outcome> {
  const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const load = JSON.stringify({ callers, warmUp, emails } satisfies Load);
  const child = new Process(process.execPath, [...profile, scriptOf(join('sides', script))], {
    ...environment,
    LOAD: load,
  });
  const printed = await child.finish();
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Outcome;
}

export function scriptOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
