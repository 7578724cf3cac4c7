import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { counted } from '../../../test/support/counted.ts';
import { DATABASES } from '../../../test/support/databases.ts';
import { LegacyEventRow, LegacyRequestRow } from '../src/events/legacy-events.repository.ts';
import {
  ConnectionsService,
  ConnectionTester,
  EventsService,
  type RetentionDays,
  RetentionService,
  UnitOfWork,
  WebhookIngest,
} from '../src/index.ts';
import { retentionOf } from '../src/options/connections.module-options.ts';
import { HookAdapter } from './support/hook-vendor.ts';
import { recordStatements } from './support/statements.ts';
import { CALLER, type Row, TestModule } from './support/test-module.ts';

const TOKEN = 'token-0123456789abcdef';
const DAY_MS = 24 * 60 * 60 * 1000;
const NOTHING = { events: 0, bodies: 0, deliveries: 0, tests: 0, audit: 0, webhookMessages: 0 };
const TABLES = ['email_events', 'event_bodies', 'event_batches', 'event_stats', 'connection_tests', 'audit_entries'];

/** So many days from now, and two hours, which leave no doubt. */
function inDays(days: number): Date {
  return new Date(Date.now() + days * DAY_MS + 2 * 60 * 60 * 1000);
}

describe.each(DATABASES)('retention on %s', (kind) => {
  let module: TestModule;
  let id: string;

  beforeAll(async () => {
    module = await TestModule.start(kind, { providers: [HookAdapter], retentionDays: {} });
    const input = { name: 'Hook', vendor: 'hook', settings: { apiKey: 'hk-0123456789', token: TOKEN } };
    ({ id } = await module.app.get(ConnectionsService).create(CALLER, input));
  });

  afterAll(() => module.end());

  beforeEach(async () => {
    for (const table of [...TABLES, 'events', 'webhook_requests', 'webhook_request_bodies']) {
      await change(`DELETE FROM ${table}`);
    }
    module.logger.lines.length = 0;
  });

  const change = (sql: string, values: readonly unknown[] = []) =>
    module.app.get(UnitOfWork).write((tx) => tx.query(sql, [...values]));
  const prune = (now: Date, signal?: AbortSignal) =>
    module.app.get(RetentionService).prune({ now, ...(signal === undefined ? {} : { signal }) });
  const rows = (table: string) => module.dataSource.query<Row[]>(`SELECT * FROM ${table}`);

  async function counts(...tables: string[]): Promise<number[]> {
    return Promise.all(tables.map(async (table) => (await rows(table)).length));
  }

  /** One event for each time. */
  async function post(times: readonly Date[], name = 'event') {
    const head = { headers: {}, query: { token: TOKEN } };
    const webhook = await module.app.get(WebhookIngest).preflight('hook', id, head, undefined);
    const items = times.map((at, index) => ({ id: `${name}-${String(index)}`, at }));
    return module.app.get(WebhookIngest).receive(webhook, { ...head, body: Buffer.from(JSON.stringify(items)) });
  }

  it('deletes bodies first, then events and their batches, and returns the numbers', async () => {
    await post([new Date(), new Date()]);
    await counted(module.app);
    const all = ['email_events', 'event_bodies', 'event_batches', 'event_stats'];
    expect(await prune(inDays(89))).toEqual(NOTHING);
    expect(await prune(inDays(90))).toEqual({ ...NOTHING, bodies: 1 });
    // Of an hour and of a day.
    expect(await counts(...all)).toEqual([2, 0, 1, 2]);
    const { data } = await module.app.get(EventsService).list(CALLER, id);
    expect(data).toHaveLength(2);
    expect((await module.app.get(EventsService).get(CALLER, id, data[0]?.id ?? '')).raw).toBeNull();
    expect((await prune(inDays(399))).events).toBe(0);
    expect(await counts(...all)).toEqual([2, 0, 1, 2]);
    // Of the numbers, that of the day may be deleted by now: it begins up to a day before its events.
    expect((await prune(inDays(400))).events).toBe(0);
    expect(await counts(...all.slice(0, 3))).toEqual([2, 0, 1]);
    // A day later: the clock of a vendor may be ahead.
    expect(await prune(inDays(401))).toEqual({ ...NOTHING, events: 2, deliveries: 1 });
    expect(await counts(...all)).toEqual([0, 0, 0, 0]);
    // A consumer that has read everything stores a position beyond the last entry only some seconds later.
    expect(module.logger.lines.filter((line) => !line.includes('Consumer counts'))).toEqual([
      'log Deleted after their retention: bodies 1',
      'log Deleted after their retention: events 2, deliveries 1',
    ]);
  });

  it('keeps what was received later', async () => {
    await post([new Date(), new Date()], 'old');
    await change('UPDATE event_batches SET received_at = ?', [sqlTime(inDays(-401))]);
    await post([new Date()], 'new');
    expect(await prune(inDays(0))).toMatchObject({ events: 2, bodies: 1, deliveries: 1 });
    expect(await counts('email_events', 'event_bodies', 'event_batches')).toEqual([1, 1, 1]);
    const { data } = await module.app.get(EventsService).list(CALLER, id);
    expect((await module.app.get(EventsService).get(CALLER, id, data[0]?.id ?? '')).raw).toMatchObject({ id: 'new-0' });
  });

  it('is not misled by a late batch with an early time', async () => {
    await post([new Date()], 'first');
    await copyBatches(200);
    // In the middle, where the search begins.
    const ids = (await rows('event_batches')).map((row) => Number(row['id'])).toSorted((a, b) => a - b);
    const middle = Math.floor(((ids.at(0) ?? 0) + (ids.at(-1) ?? 0) + 1) / 2);
    const wrong = ids.find((one) => one >= middle);
    await change('UPDATE event_batches SET received_at = ? WHERE id = ?', [sqlTime(inDays(-500)), wrong]);
    expect((await prune(inDays(0))).deliveries).toBe(0);
    expect(await counts('event_batches')).toEqual([201]);
  });

  it('deletes in steps of a thousand rows, and searches in few statements', async () => {
    await post([new Date()]);
    await copyBatches(2_300);
    await copyEvents(2_300);
    const { statements, result } = await recordStatements(module.dataSource, () => prune(inDays(401)));
    expect(result).toMatchObject({ events: 2_301, deliveries: 2_301 });
    const deletions = (table: string) =>
      statements.filter((sql) => sql.startsWith('DELETE FROM') && sql.includes(table)).length;
    expect([deletions('email_events'), deletions('event_batches')]).toEqual([3, 3]);
    await post([new Date()], 'other');
    await copyBatches(2_300);
    const idle = await recordStatements(module.dataSource, () => prune(inDays(50)));
    expect(idle.statements.filter((sql) => sql.includes('event_batches')).length).toBeLessThan(60);
  }, 60_000);

  it('stops between two steps', async () => {
    await post([new Date()]);
    const stop = new AbortController();
    stop.abort();
    expect(await prune(inDays(401), stop.signal)).toMatchObject({ events: 0, deliveries: 0 });
    expect(await counts('email_events')).toEqual([1]);
  });

  it('can run twice at the same time', async () => {
    await post([new Date(), new Date()]);
    await copyEvents(2_300);
    const reports = await Promise.all([prune(inDays(401)), prune(inDays(401))]);
    expect(reports.reduce((sum, { events }) => sum + events, 0)).toBe(2_302);
    expect(await counts('email_events', 'event_bodies', 'event_batches')).toEqual([0, 0, 0]);
  }, 60_000);

  it('does not store an event that happened before the retention of events', async () => {
    const [old, recent] = [new Date(Date.now() - 400 * DAY_MS - 60_000), inDays(-400)];
    expect(await post([old, recent, new Date()])).toEqual({ accepted: 2, duplicates: 0 });
    const [batch] = await rows('event_batches');
    expect(batch).toMatchObject({ accepted: 2, rejected: 1, status: 'accepted' });
    expect(JSON.stringify(batch?.['rejections'])).toContain('older than the retention of events');
    expect(new Set((await rows('email_events')).map((row) => Number(row['id']) % 65_536))).toEqual(new Set([1, 2]));
    // The clock of a vendor that shows 1970 decides nothing.
    expect(await post([new Date(0)], 'clock')).toEqual({ accepted: 1, duplicates: 0 });
  });

  it('deletes the events and requests of earlier versions', async () => {
    const received = new Date();
    const requestId = uuid();
    const { dataSource } = module;
    const common = { connectionId: id, organization: 'acme', receivedAt: received };
    const [accepted, duplicates, rejected] = [1, 0, 0];
    const numbers = { accepted, duplicates, rejected, occurrences: 1 };
    const body = Buffer.from('body');
    const request = { ...common, id: requestId, vendor: 'hook', body, status: 'accepted', ...numbers };
    await dataSource.getRepository(LegacyRequestRow).insert(request);
    await change('INSERT INTO webhook_request_bodies (request_id, part, connection_id, bytes) VALUES (?, 1, ?, ?)', [
      requestId,
      id,
      body,
    ]);
    const event = { ...common, requestId, position: 0, kind: 'opened' as const, occurredAt: received };
    await dataSource
      .getRepository(LegacyEventRow)
      .insert({ ...event, digest: Buffer.alloc(16, 7), attribution: 'own', machine: null });
    const legacy = ['events', 'webhook_requests', 'webhook_request_bodies'];
    await prune(inDays(89));
    expect(await counts(...legacy)).toEqual([1, 1, 1]);
    expect((await rows('webhook_requests'))[0]?.['body']).not.toBeNull();
    await prune(inDays(90));
    expect(await counts(...legacy)).toEqual([1, 1, 0]);
    expect((await rows('webhook_requests'))[0]?.['body']).toBeNull();
    await prune(inDays(400));
    expect(await counts(...legacy)).toEqual([1, 1, 0]);
    await prune(inDays(401));
    expect(await counts(...legacy)).toEqual([0, 0, 0]);
  });

  it('deletes tests and audit entries', async () => {
    await module.app.get(ConnectionTester).test(CALLER, id);
    expect(await prune(inDays(89))).toMatchObject({ tests: 0, audit: 0 });
    expect(await prune(inDays(90))).toMatchObject({ tests: 1, audit: 0 });
    expect(await prune(inDays(399))).toMatchObject({ audit: 0 });
    expect(await prune(inDays(400))).toMatchObject({ audit: 1 });
    expect(await counts('connection_tests', 'audit_entries')).toEqual([0, 0]);
  });

  it('keeps everything with 0', async () => {
    const days: RetentionDays = { events: 0, bodies: 0, tests: 0, audit: 0 };
    const options = { providers: [HookAdapter], retentionDays: days };
    await post([new Date()]);
    const other = await TestModule.on(module.database, options);
    const report = await other.app.get(RetentionService).prune({ now: inDays(9_000) });
    expect(report).toEqual(NOTHING);
    await other.stop();
  });

  function sqlTime(time: Date): unknown {
    return kind === 'SQLite' ? time.toISOString().replace('T', ' ').replace('Z', '') : time;
  }

  function columnsOf(table: string, without: readonly string[]): string {
    const columns = module.dataSource.entityMetadatas.find(({ tableName }) => tableName === table)?.columns ?? [];
    return columns
      .map(({ databaseName }) => databaseName)
      .filter((name) => !without.includes(name))
      .join(', ');
  }

  /** Numbers from 0, fewer than 10,000. MariaDB recurs 1,000 times at most. */
  const numbersTo = (count: number): string =>
    `WITH RECURSIVE small(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM small WHERE n < 99),
     numbers(n) AS (SELECT 100 * a.n + b.n FROM small AS a JOIN small AS b WHERE 100 * a.n + b.n < ${String(count)})`;

  async function copyBatches(count: number): Promise<void> {
    const columns = columnsOf('event_batches', ['id']);
    await change(
      `INSERT INTO event_batches (id, ${columns}) ${numbersTo(count)}
       SELECT first + 1 + n, ${columns} FROM numbers
       JOIN (SELECT MAX(id) AS first FROM event_batches) AS last JOIN event_batches ON event_batches.id = last.first`,
    );
  }

  /** After an event, with the ids of the next positions of its batch. */
  async function copyEvents(count: number): Promise<void> {
    const columns = columnsOf('email_events', ['id', 'digest']);
    const digest = kind === 'SQLite' ? 'randomblob(16)' : "UNHEX(MD5(CONCAT(RAND(), '-', RAND())))";
    await change(
      `INSERT INTO email_events (id, digest, ${columns}) ${numbersTo(count)}
       SELECT first + 10 + n, ${digest}, ${columns} FROM numbers
       JOIN (SELECT MIN(id) AS first FROM email_events) AS one JOIN email_events ON email_events.id = one.first`,
    );
  }
});

it.each<[RetentionDays, RegExp]>([
  [{ events: 6 }, /retentionDays.events must be 0 or a whole number from 7 to 3650/],
  [{ audit: 1.5 }, /retentionDays.audit must be 0 or a whole number from 1 to 3650/],
  [{ events: 60, bodies: 61 }, /bodies must not be longer/],
  [{ bodies: 0 }, /bodies must not be longer/],
  [{ deliveries: 399 }, /deliveries must not be shorter/],
  [{ events: 0, deliveries: 300 }, /deliveries must not be shorter/],
])('rejects the retention %j', (retentionDays, message) => {
  expect(() => retentionOf({ retentionDays })).toThrow(message);
});

it('keeps bodies no longer than events, and deliveries as long, by default', () => {
  const { bodiesMs, eventsMs, deliveriesMs } = retentionOf({ retentionDays: { events: 30 } });
  expect([bodiesMs, eventsMs, deliveriesMs]).toEqual([30 * DAY_MS, 30 * DAY_MS, 30 * DAY_MS]);
});
