import { setTimeout as delay } from 'node:timers/promises';
import { EVENT_KINDS } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import {
  ConnectionsService,
  ConsumersService,
  EventConsumers,
  EventFeed,
  EventsService,
  FEED_KINDS,
  type FeedKind,
  type FeedPage,
  type FeedPosition,
  type FeedQuery,
  OnWebhookHealthChange,
  parsePosition,
  UnitOfWork,
  WEBHOOK_HEALTH_CHANGED,
  type WebhookHealth,
  type WebhookHealthEvent,
  WebhookHealthService,
} from '../src/index.ts';
import { hourOf } from '../src/events/event-sizes.repository.ts';
import { WebhookHealthChangesRepository } from '../src/events/webhook-health-changes.repository.ts';
import { healthOf, MIN_SIGNATURE_FAILURES } from '../src/webhooks/webhook-health.ts';
import { WebhookStatusService } from '../src/webhooks/webhook-status.service.ts';
import { EventStatsRepository } from '../src/stats/event-stats.repository.ts';
import { webhookSilenceMs } from '../src/options/connections.module-options.ts';
import { FakeAdapter } from './support/fake-vendor.ts';
import { HookAdapter } from './support/hook-vendor.ts';
import { fakeConnection } from './support/inputs.ts';
import { CALLER, TestModule } from './support/test-module.ts';

/** A person entered a key of its vendor: the webhook counts as set up. */
const HOOK = { name: 'Hook', vendor: 'hook', settings: { apiKey: 'key', verificationKey: 'vendor’s key' } };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

@Injectable()
class Watcher {
  readonly events: WebhookHealthEvent[] = [];

  @OnWebhookHealthChange({ name: 'watcher', start: 'beginning' })
  watch(events: readonly WebhookHealthEvent[]): void {
    this.events.push(...events);
  }
}

describe('the health of a webhook', () => {
  const facts = { state: 'receiving', recent: {}, isSilent: false } as const;
  const failures = { invalid: 4, missing: 3, malformed: 2, not_configured: MIN_SIGNATURE_FAILURES - 9 };

  it.each([
    [{}, 'healthy', null],
    [{ state: 'waiting' }, 'waiting', null],
    [{ state: 'not_set_up' }, 'inactive', null],
    [{ state: 'unsupported' }, 'inactive', null],
    [{ state: 'failing' }, 'unhealthy', 'unreadable'],
    [{ recent: failures }, 'unhealthy', 'signature_failures'],
    [{ recent: { ...failures, invalid: 3 } }, 'healthy', null],
    [{ recent: { ...failures, accepted: 1 } }, 'healthy', null],
    [{ recent: { ...failures, rejected: 1 } }, 'healthy', null],
    [{ recent: failures, state: 'waiting' }, 'unhealthy', 'signature_failures'],
    [{ recent: failures, state: 'not_set_up', isSilent: true }, 'inactive', null],
    [{ isSilent: true }, 'unhealthy', 'no_events'],
    [{ isSilent: true, state: 'waiting' }, 'unhealthy', 'no_events'],
    [{ isSilent: true, recent: failures }, 'unhealthy', 'signature_failures'],
    [{ isSilent: true, recent: failures, state: 'failing' }, 'unhealthy', 'unreadable'],
  ] as const)('with %j is %s, %s', (changes, state, reason) => {
    expect(healthOf({ ...facts, ...changes })).toEqual({ state, reason });
  });
});

