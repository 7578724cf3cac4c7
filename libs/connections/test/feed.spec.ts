import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import {
  ConnectionsService,
  ConsumersService,
  EventConsumers,
  EventFeed,
  FEED_START,
  type FeedEvent,
  type FeedPosition,
  type FeedQuery,
  PositionExpiredError,
  RetentionService,
  UnitOfWork,
  WebhookIngest,
} from '../src/index.ts';
import { EventBatchesRepository } from '../src/events/event-batches.repository.ts';
import { EventsRepository } from '../src/events/events.repository.ts';
import { entryOf, FeedRepository, idsOf } from '../src/sequence/feed.repository.ts';
import { COURIERS } from './support/courier-vendor.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const OTHER = { organization: 'globex', actor: 'user:2' };

describe('the ids of an entry', () => {
  const connection = { number: 3, organizationNumber: 2 };

  it('are a range if they are successive, and a list of ranges otherwise', () => {
    expect(entryOf(connection, [])).toEqual([]);
    const [whole] = entryOf(connection, [70, 71, 72]);
    expect(whole).toEqual({ first: 70, connection: 3, organization: 2, events: 3, positions: null });
    expect(whole && idsOf(whole)).toEqual([{ first: 70, last: 72 }]);
    const [parts] = entryOf(connection, [70, 72, 73, 200_000]);
    expect(parts && idsOf(parts)).toEqual([
      { first: 70, last: 70 },
      { first: 72, last: 73 },
      { first: 200_000, last: 200_000 },
    ]);
  });
});

