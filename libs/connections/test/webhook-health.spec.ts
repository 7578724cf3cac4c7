import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { ConnectionsService, UnitOfWork, type WebhookHealth, WebhookHealthService } from '../src/index.ts';
import { hourOf } from '../src/events/event-sizes.repository.ts';
import { WebhookHealthChangesRepository } from '../src/webhooks/webhook-health-changes.repository.ts';
import { healthOf, MIN_SIGNATURE_FAILURES } from '../src/webhooks/webhook-health.ts';
import { WebhookStatusService } from '../src/webhooks/webhook-status.service.ts';
import { EventStatsRepository } from '../src/stats/event-stats.repository.ts';
import { webhookSilenceMs } from '../src/options/connections.module-options.ts';
import { HookAdapter } from './support/hook-vendor.ts';
import { CALLER, TestModule } from './support/test-module.ts';

/** A person entered a key of its vendor: the webhook counts as set up. */
const HOOK = { name: 'Hook', vendor: 'hook', settings: { apiKey: 'key', verificationKey: 'vendor’s key' } };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

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
    module = await TestModule.start(kind, { providers: [HookAdapter] });
    other = await TestModule.on(module.database, { providers: [HookAdapter] });
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

  it('is checked for all connections, each change by one of two instances, which call their listeners', async () => {
    const ids = [await connect(), await connect(), await connect()];
    const heard: string[] = [];
    const services = [health, other.app.get(WebhookHealthService)];
    const end = services.map((service) =>
      service.onChange(({ id, organization, vendor }, { state }) => {
        expect([organization, vendor]).toEqual(['acme', 'hook']);
        heard.push(`${id} ${state}`);
      }),
    );
    await Promise.all(services.map((service) => service.checkAll(at(0))));
    expect(heard.filter((line) => ids.some((id) => line.startsWith(id))).toSorted()).toEqual(
      ids.map((id) => `${id} waiting`).toSorted(),
    );
    heard.length = 0;
    for (const id of ids) await received(id, at(0, 1), 1);
    // Checked half a minute ago.
    await services[1]?.checkAll(at(0, 0.5));
    expect(heard).toEqual([]);
    await Promise.all(services.map((service) => service.checkAll(at(0, 2))));
    expect(heard.filter((line) => ids.some((id) => line.startsWith(id))).toSorted()).toEqual(
      ids.map((id) => `${id} healthy`).toSorted(),
    );
    for (const stop of end) stop();
    for (const id of ids) expect((await health.get(CALLER, id, at(0, 3))).changes).toHaveLength(2);
    await services[0]?.checkAll(at(60));
    const [{ old }] = await module.dataSource.query<[{ old: number | string }]>(
      `SELECT COUNT(*) AS old FROM webhook_counts WHERE connection_id IN ('${ids.join("', '")}')`,
    );
    expect(Number(old)).toBe(0);
  });

  it('keeps the last hundred changes', async () => {
    const connectionId = await connect();
    const repository = module.app.get(WebhookHealthChangesRepository, { strict: false });
    const kept = await module.app.get(UnitOfWork).write(async (tx) => {
      for (let minute = 1; minute <= 103; minute++) {
        await repository.add(tx, { connectionId, state: 'healthy', reason: null, changedAt: at(0, minute) });
      }
      return repository.list(tx, connectionId, 200);
    });
    expect(kept.map(({ changedAt }) => changedAt)).toEqual(
      Array.from({ length: 100 }, (_, index) => at(0, 103 - index)),
    );
  });
});
