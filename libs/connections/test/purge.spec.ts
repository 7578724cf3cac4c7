import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { counted } from '../../../test/support/counted.ts';
import { ANY_DATABASE, DATABASES, ofConnection } from '../../../test/support/databases.ts';
import {
  ConnectionsService,
  ConnectionTester,
  PurgeService,
  UnitOfWork,
  UsagesService,
  WebhookIngest,
  WebhookRegistrationService,
} from '../src/index.ts';
import { EventsRepository } from '../src/events/events.repository.ts';
import { HookAdapter, refusal } from './support/hook-vendor.ts';
import { failureOf } from './support/outcome.ts';
import { recordStatements } from './support/statements.ts';
import { CALLER, newKey, TestModule, type TestOptions } from './support/test-module.ts';

const KEY = 'hk-0123456789abcdef/+ü';
const TOKEN = 'token-0123456789abcdef';
const OPTIONS: TestOptions = {
  providers: [HookAdapter],
  webhookBaseUrl: 'https://crm.example/webhooks/v2',
};
/** Connections that several instances purge at the same time. */
const SHARED = process.env['TEST_LONG'] === '1' ? 20 : 8;
const NOTHING = { events: 0, webhookRequests: 0, tests: 0, usages: 0 };

/** So many days from now, and two hours, which leave no doubt. */
function inDays(days: number, hours = 2): Date {
  return new Date(Date.now() + (days * 24 + hours) * 60 * 60 * 1000);
}

