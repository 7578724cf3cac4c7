import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { counted } from '../../../test/support/counted.ts';
import { DATABASES, ofConnection } from '../../../test/support/databases.ts';
import { BatchIds } from '../src/events/batch-ids.ts';
import { ConnectionsService, EventsService, WebhookIngest } from '../src/index.ts';
import { CourierAdapter, COURIERS } from './support/courier-vendor.ts';
import { CALLER, TestModule } from './support/test-module.ts';

/** A batch has more items than there are ids of one batch. */
const ITEMS = 65_540;

describe.each(DATABASES)('a batch on %s', (kind) => {
  let module: TestModule;
  let id: string;

  beforeAll(async () => {
    module = await TestModule.start(kind, { providers: COURIERS });
    const input = { name: 'Post', vendor: 'courier', settings: { password: 'open' } };
    ({ id } = await module.app.get(ConnectionsService).create(CALLER, input));
  });

  afterAll(() => module.end());

  async function post(items: readonly unknown[]) {
    const ingest = module.app.get(WebhookIngest);
    const body = Buffer.from(JSON.stringify(items));
    return ingest.receive(await ingest.find('courier', id), { headers: {}, query: {}, body });
  }

  it('may have more events than 65,536, each of which is found', async () => {
    const receiver = module.app.get(CourierAdapter).webhooks;
    expect(receiver.bodyLimit).toBeGreaterThan(ITEMS);
    // Only a few of them are events: the ids of all others stay unused.
    const items = Array.from({ length: ITEMS }, (_, index) => (index < ITEMS - 3 ? 0 : { kind: 'opened', n: index }));
    expect(await post(items)).toEqual({ accepted: 3, duplicates: 0 });
    expect(await post([{ kind: 'clicked' }])).toEqual({ accepted: 1, duplicates: 0 });
    const { data } = await module.app.get(EventsService).list(CALLER, id);
    const raw = await Promise.all(
      data.map(async (event) => (await module.app.get(EventsService).get(CALLER, id, event.id)).raw),
    );
    expect(raw).toEqual([{ kind: 'clicked' }, ...items.slice(-3).toReversed()]);
  });

  it('gets ids that no other instance takes, and later ones than those of a second ago', async () => {
    const other = await TestModule.on(module.database, { providers: COURIERS });
    const taken: number[] = [];
    for (let round = 0; round < 3; round++) {
      for (const { app } of [module, other]) {
        const { first } = await app.get(BatchIds).take(600);
        taken.push(...Array.from({ length: 600 }, (_, index) => first + index));
      }
    }
    expect(new Set(taken).size).toBe(3_600);
    await other.stop();
  });

  it('gets different ids when several ask for them at the same time, and each event counts once', async () => {
    const ids = module.app.get(BatchIds);
    const events = async (): Promise<number> => {
      const rows: { value: unknown }[] = await module.dataSource.query(
        "SELECT value FROM counters WHERE name = 'event'",
      );
      return Number(rows[0]?.value);
    };
    await ids.take(2_000);
    const before = await events();
    ids.countStored(100);
    const taken = await Promise.all(Array.from({ length: 4 }, () => ids.take(700)));
    expect(new Set(taken.map(({ first }) => first)).size).toBe(4);
    const firsts = taken.map(({ first }) => first).toSorted((a, b) => a - b);
    expect(firsts.every((first, index) => index === 0 || first - (firsts[index - 1] ?? 0) >= 700)).toBe(true);
    await ids.take(2_000);
    expect((await events()) - before).toBe(100);
  });

  it('has its events counted by hour, each once', async () => {
    const items = Array.from({ length: 1_200 }, (_, index) => ({
      kind: 'delivered',
      recipient: `${String(index)}@r.example`,
    }));
    await post(items);
    await Promise.all([post(items), post([...items, { kind: 'delivered' }])]);
    await counted(module.app);
    const rows: { n: unknown }[] = await module.dataSource.query(
      `SELECT SUM(events) AS n FROM event_stats WHERE ${ofConnection(id)} AND kind = 3 AND hours = 1`,
    );
    expect(rows.map(({ n }) => Number(n))).toEqual([1_201]);
  });
});