describe.each(DATABASES)('the feed on %s', (kind) => {
  let module: TestModule;
  let second: TestModule;
  let mine: string;
  let theirs: string;

  beforeAll(async () => {
    module = await TestModule.start(kind, { providers: COURIERS });
    second = await TestModule.on(module.database, { providers: COURIERS });
    const input = { name: 'Post', vendor: 'courier', settings: { password: 'open' } };
    ({ id: mine } = await module.app.get(ConnectionsService).create(CALLER, input));
    ({ id: theirs } = await module.app.get(ConnectionsService).create(OTHER, input));
  });

  afterAll(async () => {
    await second.stop();
    await module.end();
  });

  async function post(items: readonly unknown[], id = mine, { app } = module): Promise<void> {
    const ingest = app.get(WebhookIngest);
    const body = Buffer.from(JSON.stringify(items));
    await ingest.receive(await ingest.find('courier', id), { headers: {}, query: {}, body });
  }

  /** Reads on until there were as many events. */
  async function read(count: number, query: Partial<FeedQuery> = {}, { app } = module): Promise<FeedEvent[]> {
    const events: FeedEvent[] = [];
    for (let after: FeedPosition = query.after ?? FEED_START; events.length < count;) {
      const page = await app.get(EventFeed).events({ limit: 7, ...query, after });
      events.push(...page.events);
      after = page.next;
      if (page.isAtEnd) await delay(10);
    }
    return events;
  }

  function item(name: string, kind = 'delivered'): object {
    return { kind, recipient: `${name}@r.example` };
  }

  it('has one order for all readers while two instances write, without gaps', async () => {
    const start = await module.app.get(EventFeed).end();
    const posts = Array.from({ length: 30 }, (_, request) => {
      const items = Array.from({ length: 5 }, (__, index) => item(`${String(request)}-${String(index)}`));
      return post(items, request % 3 === 0 ? theirs : mine, request % 2 === 0 ? module : second);
    });
    const readers = [module, second].map(async (from, index) => read(150, { after: start, limit: 4 + index }, from));
    await Promise.all(posts);
    const [first = [], other = []] = await Promise.all(readers);
    expect(first.map(({ id }) => id)).toEqual(other.map(({ id }) => id));
    expect(new Set(first.map(({ id }) => id)).size).toBe(150);
    const places: { seq: number | string }[] = await module.dataSource.query(
      'SELECT seq FROM feed_entries ORDER BY seq',
    );
    expect(places.map(({ seq }) => Number(seq))).toEqual(places.map((_, index) => index + 1));
  });

  it('returns only the events of an organization that match, from any position', async () => {
    const start = await module.app.get(EventFeed).end();
    await post([item('a'), item('b', 'bounced'), item('c')]);
    await post([item('d', 'bounced')], theirs);
    const events = await read(3, { after: start, organization: 'acme' });
    expect(events.map(({ recipient }) => recipient)).toEqual(['a@r.example', 'b@r.example', 'c@r.example']);
    expect(events[0]).toMatchObject({ organization: 'acme', connectionId: mine, vendor: 'courier', kind: 'delivered' });
    const [, b] = events;
    const [seq = '', index = ''] = b?.position.split('-') ?? [];
    const after = { seq: Number(seq), index: Number(index) };
    expect((await read(1, { after, organization: 'acme' })).map(({ id }) => id)).toEqual([events[2]?.id]);
    const bounced = await read(2, { after: start, kinds: ['bounced'] });
    expect(bounced.map(({ connectionId }) => connectionId)).toEqual([mine, theirs]);
    const feed = module.app.get(EventFeed);
    expect((await feed.events({ after: start, limit: 10, organization: 'nobody' })).events).toEqual([]);
  });

  it('reads about as much as it returns if most events match, and more only if few do', async () => {
    const start = await module.app.get(EventFeed).end();
    for (let request = 0; request < 60; request++) {
      await post([item(`${String(request)}-x`, request % 20 === 0 ? 'bounced' : 'delivered')]);
    }
    await read(60, { after: start });
    const entries = jest.spyOn(module.app.get(FeedRepository), 'from');
    const rows = jest.spyOn(module.app.get(EventsRepository), 'inRanges');
    const bodies = jest.spyOn(module.app.get(EventBatchesRepository), 'storedBodies');
    const page = async (query: Partial<FeedQuery>): Promise<object> => {
      entries.mockClear();
      rows.mockClear();
      bodies.mockClear();
      const { events } = await module.app.get(EventFeed).events({ after: start, limit: 10, ...query });
      const returned = await Promise.all(entries.mock.results.map(async ({ value }) => value));
      const found = await Promise.all(rows.mock.results.map(async ({ value }) => value));
      return { events: events.length, entries: returned.flat().length, rows: found.flat().length };
    };
    expect(await page({})).toEqual({ events: 10, entries: 11, rows: 10 });
    // Nine of these ten match, and one of them is a bounce.
    expect(await page({ kinds: ['delivered'] })).toEqual({ events: 9, entries: 11, rows: 10 });
    expect(await page({ kinds: ['bounced'] })).toEqual({ events: 3, entries: 61, rows: 60 });
    // Ten requests.
    await page({});
    expect(bodies).toHaveBeenCalledTimes(1);
    jest.restoreAllMocks();
  });

  it('has an event of repeated requests once', async () => {
    const start = await module.app.get(EventFeed).end();
    await post([item('e'), 7, item('f')]);
    await post([item('e'), 8, item('f'), item('g')]);
    expect((await read(3, { after: start })).map(({ recipient }) => recipient)).toEqual([
      'e@r.example',
      'f@r.example',
      'g@r.example',
    ]);
  });

  it('moves the position of a reader whose organization has no new events, and rejects an expired one', async () => {
    const feed = module.app.get(EventFeed);
    const before = await feed.end();
    await post([item('h')], theirs);
    await read(1, { after: before });
    const page = await feed.events({ after: before, limit: 10, organization: 'acme' });
    expect(page).toEqual({ events: [], next: await feed.end(), isAtEnd: true });
    const unitOfWork = module.app.get(UnitOfWork);
    const { seq } = await feed.end();
    await unitOfWork.write((tx) => module.app.get(FeedRepository).deleteSomeBefore(tx, seq));
    await expect(feed.events({ after: before, limit: 10 })).rejects.toThrow(PositionExpiredError);
    expect((await feed.events({ after: await feed.beginning(), limit: 10 })).events).toEqual([]);
    expect((await feed.events({ after: FEED_START, limit: 10 })).events).toEqual([]);
  });

  it('is deleted after its retention, and later what a consumer has not read yet', async () => {
    const inDays = (days: number): Date => new Date(Date.now() + days * 24 * 60 * 60 * 1_000);
    const prune = async (days: number): Promise<number> => {
      await module.app.get(RetentionService).prune({ now: inDays(days) });
      return (await module.dataSource.query<unknown[]>('SELECT seq FROM feed_entries')).length;
    };
    const feed = module.app.get(EventFeed);
    const consumers = module.app.get(EventConsumers);
    const handle = async (): Promise<void> => undefined;
    consumers.add({ name: 'paused', type: 'subscriber', batchSize: 1, start: 'end', handle });
    // Beside the projections, which are listed as well.
    const isKnown = async (): Promise<boolean> =>
      (await module.app.get(ConsumersService).list()).some(({ name }) => name === 'paused');
    while (!(await isKnown())) await delay(5);
    await module.app.get(ConsumersService).pause('paused');
    const start = await feed.end();
    await post([item('j')]);
    await post([item('k')]);
    await read(2, { after: start });
    expect(await prune(29)).toBe(2);
    expect(await prune(31)).toBe(2);
    await module.app.get(ConsumersService).seek('paused', { seq: start.seq + 1, index: 0 });
    expect(await prune(31)).toBe(1);
    expect(await prune(59)).toBe(1);
    expect(await prune(61)).toBe(0);
    await consumers.remove('paused');
  });
});
