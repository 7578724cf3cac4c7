import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Adapter, type BounceClass, type EmailEvent, EVENT_KINDS, type WebhookReceiver } from '@score-crm/adapter-kit';
import { counted } from '../../../test/support/counted.ts';
import { DATABASES } from '../../../test/support/databases.ts';
import { hourOf } from '../src/events/event-sizes.repository.ts';
import { EventRow } from '../src/events/events.repository.ts';
import {
  type ConnectionNotFoundError,
  ConnectionsService,
  CountsRebuild,
  type EventStats,
  InvalidQueryError,
  type StatsQuery,
  StatsService,
  UnitOfWork,
  WebhookIngest,
} from '../src/index.ts';
import { detailOf } from '../src/stats/counts.projection.ts';
import { EventStatRow } from '../src/stats/event-stats.repository.ts';
import { CourierAdapter } from './support/courier-vendor.ts';
import { recordStatements } from './support/statements.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;
const CLASSES: readonly BounceClass[] = ['hard', 'soft', 'block', 'policy', 'admin', 'unknown'];
/** How many events each batch has. */
const EVENTS = process.env['TEST_LONG'] === '1' ? 2_000 : 150;

/** An item of a webhook: an event with its time in milliseconds. */
type Item = Omit<EmailEvent, 'occurredAt' | 'raw'> & { readonly at: number; readonly n: number };

/** Its events have the times, machines and metadata that a test posts. */
@Adapter({ vendor: 'timed', displayName: 'Timed' })
class TimedAdapter extends CourierAdapter {
  override readonly webhooks: WebhookReceiver = {
    authentication: 'shared-secret',
    bodyLimit: 1 << 22,
    authenticateHead: () => 'verified',
    authenticate: () => 'verified',
    parse: ({ body }) =>
      (JSON.parse(Buffer.from(body).toString()) as Item[]).map(({ at, n, ...event }) => ({
        ok: true,
        event: { ...event, occurredAt: new Date(at), raw: {} },
        deduplicationKey: [n],
      })),
    setupInstructions: () => [],
  };
}