describe.each(DATABASES)('purging on %s', (kind) => {
  let module: TestModule;

  beforeAll(async () => {
    module = await TestModule.start(kind, OPTIONS);
  });

  afterAll(async () => {
    await module.end();
  });

  beforeEach(async () => {
    // What an earlier test left behind is no concern of the next one.
    for (const table of ['connections', 'email_events', 'event_batches', 'event_bodies', 'event_stats']) {
      await change(`DELETE FROM ${table}`);
    }
    module.app.get(HookAdapter).calls.length = 0;
    module.app.get(HookAdapter).onCall = async () => undefined;
    module.logger.lines.length = 0;
    // Whichever application started last has Nest's logger.
    Logger.overrideLogger(module.logger);
  });

  /** In a unit of work: on SQLite, a statement by itself would be part of the transaction that happens to be open. */
  const change = (sql: string, values: readonly unknown[] = []) =>
    module.app.get(UnitOfWork).write((tx) => tx.query(sql, [...values]));
  const purge = (now: Date, signal?: AbortSignal, of = module) =>
    of.app.get(PurgeService).purge({ now, ...(signal === undefined ? {} : { signal }) });
  // When a webhook came last is noted a second later: here, some of the connections are gone by then.
  const said = (): string[] => module.logger.lines.filter((line) => !line.includes('webhook status of'));
  const unregistered = (of = module): string[] =>
    of.app
      .get(HookAdapter)
      .calls.filter(({ call }) => call === 'unregister')
      .map(({ target }) => target.url);

  /** A connection with something of everything. */
  async function furnished(): Promise<string> {
    const { app } = module;
    const input = { name: 'Hook', vendor: 'hook', settings: { apiKey: KEY, token: TOKEN } };
    const { id } = await app.get(ConnectionsService).create(CALLER, input);
    await app.get(WebhookRegistrationService).register(CALLER, id);
    await app.get(ConnectionTester).test(CALLER, id);
    await app.get(UsagesService).claim(CALLER, id, 'campaign', '1', { name: 'Spring sale', status: 'completed' });
    const head = { headers: {}, query: { token: TOKEN } };
    const webhook = await app.get(WebhookIngest).preflight('hook', id, head, undefined);
    const items = ['a', 'b'].map((name) => ({ id: name, at: new Date() }));
    await app.get(WebhookIngest).receive(webhook, { ...head, body: Buffer.from(JSON.stringify(items)) });
    await counted(app);
    return id;
  }

  async function deleted(): Promise<string> {
    const id = await furnished();
    await module.app.get(ConnectionsService).delete(CALLER, id);
    return id;
  }

  it('leaves nothing of a connection but the audit, and everything of the others', async () => {
    const [gone, kept] = [await deleted(), await furnished()];
    // Its requests are counted up to a second later.
    const ofKept = async () => (await module.tablesWith(kept)).filter((table) => table !== 'webhook_counts');
    const before = await ofKept();
    expect(before).toEqual([
      'audit_entries',
      'connection_tests',
      'connection_usages',
      'connection_webhooks',
      'connections',
      'email_events',
      'event_batches',
      'event_bodies',
      'event_stats',
    ]);
    expect(await purge(inDays(30))).toEqual({
      connections: 1,
      rows: { events: 2, webhookRequests: 1, tests: 1, usages: 1 },
      postponed: [],
      failed: [],
    });
    expect(await module.tablesWith(gone)).toEqual(['audit_entries']);
    expect(await ofKept()).toEqual(before);
    expect(unregistered()).toEqual([`https://crm.example/webhooks/v2/hook/${gone}`]);
    const trail = (await module.rows('audit_entries')).filter((row) => row['subject'] === gone);
    expect(trail.at(-1)).toMatchObject({ action: 'connection.purge', actor: 'purge', organization: 'acme' });
    expect(said()).toEqual(['log Purged connections 1, events 2, webhook requests 1, tests 1, usages 1']);
    expect(await purge(inDays(40))).toEqual({ connections: 0, rows: NOTHING, postponed: [], failed: [] });
  });

  it('begins an hour after the webhook is no longer accepted, not before', async () => {
    const id = await deleted();
    for (const early of [inDays(0), inDays(29), inDays(30, 0), inDays(30, 0.9)]) await purge(early);
    expect(await module.tablesWith(id)).toContain('email_events');
    expect(unregistered()).toEqual([]);
    await purge(inDays(30, 1.1));
    expect(await module.tablesWith(id)).toEqual(['audit_entries']);
  });

  it('waits as many days as it is told', async () => {
    const id = await deleted();
    const patient = await TestModule.on(module.database, { ...OPTIONS, deletedConnectionRetentionDays: 300 });
    await purge(inDays(299), undefined, patient);
    expect(await module.tablesWith(id)).toContain('connections');
    await purge(inDays(300), undefined, patient);
    expect(await module.tablesWith(id)).toEqual(['audit_entries']);
    await patient.stop();
  });

  it('deletes in small steps, of this connection alone', async () => {
    const [id, other] = [await deleted(), await furnished()];
    await copyEvents([id, other], 2_300);
    await copyRequests(id, 230);
    await insertUsages(id, 2_100);
    const { statements, result } = await recordStatements(module.dataSource, () => purge(inDays(30)));
    expect(result.rows).toEqual({ events: 2_302, webhookRequests: 231, tests: 1, usages: 2_101 });
    const deletions = (table: string) =>
      statements.filter((sql) => sql.startsWith('DELETE FROM') && sql.includes(table)).length;
    expect([deletions('email_events'), deletions('event_batches'), deletions('connection_usages')]).toEqual([3, 3, 3]);
    expect(await module.tablesWith(id)).toEqual(['audit_entries']);
    const [{ n } = { n: 0 }] = await module.dataSource.query<{ n: number | string }[]>(
      `SELECT COUNT(*) AS n FROM email_events WHERE ${ofConnection(other)}`,
    );
    expect(Number(n)).toBe(2_302);
  }, 60_000);

  it('takes the secrets first', async () => {
    const id = await deleted();
    const repository = module.app.get(EventsRepository);
    const deleteSome = jest.spyOn(repository, 'deleteSome').mockRejectedValueOnce(new Error(KEY));
    expect((await purge(inDays(30))).failed).toEqual([id]);
    deleteSome.mockRestore();
    expect(await module.row(id)).toMatchObject({ secrets: null, key_id: null });
    expect(JSON.stringify(await module.row(id))).not.toContain('cdef');
    expect(module.logger.errors).toEqual([
      `error Purging connection ${id} failed. The next attempt is in a day: Error`,
    ]);
    expect((await purge(inDays(30))).connections).toBe(0);
    expect((await purge(inDays(31))).connections).toBe(1);
  });

  it.each([
    ['refused', () => Promise.reject(refusal(`The key ${KEY} may not`)), 'permission_denied: The key may not do this.'],
    [
      'broken',
      () => Promise.reject(new TypeError(`cannot read ${KEY}`)),
      'unexpected: The request to the vendor failed',
    ],
  ])('tries a removal at the vendor that is %s once a day, and gives up after a week', async (_how, fail, reason) => {
    const id = await deleted();
    module.app.get(HookAdapter).onCall = fail;
    expect(await purge(inDays(30))).toEqual({ connections: 0, rows: NOTHING, postponed: [id], failed: [] });
    expect((await purge(inDays(30, 20))).postponed).toEqual([]);
    expect(await module.tablesWith(id)).toContain('email_events');
    expect((await module.row(id))?.['secrets']).not.toBeNull();
    for (const day of [31, 32, 33, 34, 35, 36]) expect((await purge(inDays(day, 3))).postponed).toEqual([id]);
    expect(unregistered()).toHaveLength(7);
    const warnings = said().filter((line) => line.includes('It is tried again once a day'));
    expect(warnings).toHaveLength(7);
    expect(warnings[0]).toContain(`could not be removed at the vendor (${reason}`);
    expect((await purge(inDays(37, 4))).connections).toBe(1);
    expect(module.logger.errors.at(-1)).toContain('remove it manually');
    expect(said().join()).not.toContain(KEY);
    expect(await module.tablesWith(id)).toEqual(['audit_entries']);
  });

  it('removes the webhook on a later day when the vendor lets it', async () => {
    const id = await deleted();
    module.app.get(HookAdapter).onCall = () => Promise.reject(refusal('no'));
    await purge(inDays(30));
    module.app.get(HookAdapter).onCall = async () => undefined;
    expect((await purge(inDays(31, 3))).connections).toBe(1);
    expect(unregistered()).toHaveLength(2);
    expect(await module.tablesWith(id)).toEqual(['audit_entries']);
  });

  it.each<[string, TestOptions, RegExp]>([
    ['no key opens its secrets', { encryptionKeys: newKey('other') }, /cannot be decrypted with the configured/],
    ['its vendor is gone', { providers: [] }, /Unknown vendor/],
  ])('does not wait for ever where %s', async (_why, options, reason) => {
    const id = await deleted();
    const crippled = await TestModule.on(module.database, { ...OPTIONS, ...options });
    expect((await purge(inDays(30), undefined, crippled)).postponed).toEqual([id]);
    expect(crippled.logger.lines.filter((line) => reason.test(line))).toHaveLength(1);
    expect((await purge(inDays(37), undefined, crippled)).connections).toBe(1);
    await crippled.stop();
    expect(await module.tablesWith(id)).toEqual(['audit_entries']);
  });

  it('asks the vendor nothing where no webhook was registered', async () => {
    const input = { name: 'Hook', vendor: 'hook', settings: { apiKey: KEY } };
    const { id } = await module.app.get(ConnectionsService).create(CALLER, input);
    await module.app.get(ConnectionsService).delete(CALLER, id);
    const crippled = await TestModule.on(module.database, { ...OPTIONS, providers: [] });
    expect((await purge(inDays(30), undefined, crippled)).connections).toBe(1);
    await crippled.stop();
    expect(unregistered()).toEqual([]);
  });

  it('breaks off between two steps when it is told to stop, and goes on with the next run', async () => {
    const ids = [await deleted(), await deleted()];
    const stop = new AbortController();
    const repository = module.app.get(EventsRepository);
    const original = repository.deleteSome.bind(repository);
    const deleteSome = jest.spyOn(repository, 'deleteSome').mockImplementationOnce(async (...given) => {
      stop.abort();
      return original(...given);
    });
    expect(await purge(inDays(30), stop.signal)).toMatchObject({ connections: 0, rows: { events: 2 }, failed: [] });
    expect(deleteSome).toHaveBeenCalledTimes(1);
    deleteSome.mockRestore();
    expect(await module.rows('connections')).toHaveLength(2);
    expect((await purge(inDays(30))).connections).toBe(2);
    for (const id of ids) expect(await module.tablesWith(id)).toEqual(['audit_entries']);
  });

  it('is done once, by whichever of several instances', async () => {
    const ids: string[] = [];
    for (let n = 0; n < SHARED; n++) ids.push(await deleted());
    // Two connections to SQLite in one process would wait for each other: there, the runs are of one instance.
    const other = kind === 'SQLite' ? module : await TestModule.on(module.database, OPTIONS);
    const now = inDays(30);
    const reports = await Promise.all([
      purge(now),
      purge(now, undefined, other),
      purge(now),
      purge(now, undefined, other),
    ]);
    expect(reports.reduce((sum, { connections }) => sum + connections, 0)).toBe(SHARED);
    expect(reports.reduce((sum, { rows }) => sum + rows.events, 0)).toBe(2 * SHARED);
    expect(reports.flatMap(({ postponed, failed }) => [...postponed, ...failed])).toEqual([]);
    const asked = [module, ...(other === module ? [] : [other])].flatMap((one) => unregistered(one));
    expect(asked.toSorted()).toEqual(ids.map((id) => `https://crm.example/webhooks/v2/hook/${id}`).toSorted());
    const trail = (await module.rows('audit_entries')).filter((row) => row['action'] === 'connection.purge');
    expect(trail.filter((row) => ids.includes(String(row['subject'])))).toHaveLength(SHARED);
    if (other !== module) await other.stop();
  }, 60_000);

  // Which pages it reads, the kind of the database cannot change.
  if (ANY_DATABASE.includes(kind)) {
    it('goes past a hundred connections', async () => {
      const input = { name: 'Hook', vendor: 'hook', settings: { apiKey: KEY } };
      const { id } = await module.app.get(ConnectionsService).create(CALLER, input);
      await module.app.get(ConnectionsService).delete(CALLER, id);
      const columns = columnsOf('connections', ['id', 'number']);
      await module.app.get(UnitOfWork).write(async (tx) => {
        for (let n = 0; n < 129; n++) {
          const copy = `copy-${String(n).padStart(3, '0')}`;
          await tx.query(
            `INSERT INTO connections (id, number, ${columns}) SELECT ?, ?, ${columns} FROM connections WHERE id = ?`,
            [copy, 10_000 + n, id],
          );
        }
      });
      expect((await purge(inDays(30))).connections).toBe(130);
      expect(await module.rows('connections')).toEqual([]);
    }, 60_000);
  }

  function columnsOf(table: string, without: readonly string[]): string {
    const columns = module.dataSource.entityMetadatas.find(({ tableName }) => tableName === table)?.columns ?? [];
    return columns
      .map(({ databaseName }) => databaseName)
      .filter((name) => !without.includes(name))
      .join(', ');
  }

  /** Numbers from 0, fewer than 10,000, for statements that make many rows at once. MariaDB recurs 1,000 times at most. */
  const numbers = (count: number): string =>
    `WITH RECURSIVE small(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM small WHERE n < 99),
     numbers(n) AS (SELECT 100 * a.n + b.n FROM small AS a JOIN small AS b WHERE 100 * a.n + b.n < ${String(count)})`;

  /** Copies an event of each connection, in turns, so that their ids interleave. */
  async function copyEvents(ids: readonly string[], count: number): Promise<void> {
    const columns = columnsOf('email_events', ['id', 'digest']);
    const digest = kind === 'SQLite' ? 'randomblob(16)' : "UNHEX(MD5(CONCAT(RAND(), '-', RAND())))";
    await change(
      `INSERT INTO email_events (id, digest, ${columns}) ${numbers(count)}
       SELECT 1000000000 + 1000 * n + connection, ${digest}, ${columns} FROM numbers
       JOIN (SELECT MIN(id) AS first FROM email_events
         WHERE ${ids.map((id) => ofConnection(id)).join(' OR ')} GROUP BY connection) AS firsts
       JOIN email_events ON email_events.id = firsts.first`,
    );
  }

  async function copyRequests(id: string, count: number): Promise<void> {
    const columns = columnsOf('event_batches', ['id']);
    await change(
      `INSERT INTO event_batches (id, ${columns}) ${numbers(count)}
       SELECT 1000000 + n, ${columns} FROM numbers
       JOIN (SELECT * FROM event_batches WHERE ${ofConnection(id)} LIMIT 1) AS one`,
    );
  }

  /** Campaigns and journeys of the same refs. */
  async function insertUsages(id: string, count: number): Promise<void> {
    await change(
      `INSERT INTO connection_usages (connection_id, consumer, ref, name, status, created_at, updated_at) ${numbers(count)}
       SELECT connection_id, CASE n % 2 WHEN 0 THEN 'campaign' ELSE 'journey' END, ${text("'copy-'", 'n >> 1')},
         name, status, created_at, updated_at
       FROM numbers JOIN connection_usages ON connection_id = ? AND ref = '1'`,
      [id],
    );
  }

  /** An expression that puts two together. */
  function text(before: string, after: string): string {
    return kind === 'SQLite' ? `${before} || (${after})` : `CONCAT(${before}, ${after})`;
  }
});

it.each([0, 366, -1, 1.5, Number.NaN])(
  'webhooks cannot be accepted for %d days',
  async (deletedConnectionRetentionDays) => {
    const failure = await failureOf(TestModule.start('SQLite', { ...OPTIONS, deletedConnectionRetentionDays }));
    expect(failure).toEqual(new TypeError('deletedConnectionRetentionDays must be a whole number from 1 to 365.'));
  },
);