describe.each(DATABASES)('the health of webhooks on %s', (kind) => {
  let module: TestModule;
  let other: TestModule;
  let health: WebhookHealthService;
  let statuses: WebhookStatusService;
  /** In the middle of an hour. */
  const start = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS + 30 * MINUTE_MS);
  const at = (hours: number, minutes = 0): Date => new Date(start.getTime() + hours * HOUR_MS + minutes * MINUTE_MS);

  beforeAll(async () => {
    const providers = [FakeAdapter, HookAdapter, Watcher];
    module = await TestModule.start(kind, { providers });
    other = await TestModule.on(module.database, { providers });
    health = module.app.get(WebhookHealthService);
    statuses = module.app.get(WebhookStatusService);
  });
  afterAll(async () => {
    await other.stop();
    await module.end();
  });

  const connect = async (): Promise<string> => (await module.app.get(ConnectionsService).create(CALLER, HOOK)).id;
  const flush = (): Promise<void> => statuses['flush']();
  const received = async (id: string, time: Date, events: number): Promise<void> => {
    statuses.received(id, time, events);
    await flush();
  };
  const refuse = async (id: string, time: Date, count: number): Promise<void> => {
    for (let one = 0; one < count; one++) statuses.refused(id, time, 'invalid');
    await flush();
  };
  /** An email that the vendor accepted, as it is counted. */
  const sent = async (id: string, time: Date): Promise<void> => {
    const { number } = await module.deleted(id);
    const count = { connection: number, hour: hourOf(time), kind: 'sent', detail: 'none', events: 1 } as const;
    const units = module.app.get(UnitOfWork);
    const stats = module.app.get(EventStatsRepository, { strict: false });
    await units.write((tx) => stats.add(tx, [count], units.statementLimits));
  };
  const stateAt = async (id: string, time: Date, by = health): Promise<string> => {
    const { state, reason } = await by.get(CALLER, id, time);
    return reason === null ? state : `${state}: ${reason}`;
  };
  const changesOf = (view: WebhookHealth): string[] =>
    view.changes.map(({ state, reason, changedAt }) => [state, reason, changedAt.toISOString()].join(' '));

  const pageOf = (after: FeedPosition): Promise<FeedPage<WebhookHealthEvent>> =>
    module.app.get(EventFeed).events({ after, limit: 1_000, kinds: [WEBHOOK_HEALTH_CHANGED] });
  /** The changes of a connection in the feed, as soon as there are so many. */
  const readOf = async (id: string, after: FeedPosition, count = 1): Promise<readonly WebhookHealthEvent[]> => {
    for (;;) {
      const own = (await pageOf(after)).events.filter(({ connectionId }) => connectionId === id);
      if (own.length >= count) return own;
      await delay(5);
    }
  };

  it('follows what is received, and its changes are recorded with their times', async () => {
    const id = await connect();
    expect(await stateAt(id, at(0))).toBe('waiting');
    await received(id, at(0, 1), 2);
    expect(await stateAt(id, at(0, 2))).toBe('healthy');
    statuses.rejected(id, at(0, 3));
    await flush();
    expect(await stateAt(id, at(0, 4))).toBe('unhealthy: unreadable');
    expect(await stateAt(id, at(0, 5))).toBe('unhealthy: unreadable');
    await received(id, at(0, 6), 0);
    const view = await health.get(CALLER, id, at(0, 7));
    expect(view).toMatchObject({ state: 'healthy', reason: null, since: at(0, 7), silenceHours: 6 });
    expect(view).toMatchObject({ lastAuthenticatedAt: at(0, 6), lastEventAt: at(0, 1), lastUnauthenticatedAt: null });
    expect(changesOf(view)).toEqual([
      `healthy  ${at(0, 7).toISOString()}`,
      `unhealthy unreadable ${at(0, 4).toISOString()}`,
      `healthy  ${at(0, 2).toISOString()}`,
      `waiting  ${at(0).toISOString()}`,
    ]);
  });

  it('counts requests by outcome over 24 hours, and events per minute', async () => {
    const id = await connect();
    await received(id, at(-25), 1_000);
    await received(id, at(-23), 100);
    await received(id, at(-1), 60);
    await received(id, at(0), 120);
    statuses.rejected(id, at(0));
    statuses.refused(id, at(0), 'missing');
    await refuse(id, at(0), 3);
    const { counts, eventsPerMinute } = await health.get(CALLER, id, at(0));
    const unauthenticated = { missing: 1, invalid: 3, malformed: 0, not_configured: 0 };
    expect(counts).toEqual({ from: at(-23, -30), accepted: 3, rejected: 1, unauthenticated, events: 280 });
    // 180 in the 90 minutes since the beginning of the hour before.
    expect(eventsPerMinute).toBe(2);
  });

  it('is unhealthy after repeated signature failures without a request that passes, and for as long', async () => {
    const id = await connect();
    await received(id, at(0), 1);
    await refuse(id, at(2), MIN_SIGNATURE_FAILURES - 1);
    expect(await stateAt(id, at(2, 1))).toBe('healthy');
    await refuse(id, at(2, 2), 1);
    expect(await stateAt(id, at(2, 3))).toBe('unhealthy: signature_failures');
    expect(await stateAt(id, at(3, 3))).toBe('unhealthy: signature_failures');
    await received(id, at(3, 4), 1);
    expect(await stateAt(id, at(3, 5))).toBe('healthy');
    // A scan of one hour is over two hours later.
    await refuse(id, at(8), MIN_SIGNATURE_FAILURES);
    expect(await stateAt(id, at(8, 1))).toBe('unhealthy: signature_failures');
    expect(await stateAt(id, at(10))).toBe('healthy');
  });

  it('is unhealthy if emails were accepted and no event arrives for six hours, until one does', async () => {
    const id = await connect();
    await received(id, at(0), 1);
    // In the hour of the last event: it may be about this one.
    await sent(id, at(0));
    expect(await stateAt(id, at(24))).toBe('healthy');
    await sent(id, at(25));
    expect(await stateAt(id, at(31, 29))).toBe('healthy');
    expect(await stateAt(id, at(31, 30))).toBe('unhealthy: no_events');
    expect(await stateAt(id, at(100))).toBe('unhealthy: no_events');
    await received(id, at(101), 1);
    expect(await stateAt(id, at(101, 1))).toBe('healthy');
    // A request without new events.
    await sent(id, at(103));
    await received(id, at(104), 0);
    expect(await stateAt(id, at(110))).toBe('unhealthy: no_events');
    // A week later, nobody sends any more.
    expect(await stateAt(id, at(103 + 7 * 24 + 1))).toBe('healthy');
  });

  it('is unhealthy if no event has ever arrived, with its own number of hours', async () => {
    const impatient = await TestModule.on(module.database, { providers: [HookAdapter], webhookSilenceHours: 1 });
    const id = await connect();
    await sent(id, at(2));
    expect(await stateAt(id, at(3, 30))).toBe('waiting');
    expect(await stateAt(id, at(3, 31), impatient.app.get(WebhookHealthService))).toBe('unhealthy: no_events');
    await impatient.stop();
    const message = 'webhookSilenceHours must be a whole number from 1 to 168.';
    for (const hours of [0, 169, 1.5]) expect(() => webhookSilenceMs({ webhookSilenceHours: hours })).toThrow(message);
  });

  it('is inactive for a vendor without webhooks, and not recorded', async () => {
    const { id, createdAt } = await module.app.get(ConnectionsService).create(CALLER, fakeConnection());
    const found = await health.get(CALLER, id, at(1));
    expect(found).toMatchObject({ state: 'inactive', reason: null, since: createdAt, changes: [] });
    for (const table of ['webhook_health', 'webhook_health_changes']) {
      const sql = `SELECT connection_id AS id FROM ${table}`;
      const rows: { id: string }[] = await module.dataSource.query(sql);
      expect(rows.map((row) => row.id)).not.toContain(id);
    }
  });

  it('is checked for all connections, and two instances put each change on the feed once', async () => {
    const ids = [await connect(), await connect(), await connect()];
    const services = [health, other.app.get(WebhookHealthService)];
    const start = await module.app.get(EventFeed).end();
    const statesOf = (events: readonly WebhookHealthEvent[]): string[] =>
      events
        .filter(({ connectionId }) => ids.includes(connectionId))
        .map(({ connectionId, health: { state } }) => `${connectionId} ${state}`)
        .toSorted();
    await Promise.all(services.map((service) => service.checkAll(at(0))));
    for (const id of ids) await received(id, at(0, 1), 1);
    // Checked half a minute ago.
    await services[1]?.checkAll(at(0, 0.5));
    for (const id of ids) expect((await readOf(id, start)).map(({ health: { state } }) => state)).toEqual(['waiting']);
    await Promise.all(services.map((service) => service.checkAll(at(0, 2))));
    const expected = ids.flatMap((id) => [`${id} healthy`, `${id} waiting`]).toSorted();
    const watchers = [module, other].map(({ app }) => app.get(Watcher));
    const watched = (): string[] => statesOf(watchers.flatMap(({ events }) => events));
    while (watched().length < expected.length) await delay(5);
    expect(watched()).toEqual(expected);
    expect(statesOf((await pageOf(start)).events)).toEqual(expected);
    await services[0]?.checkAll(at(60));
    const [{ old }] = await module.dataSource.query<[{ old: number | string }]>(
      `SELECT COUNT(*) AS old FROM webhook_counts WHERE connection_id IN ('${ids.join("', '")}')`,
    );
    expect(Number(old)).toBe(0);
  });

  describe('a change in the feed', () => {
    it('has the state and reason before and after it, and since when', async () => {
      const start = await module.app.get(EventFeed).end();
      const id = await connect();
      await stateAt(id, at(0));
      await refuse(id, at(2), MIN_SIGNATURE_FAILURES);
      await stateAt(id, at(2, 1));
      const waiting = { state: 'waiting', reason: null, since: at(0) };
      const failing = { state: 'unhealthy', reason: 'signature_failures', since: at(2, 1) };
      const place = { connectionId: id, organization: 'acme', vendor: 'hook', kind: 'webhook_health_changed' };
      const numbered = { id: expect.stringMatching(/^\d+$/), position: expect.stringMatching(/^\d+-1$/) };
      const events = await readOf(id, start, 2);
      expect(events).toEqual([
        { ...numbered, ...place, occurredAt: at(0), health: waiting, previous: null },
        { ...numbered, ...place, occurredAt: at(2, 1), health: failing, previous: waiting },
      ]);
      const after = parsePosition(String(events[0]?.position));
      expect(await readOf(id, after)).toEqual([events[1]]);
    });

    it('is returned only to readers that name its kind, and to none that asks for a recipient or a message', async () => {
      const feed = module.app.get(EventFeed);
      const start = await feed.end();
      const id = await connect();
      await stateAt(id, at(0));
      const [event] = await readOf(id, start);
      const read = async (query: Partial<FeedQuery<FeedKind>>): Promise<readonly unknown[]> =>
        (await feed.events({ after: start, limit: 10, ...query })).events;
      const kinds = [WEBHOOK_HEALTH_CHANGED] as const;
      for (const query of [{}, { kinds: EVENT_KINDS }, { kinds: ['bounced'] as const }])
        expect(await read(query)).toEqual([]);
      for (const query of [{ recipient: 'ada@r.example' }, { messageId: 'm-1' }, { connectionIds: [] }]) {
        expect(await read({ kinds, ...query })).toEqual([]);
      }
      expect(await read({ kinds, organization: 'globex' })).toEqual([]);
      expect(await read({ kinds: FEED_KINDS, organization: 'acme' })).toEqual([event]);
      expect(await read({ kinds: ['bounced', ...kinds], connectionIds: [id] })).toEqual([event]);
    });

    it('is not counted, and not stored as an event of its connection', async () => {
      const start = await module.app.get(EventFeed).end();
      const id = await connect();
      await stateAt(id, at(0));
      await readOf(id, start);
      const { number } = await module.deleted(id);
      const consumers = module.app.get(ConsumersService);
      const counts = async () => (await consumers.list()).find(({ name }) => name === 'counts');
      while ((await counts())?.lag !== 0) await delay(5);
      for (const table of ['email_events', 'event_batches', 'event_stats', 'event_sizes']) {
        const rows = await module.dataSource.query<unknown[]>(
          `SELECT * FROM ${table} WHERE connection = ${String(number)}`,
        );
        expect([table, rows]).toEqual([table, []]);
      }
      expect((await module.app.get(EventsService).list(CALLER, id)).data).toEqual([]);
    });

    it('that a subscriber cannot process is a dead letter, which can be replayed', async () => {
      const id = await connect();
      const processed: WebhookHealthEvent[] = [];
      let isBroken = true;
      const consumers = module.app.get(ConsumersService);
      const handle = async (events: readonly WebhookHealthEvent[]): Promise<void> => {
        if (isBroken) throw new Error('cannot be processed');
        processed.push(...events);
      };
      module.app.get(EventConsumers).add({
        name: 'fragile',
        type: 'subscriber',
        kinds: [WEBHOOK_HEALTH_CHANGED],
        batchSize: 1,
        retry: { attempts: 1, firstDelayMs: 1 },
        handle,
      });
      const state = async () => (await consumers.list()).find(({ name }) => name === 'fragile');
      while ((await state()) === undefined) await delay(5);
      await stateAt(id, at(0));
      while ((await state())?.deadLetters !== 1) await delay(5);
      const [letter] = await consumers.listDeadLetters('fragile');
      isBroken = false;
      expect(await consumers.replay('fragile', String(letter?.id))).toBeNull();
      expect(processed).toMatchObject([{ connectionId: id, health: { state: 'waiting' } }]);
      await module.app.get(EventConsumers).remove('fragile');
    });
  });

  it('keeps the last hundred changes, and those that readers of the feed may still need', async () => {
    const connectionId = await connect();
    const repository = module.app.get(WebhookHealthChangesRepository, { strict: false });
    const before = { previousState: null, previousReason: null, previousSince: null };
    const kept = await module.app.get(UnitOfWork).write(async (tx) => {
      const lists = [];
      for (let minute = 1; minute <= 106; minute++) {
        const change = {
          connectionId,
          event: null,
          state: 'healthy' as const,
          reason: null,
          changedAt: at(0, minute),
          ...before,
        };
        await repository.add(tx, change, at(0, minute <= 103 ? minute : 6));
        if (minute >= 103) lists.push(await repository.list(tx, connectionId, 200));
      }
      return lists;
    });
    const minutes = (from: number, to: number): Date[] =>
      Array.from({ length: to - from + 1 }, (_, index) => at(0, to - index));
    expect(kept.map((changes) => changes.map(({ changedAt }) => changedAt))).toEqual([
      minutes(4, 103),
      minutes(5, 104),
      minutes(6, 105),
      minutes(6, 106),
    ]);
  });
});