/** Repeatable numbers from 0 to below 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe.each(DATABASES)('statistics on %s', (kind) => {
  let module: TestModule;
  let first: string;
  let second: string;
  let next = 0;
  const random = randomNumbers(13);

  beforeAll(async () => {
    module = await TestModule.start(kind, { providers: [TimedAdapter] });
    const input = { vendor: 'timed', settings: { password: 'open' } };
    ({ id: first } = await module.app.get(ConnectionsService).create(CALLER, { ...input, name: 'First' }));
    ({ id: second } = await module.app.get(ConnectionsService).create(CALLER, { ...input, name: 'Second' }));
  });

  afterAll(() => module.end());

  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const stats = (query?: StatsQuery, id = first): Promise<EventStats> =>
    module.app.get(StatsService).ofConnection(CALLER, id, query);

  /** Of any kind, in the last 60 days; most of them recent. */
  function randomItem(id: string, days = 60): Item {
    const event = pick(EVENT_KINDS);
    const isRead = event === 'opened' || event === 'clicked';
    return {
      n: next++,
      kind: event,
      at: Date.now() - Math.floor(random() ** 2 * days * DAY_MS),
      recipient: `r${String(next % 50)}@r.example`,
      ...(isRead && random() < 0.4 ? { machine: random() < 0.7 } : {}),
      ...(event === 'bounced' && random() < 0.9 ? { bounce: { class: pick(CLASSES) } } : {}),
      ...(event === 'deferred' ? { bounce: { class: 'soft' as const } } : {}),
      metadata: pick([{ score_connection_id: id }, {}, { score_connection_id: 'another' }, { score_test: '1' }]),
    };
  }

  async function post(items: readonly Item[], id = first): Promise<void> {
    const ingest = module.app.get(WebhookIngest);
    const body = Buffer.from(JSON.stringify(items));
    await ingest.receive(await ingest.find('timed', id), { headers: {}, query: {}, body });
  }

  /** Every bucket, as a line. */
  async function stored(): Promise<string[]> {
    const rows = await module.app.get(UnitOfWork).read((tx) => tx.find(EventStatRow));
    return rows
      .map(({ connection, hours, start, kind: name, detail, events }) =>
        [connection, hours, start, name, detail, events].join(' '),
      )
      .toSorted();
  }

  /** What the buckets should be, from the events themselves. */
  async function recounted(): Promise<string[]> {
    const rows = await module.app.get(UnitOfWork).read((tx) => tx.find(EventRow));
    const sums = new Map<string, number>();
    for (const row of rows) {
      if (row.attribution !== 'own' && row.attribution !== 'unmatched') continue;
      const hour = hourOf(row.occurredAt);
      for (const [hours, start] of [
        [1, hour],
        [24, hour - (hour % 24)],
      ]) {
        const key = [row.connection, hours, start, row.kind, detailOf(row)].join(' ');
        sums.set(key, (sums.get(key) ?? 0) + 1);
      }
    }
    return [...sums].map(([key, events]) => `${key} ${String(events)}`).toSorted();
  }

  it('equal a recount of the events after random batches, some of them repeated', async () => {
    const batches = Array.from({ length: 8 }, (_, index) => {
      const id = index % 3 === 0 ? second : first;
      return { id, items: Array.from({ length: EVENTS }, () => randomItem(id)) };
    });
    await Promise.all([...batches, ...batches.slice(0, 2)].map(async ({ id, items }) => post(items, id)));
    await counted(module.app);
    const lines = await stored();
    expect(lines).toEqual(await recounted());
    expect(lines.length).toBeGreaterThan(EVENTS);
  });

  it('return every hour or day of a period with its counts, and their sums', async () => {
    const to = new Date();
    for (const [interval, days] of [
      ['hour', 31],
      ['day', 400],
    ] as const) {
      const answer = await stats({ interval, from: new Date(to.getTime() - days * DAY_MS), to });
      const width = interval === 'hour' ? HOUR_MS : DAY_MS;
      expect(answer.from.getTime() % width).toBe(0);
      expect(answer.to.getTime() % width).toBe(0);
      expect(answer.buckets.map(({ start }) => start.getTime())).toEqual(
        Array.from(
          { length: (answer.to.getTime() - answer.from.getTime()) / width },
          (_, index) => answer.from.getTime() + index * width,
        ),
      );
      const sum: Record<string, number> = {};
      for (const { counts } of answer.buckets) {
        for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
      }
      expect(answer.counts).toEqual(sum);
      expect(answer.counts.delivered).toBeGreaterThan(0);
      const bounces = Object.values(answer.bounceClasses).reduce((total, count) => total + count, 0);
      expect(bounces).toBe(answer.counts.bounced);
      expect(Object.keys(answer.machineCounts).toSorted()).toEqual(['clicked', 'opened']);
    }
    const { interval, buckets, counts } = await stats({ days: 60 });
    expect([interval, buckets]).toEqual([null, []]);
    expect(counts).toEqual((await stats({ days: 60, interval: 'day' })).counts);
  });

  it('sum up the connections of an organization, or some of them', async () => {
    const service = module.app.get(StatsService);
    const query = { interval: 'day', days: 90 } as const;
    const [one, other] = [await stats(query), await stats(query, second)];
    const all = await service.ofOrganization(CALLER, query);
    for (const name of EVENT_KINDS) {
      expect(all.counts[name] ?? 0).toBe((one.counts[name] ?? 0) + (other.counts[name] ?? 0));
    }
    const timeless = { from: expect.anything(), to: expect.anything() };
    expect(await service.ofOrganization(CALLER, query, [second])).toEqual({ ...other, ...timeless });
    expect((await service.ofOrganization({ ...CALLER, organization: 'globex' }, query)).counts).toEqual({});
    await expect(service.ofConnection({ ...CALLER, organization: 'globex' }, first, query)).rejects.toMatchObject({
      code: 'not_found',
    } satisfies Partial<ConnectionNotFoundError>);
  });

  it('have rates, and when the last event was counted', async () => {
    const at = Date.now();
    const of = (name: Item['kind'], count: number, more: Partial<Item> = {}): Item[] =>
      Array.from({ length: count }, () => ({ n: next++, kind: name, at, metadata: {}, ...more }));
    const { id } = await module.app
      .get(ConnectionsService)
      .create(CALLER, { vendor: 'timed', settings: { password: 'open' }, name: 'Third' });
    const empty = await stats({}, id);
    expect(empty.rates.map(({ rate }) => rate)).toEqual([null, null, null, null, null, null]);
    await post(
      [
        ...of('sent', 100),
        ...of('delivered', 90),
        ...of('bounced', 6, { bounce: { class: 'hard' } }),
        ...of('bounced', 2, { bounce: { class: 'soft' } }),
        ...of('complained', 1),
        ...of('opened', 45),
        ...of('opened', 30, { machine: true }),
      ],
      id,
    );
    await counted(module.app);
    const { rates, updatedTo, machineCounts } = await stats({}, id);
    expect(
      rates.map(({ name, events, base, of: size }) => `${name} ${String(events)}/${String(size)} ${base}`),
    ).toEqual([
      'delivered 90/100 sent',
      'bounced 8/100 sent',
      'hardBounced 6/100 sent',
      'complained 1/90 delivered',
      'opened 45/90 delivered',
      'clicked 0/90 delivered',
    ]);
    expect(rates.map(({ rate }) => rate)).toEqual([0.9, 0.08, 0.06, 1 / 90, 0.5, 0]);
    expect(rates[3]?.thresholds.map(({ provider, rate }) => `${provider} ${String(rate)}`)).toContain('Gmail 0.003');
    expect(machineCounts).toEqual({ opened: 30 });
    expect(Math.abs((updatedTo?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    // Other systems send through the same account.
    await post(of('delivered', 50), id);
    await counted(module.app);
    expect((await stats({}, id)).rates[0]).toMatchObject({ events: 140, base: 'outcomes', of: 148 });
  });

  it.each([
    [{ days: 401 }, '/days out_of_range'],
    [{ days: 0 }, '/days out_of_range'],
    [{ days: 32, interval: 'hour' }, '/days out_of_range'],
    [{ days: 1, from: new Date(0) }, '/days not_applicable'],
    [{ from: new Date(0) }, '/from out_of_range'],
    [{ from: new Date(5), to: new Date(5) }, '/from out_of_range'],
  ] as [StatsQuery, string][])('reject the period %j', async (query, expected) => {
    const error: unknown = await stats(query).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidQueryError);
    const [problem] = (error as InvalidQueryError).errors;
    expect(`${problem?.pointer ?? ''} ${problem?.code ?? ''}`).toBe(expected);
  });

  it('of a year are one statement that reads a range of the primary key', async () => {
    const { statements, parameters } = await recordStatements(module.dataSource, () =>
      stats({ interval: 'day', days: 365 }),
    );
    const reads = statements.flatMap((sql, index) => (sql.includes('event_stats') ? [index] : []));
    expect(reads).toHaveLength(1);
    const [read = 0] = reads;
    const explain = kind === 'SQLite' ? 'EXPLAIN QUERY PLAN ' : 'EXPLAIN ';
    const [plan] = await module.dataSource.query<{ key?: string; type?: string; detail?: string }[]>(
      explain + String(statements[read]),
      [...(parameters[read] ?? [])],
    );
    if (kind === 'SQLite') expect(plan?.detail).toMatch(/^SEARCH event_stats USING (INDEX sqlite_autoindex|PRIMARY)/);
    else expect([plan?.key, plan?.type]).toEqual(['PRIMARY', 'range']);
  });

  describe('rebuilt', () => {
    it('equal the live ones, although counts were wrong and events arrive meanwhile', async () => {
      const work = module.app.get(UnitOfWork);
      await work.write((tx) => tx.query('UPDATE event_stats SET events = events + 7'));
      expect(await stored()).not.toEqual(await recounted());
      const progress: number[] = [];
      const rebuild = module.app.get(CountsRebuild).run({
        pollMs: 10,
        onProgress: ({ counted: done, total }) => progress.push(done / total),
      });
      for (let round = 0; round < 3; round++) await post(Array.from({ length: 50 }, () => randomItem(first)));
      await rebuild;
      await counted(module.app);
      expect(await stored()).toEqual(await recounted());
      expect(progress.at(-1)).toBe(1);
      expect(await work.read((tx) => tx.query('SELECT * FROM event_stats_rebuilds'))).toEqual([]);
    });

    it('keep the counts of days whose events may not be in the feed', async () => {
      const work = module.app.get(UnitOfWork);
      const today = hourOf(new Date()) - (hourOf(new Date()) % 24);
      const firstHour = today - 20 * 24;
      await work.write((tx) => tx.query("UPDATE counters SET value = ? WHERE name = 'counted_from'", [firstHour]));
      // As a migration has left them.
      await work.write((tx) => tx.query('UPDATE event_stats SET events = events + 3 WHERE start < ?', [firstHour]));
      const before = await stored();
      await work.write((tx) => tx.query('UPDATE event_stats SET events = 1 WHERE start >= ?', [firstHour]));
      const late = { ...randomItem(first), at: (firstHour - 1) * HOUR_MS, metadata: {}, kind: 'failed' as const };
      const rebuild = module.app.get(CountsRebuild).run({ pollMs: 10 });
      await post([late]);
      await rebuild;
      await counted(module.app);
      const after = await stored();
      const changed = after.filter((line) => !before.includes(line));
      // The event that arrived in the meantime, in an hour and a day that were kept.
      expect(changed.map((line) => line.split(' ').slice(1, 4).join(' '))).toEqual([
        `1 ${String(firstHour - 1)} failed`,
        `24 ${String(firstHour - 24)} failed`,
      ]);
      expect(before.filter((line) => !after.includes(line)).length).toBeLessThanOrEqual(2);
    });

    it('begin again after an interruption, and count nothing until then', async () => {
      const stop = new AbortController();
      stop.abort(new Error('stopped'));
      const before = await stored();
      await expect(module.app.get(CountsRebuild).run({ signal: stop.signal })).rejects.toThrow('stopped');
      await post([{ ...randomItem(first), metadata: {}, kind: 'failed' }]);
      await module.app.get(CountsRebuild).run({ pollMs: 10 });
      await counted(module.app);
      const after = await stored();
      expect(after.filter((line) => !before.includes(line))).toHaveLength(2);
    });
  });
});
