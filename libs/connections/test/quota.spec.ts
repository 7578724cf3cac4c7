import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import {
  type Caller,
  type ConnectionsModuleOptions,
  ConnectionsService,
  EventsService,
  PurgeService,
  QuotaService,
  UnitOfWork,
  WebhookIngest,
} from '../src/index.ts';
import { organizationQuotaBytes } from '../src/options/connections.module-options.ts';
import { HookAdapter } from './support/hook-vendor.ts';
import { recordStatements } from './support/statements.ts';
import { CALLER, type Row, TestModule } from './support/test-module.ts';

const TOKEN = 'token-0123456789abcdef';
const HOUR_MS = 60 * 60 * 1_000;
const DAY = 24;
const QUOTA = 1024 * 1024;
/** A full hour: repeated requests have equal times. */
const NOW = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const OTHER: Caller = { organization: 'other', actor: 'user:2' };
const NOTHING = { bodies: 0, events: 0, deliveries: 0 };
const OPTIONS: Partial<ConnectionsModuleOptions> & { readonly providers: readonly (typeof HookAdapter)[] } = {
  providers: [HookAdapter],
  organizationQuotaBytes: QUOTA,
};

describe.each(DATABASES)('the quota of an organization on %s', (kind) => {
  let module: TestModule;
  let id: string;
  let others: string;

  beforeAll(async () => {
    module = await TestModule.start(kind, OPTIONS);
    const input = { name: 'Hook', vendor: 'hook', settings: { apiKey: 'hk-0123456789', token: TOKEN } };
    ({ id } = await module.app.get(ConnectionsService).create(CALLER, input));
    ({ id: others } = await module.app.get(ConnectionsService).create(OTHER, input));
  });

  afterAll(() => module.end());

  beforeEach(async () => {
    for (const table of ['email_events', 'event_bodies', 'event_batches', 'event_sizes', 'event_cutoffs']) {
      await change(`DELETE FROM ${table}`);
    }
    // What is received now counts as received long ago, so that ids say nothing about what was measured.
    await change("UPDATE counters SET value = 0 WHERE name = 'measured'");
    module.logger.lines.length = 0;
    // Another module of a test has a logger of its own.
    Logger.overrideLogger(module.logger);
  });

  const change = (sql: string, values: readonly unknown[] = []) =>
    module.app.get(UnitOfWork).write((tx) => tx.query(sql, [...values]));
  const rows = (table: string) => module.dataSource.query<Row[]>(`SELECT * FROM ${table} ORDER BY 1`);
  const enforce = (now = new Date(), signal?: AbortSignal) =>
    module.app.get(QuotaService).enforce({ now, ...(signal === undefined ? {} : { signal }) });
  const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * HOUR_MS);
  const sqlTime = (time: Date): unknown =>
    kind === 'SQLite' ? time.toISOString().replace('T', ' ').replace('Z', '') : time;

  interface Post {
    readonly connection?: string;
    readonly name?: string;
    /** How large the body is, which cannot be compressed well. */
    readonly bytes?: number;
    readonly by?: TestModule;
  }

  /** A request with one event that happened, and was received, so many hours ago. */
  async function post(
    hours: number,
    { connection = id, name = `event ${String(hours)}`, bytes = 0, by = module }: Post = {},
  ) {
    const head = { headers: {}, query: { token: TOKEN } };
    const ingest = by.app.get(WebhookIngest);
    const webhook = await ingest.preflight('hook', connection, head, undefined);
    const item = { id: name, at: new Date(NOW - hours * HOUR_MS) };
    const body = Buffer.from(JSON.stringify([{ ...item, note: randomBytes(bytes).toString('base64') }]));
    const stored = await ingest.receive(webhook, { ...head, body });
    const [{ id: batch } = {}] = await module.dataSource.query<Row[]>('SELECT MAX(id) AS id FROM event_batches');
    await change('UPDATE event_batches SET received_at = ? WHERE id = ?', [sqlTime(hoursAgo(hours)), batch]);
    return { ...stored, batch };
  }

  /** As if the last request had brought so many events. */
  async function pretend(batch: unknown, what: Readonly<Record<string, unknown>>): Promise<void> {
    const columns = Object.keys(what).map((name) => `${name} = ?`);
    await change(`UPDATE event_batches SET ${columns.join(', ')} WHERE id = ?`, [...Object.values(what), batch]);
  }

  const storedBytes = async (): Promise<number[]> =>
    (await rows('event_bodies')).map((row) => (row['bytes'] as Buffer).length);

  it('deletes the oldest bodies of the organization that exceeds it, and nothing of another one', async () => {
    for (let hours = 12; hours >= 1; hours--) await post(hours, { bytes: 100_000 });
    await post(20, { connection: others, bytes: 100_000 });
    const sizes = (await rows('event_batches')).map((row) => Number(row['body_bytes']));
    const before = await storedBytes();
    expect(sizes.reduce((sum, size) => sum + size)).toBe(before.reduce((sum, size) => sum + size));
    expect((await enforce()).events).toBe(0);
    const own = sizes.slice(0, 12);
    const total = own.reduce((sum, size) => sum + size) + 24 * 300;
    // As few as possible.
    let expected = 0;
    for (let rest = total; rest > QUOTA; rest -= own[expected++] ?? 0);
    expect(expected).toBeGreaterThan(1);
    const left = new Set((await rows('event_bodies')).map((row) => Number(row['batch'])));
    const batches = (await rows('event_batches')).map((row) => Number(row['id']));
    expect(batches.filter((batch) => !left.has(batch))).toEqual(batches.slice(0, expected));
    expect(await rows('email_events')).toHaveLength(13);
    expect(await enforce()).toEqual(NOTHING);
    // Digests outlive bodies.
    expect(await post(12)).toMatchObject({ accepted: 0, duplicates: 1 });
    expect((await module.app.get(EventsService).list(CALLER, id)).data).toHaveLength(12);
    expect(module.logger.lines.join('\n')).toMatch(/Deleted for the quota of organizations: bodies \d+, events 0/);
  });

  it('then deletes the oldest events, as soon as all instances refuse their repetitions', async () => {
    for (const days of [10, 9, 2]) {
      const { batch } = await post(days * DAY, { bytes: 1_000 });
      await pretend(batch, { accepted: 3_000 });
    }
    const { batch } = await post(10 * DAY, { connection: others, name: 'other' });
    await pretend(batch, { accepted: 3_000 });
    const now = new Date();
    expect(await enforce(now)).toEqual({ bodies: 3, events: 0, deliveries: 0 });
    expect(await enforce(new Date(now.getTime() + 60_000))).toEqual(NOTHING);
    expect(await rows('event_cutoffs')).toHaveLength(1);
    expect(await enforce(new Date(now.getTime() + 180_000))).toEqual({ bodies: 0, events: 2, deliveries: 2 });
    expect(await rows('email_events')).toHaveLength(2);
    expect(await rows('event_batches')).toHaveLength(2);
    expect(await enforce(new Date(now.getTime() + 400_000))).toEqual(NOTHING);
    // An instance that has read the cutoffs.
    const by = await TestModule.on(module.database, OPTIONS);
    expect(await post(10 * DAY, { by })).toMatchObject({ accepted: 0, duplicates: 0 });
    expect(await post(9 * DAY, { by })).toMatchObject({ accepted: 0, duplicates: 0 });
    expect(await post(2 * DAY, { by })).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await post(10 * DAY, { by, connection: others, name: 'another' })).toMatchObject({ accepted: 1 });
    await by.stop();
    const reasons = JSON.stringify((await rows('event_batches')).map((row) => row['rejections']));
    expect(reasons).toContain('older than the retention of events');
  });

  it('keeps the events of the last week, and reports by how much they exceed it', async () => {
    await pretend((await post(2 * DAY)).batch, { accepted: 4_000 });
    const now = new Date();
    expect(await enforce(now)).toMatchObject({ events: 0 });
    expect(await enforce(new Date(now.getTime() + 180_000))).toMatchObject({ events: 0, deliveries: 0 });
    expect(await rows('email_events')).toHaveLength(1);
    const excess = String(4_001 * 300 - QUOTA);
    expect(module.logger.lines).toContain(
      `warn Organization acme exceeds the quota by ${excess} bytes: events of the last 7 days are kept`,
    );
  });

  it('measures each request once, after it has settled, without samples and what retention deletes', async () => {
    await pretend((await post(100 * DAY)).batch, { body_bytes: 2 * QUOTA });
    await pretend((await post(3)).batch, { status: 'unauthenticated', body_bytes: 2 * QUOTA });
    await post(2);
    await post(0);
    const days = { events: 400, bodies: 90 };
    const other = await TestModule.on(module.database, { ...OPTIONS, retentionDays: days });
    for (let count = 0; count < 2; count++) {
      expect(await other.app.get(QuotaService).enforce()).toEqual(NOTHING);
      const sizes = await rows('event_sizes');
      expect(sizes.map((row) => [Number(row['events']), Number(row['batches'])])).toEqual([
        [1, 1],
        [1, 1],
      ]);
    }
    expect((await rows('event_sizes')).map((row) => Number(row['body_bytes']) > 1_000)).toEqual([false, false]);
    // A second later nothing is new, so that no batch is read.
    const { statements } = await recordStatements(module.dataSource, () => enforce());
    expect(statements.filter((sql) => sql.includes('event_bodies'))).toEqual([]);
    await other.app.get(QuotaService).enforce({ now: new Date(Date.now() + HOUR_MS) });
    expect(await rows('event_sizes')).toHaveLength(3);
    await other.stop();
  });

  it('deletes in small steps, and stops between two of them', async () => {
    for (let hours = 30; hours >= 21; hours--) await post(hours, { bytes: 700_000 });
    const stop = new AbortController();
    stop.abort();
    expect(await enforce(new Date(), stop.signal)).toEqual(NOTHING);
    const { statements } = await recordStatements(module.dataSource, () => enforce());
    // A body of 700,000 bytes has about 440 parts, and a step has about a thousand.
    expect(statements.filter((sql) => /^DELETE FROM .?event_bodies/.test(sql)).length).toBeGreaterThanOrEqual(4);
    expect((await storedBytes()).reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(QUOTA);
  });

  it('forgets the sizes of a purged connection', async () => {
    const input = { name: 'Gone', vendor: 'hook', settings: { apiKey: 'hk-0123456789', token: TOKEN } };
    const gone = await module.app.get(ConnectionsService).create(CALLER, input);
    await post(2, { connection: gone.id });
    await enforce();
    expect(await rows('event_sizes')).toHaveLength(1);
    await module.app.get(ConnectionsService).delete(CALLER, gone.id);
    await module.app.get(PurgeService).purge({ now: new Date(Date.now() + 60 * DAY * HOUR_MS) });
    expect(await rows('event_sizes')).toEqual([]);
  });

  it('does nothing without a quota', async () => {
    const { providers } = OPTIONS;
    const other = await TestModule.on(module.database, { providers });
    await pretend((await post(10 * DAY)).batch, { body_bytes: 2 * QUOTA });
    expect(await other.app.get(QuotaService).enforce()).toEqual(NOTHING);
    expect(await rows('event_sizes')).toEqual([]);
    await other.stop();
  });
});

it.each([0, 1_000, 1.5 * 1024 * 1024 + 0.5, Number.NaN])('rejects the quota %d', (bytes) => {
  expect(() => organizationQuotaBytes({ organizationQuotaBytes: bytes })).toThrow(/organizationQuotaBytes must be/);
});
