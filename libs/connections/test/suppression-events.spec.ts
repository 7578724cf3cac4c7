import { setTimeout as delay } from 'node:timers/promises';
import { type EmailEvent, type WebhookReceiver, Adapter } from '@score-crm/adapter-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import {
  CONNECTION_ID_METADATA,
  ConnectionsService,
  type Suppression,
  SuppressionsService,
  UnitOfWork,
  WebhookIngest,
} from '../src/index.ts';
import { causeOf, INITIAL_STATE, type SuppressionEvent, withEvent } from '../src/suppression/suppression-rules.ts';
import { SuppressionProjection } from '../src/suppression/suppression.projection.ts';
import { CourierAdapter } from './support/courier-vendor.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const LONG = process.env['TEST_LONG'] === '1';
const HOUR_MS = 3_600_000;
/** The hour 0 of the events. */
const START = Date.now() - 1_000 * HOUR_MS;

/** An event as the vendor of these tests reports it. */
interface Reported extends Pick<EmailEvent, 'kind'>, Partial<Pick<EmailEvent, 'bounce' | 'test' | 'metadata'>> {
  /** When it occurred, in hours. */
  readonly at: number;
}

type PostedEvent = Reported & { readonly recipient: string; readonly key: string };

const COURIER = new CourierAdapter().webhooks;
const WEBHOOKS: WebhookReceiver = {
  ...COURIER,
  parse: ({ body }) =>
    (JSON.parse(Buffer.from(body).toString()) as PostedEvent[]).map(({ at, key, ...event }) => ({
      ok: true,
      event: { ...event, occurredAt: new Date(START + at * HOUR_MS), raw: null },
      deduplicationKey: [key],
    })),
};

@Adapter({ vendor: 'timed', displayName: 'Timed' })
class TimedAdapter extends CourierAdapter {
  override readonly webhooks = WEBHOOKS;
}

const bounced = (at: number, bounceClass: string): Reported =>
  ({ kind: 'bounced', at, bounce: { class: bounceClass } }) as Reported;
const soft = (at: number): Reported => bounced(at, 'soft');
const softs = (...times: readonly number[]): Reported[] => times.map(soft);
const hard = (at: number): Reported => bounced(at, 'hard');
const simple = (kind: EmailEvent['kind'], at: number): Reported => ({ kind, at });

/** Sets of events, with the reason and the hour of the event that they result in, in any order of arrival. */
const SETS: readonly (readonly [string, readonly Reported[], readonly [string, number] | null])[] = [
  ['four soft bounces', softs(1, 2, 3, 4), null],
  ['five soft bounces', softs(1, 2, 3, 4, 5), ['soft_bounce', 5]],
  ['six soft bounces', softs(1, 2, 3, 4, 5, 6), ['soft_bounce', 6]],
  ['five soft bounces with a delivery in between', [...softs(1, 2, 4, 5, 6), simple('delivered', 3)], null],
  ['five soft bounces after a delivery', [...softs(2, 3, 4, 5, 6), simple('delivered', 1)], ['soft_bounce', 6]],
  ['five soft bounces before a delivery', [...softs(1, 2, 3, 4, 5), simple('delivered', 6)], null],
  ['a hard bounce before a delivery', [hard(1), hard(3), simple('delivered', 2)], ['hard_bounce', 1]],
  ['a complaint among bounces', [hard(1), simple('complained', 2), ...softs(3, 4, 5, 6, 7)], ['complaint', 2]],
  ['an unsubscription among bounces', [hard(1), simple('unsubscribed', 2), hard(3)], ['unsubscribed', 2]],
  ['a complaint and an unsubscription', [simple('unsubscribed', 1), simple('complained', 2)], ['complaint', 2]],
  ['a resubscription', [simple('unsubscribed', 1), simple('subscribed', 2)], ['unsubscribed', 1]],
  ['a complaint and a resubscription', [simple('complained', 1), simple('subscribed', 2)], ['complaint', 1]],
  ['bounces of other classes', ['block', 'policy', 'admin', 'unknown'].map((name) => bounced(1, name)), null],
  [
    'soft bounces among others',
    [...softs(1, 3, 5, 7, 9), bounced(2, 'block'), simple('opened', 4)],
    ['soft_bounce', 9],
  ],
  ['a deferral and a rejection', [simple('deferred', 1), { ...hard(2), kind: 'rejected' }], null],
  [
    'a test and a message of others',
    [
      { ...hard(1), test: true },
      { ...hard(2), metadata: { [CONNECTION_ID_METADATA]: 'other' } },
    ],
    null,
  ],
];

describe('the events of an address', () => {
  const events = (reported: readonly Reported[]): SuppressionEvent[] =>
    reported
      .filter(({ test, metadata }) => test === undefined && metadata === undefined)
      .map(({ kind, at, bounce }, index) => ({
        place: index + 1,
        eventId: index + 1,
        connectionId: 'any',
        kind,
        bounceClass: bounce?.class ?? null,
        occurredAt: at,
      }));

  it.each(SETS)('have one result in 1,000 random orders, also when repeated: %s', (_name, reported, expected) => {
    for (let run = 0; run < 1_000; run++) {
      const arriving = shuffled(events(reported)).map((event, index) => ({ ...event, place: index + 1 }));
      const repeated = run % 2 === 0 ? arriving : [...arriving, ...shuffled(arriving)];
      const cause = causeOf(repeated.reduce(withEvent, INITIAL_STATE));
      expect(cause && [cause.reason, cause.occurredAt]).toEqual(expected);
    }
  });
});

describe.each(DATABASES)('suppression by events on %s', (kind) => {
  let module: TestModule;
  let second: TestModule;
  let id: string;
  let other: string;
  let service: SuppressionsService;
  let count = 0;

  beforeAll(async () => {
    module = await TestModule.start(kind, { providers: [TimedAdapter] });
    second = await TestModule.on(module.database, { providers: [TimedAdapter] });
    service = module.app.get(SuppressionsService);
    const input = { name: 'Post', vendor: 'timed', settings: { password: 'open' } };
    ({ id } = await module.app.get(ConnectionsService).create(CALLER, input));
    ({ id: other } = await module.app.get(ConnectionsService).create(CALLER, input));
  });

  afterAll(async () => {
    await second.stop();
    await module.end();
  });

  const newAddress = (): string => `${String(count++)}@r.example`;
  const to = (recipient: string, events: readonly Reported[]): PostedEvent[] =>
    events.map((event) => ({ ...event, recipient, key: String(count++) }));

  async function post(events: readonly PostedEvent[], connection = id, { app } = module): Promise<void> {
    const ingest = app.get(WebhookIngest);
    const body = Buffer.from(JSON.stringify(events));
    await ingest.receive(await ingest.find('timed', connection), { headers: {}, query: {}, body });
  }

  const find = async (address: string): Promise<Suppression | undefined> =>
    (await service.list(CALLER, { address })).data[0];

  /** Until everything that was posted before has been applied. */
  async function applied(): Promise<void> {
    for (const instance of [module, second]) {
      const address = newAddress();
      await post(to(address, [hard(1)]), id, instance);
      for (const until = Date.now() + 60_000; (await find(address)) === undefined;) {
        if (Date.now() > until) throw new Error(`Nothing was applied. ${module.logger.lines.join(' ')}`);
        await delay(5);
      }
    }
  }

  it('names the event and the connection, and counts over all connections of the organization', async () => {
    const address = newAddress();
    await post(to(address, softs(1, 2, 3)));
    await post(to(address, softs(4)), other);
    await applied();
    expect(await find(address)).toBeUndefined();
    await post(to(address, softs(5)), other);
    await applied();
    const [event] = await module.dataSource.query<{ id: number | string }[]>(
      'SELECT id FROM email_events WHERE recipient = ? ORDER BY occurred_at DESC LIMIT 1',
      [address],
    );
    expect(await find(address)).toEqual({
      id: expect.any(String),
      address,
      reason: 'soft_bounce',
      eventId: String(event?.id),
      connectionId: other,
      occurredAt: new Date(START + 5 * HOUR_MS),
      addedBy: null,
      note: null,
      createdAt: expect.any(Date),
    });
  });

  it('does not depend on the order of arrival', async () => {
    const runs = LONG ? 1_000 : 20;
    const cases = Array.from({ length: runs }, (_, run) => {
      const [name, reported, expected] = SETS[run % SETS.length] as (typeof SETS)[number];
      return { name, reported, expected, address: newAddress() };
    });
    const posted = shuffled(cases.flatMap(({ address, reported }) => to(address, reported)));
    for (let start = 0; start < posted.length; start += 10) {
      await post(posted.slice(start, start + 10), Math.random() < 0.5 ? id : other);
    }
    await applied();
    for (const { name, address, expected } of cases) {
      const found = await find(address);
      const result = found && [found.reason, ((found.occurredAt?.getTime() ?? 0) - START) / HOUR_MS];
      expect([name, result ?? null]).toEqual([name, expected]);
    }
  });

  it('counts the bounces of one address that two instances apply at the same time', async () => {
    const address = newAddress();
    const rows = softs(1, 2, 3, 4, 5).map(({ at }, index) => ({
      position: { seq: 1_000_000, index },
      connection: { id, number: 1, organization: CALLER.organization, organizationNumber: 1, vendor: 'timed' },
      row: {
        id: 1_000_000 + index,
        connection: 1,
        kind: 'bounced' as const,
        attribution: 'own' as const,
        occurredAt: new Date(START + at * HOUR_MS),
        machine: null,
        bounceClass: 'soft' as const,
        recipient: address,
        messageId: null,
      },
    }));
    await Promise.all(
      rows.map(async (row, index) => {
        const { app } = index % 2 === 0 ? module : second;
        // Each has read something before, as a consumer has.
        await app.get(UnitOfWork).write(async (tx) => {
          await tx.query('SELECT COUNT(*) FROM suppression_states');
          await app.get(SuppressionProjection).apply(tx, [row]);
        });
      }),
    );
    expect(await find(address)).toMatchObject({ reason: 'soft_bounce' });
  });

  it('leaves an address suppressed that someone has added, when a delivery ends its soft bounces', async () => {
    const address = newAddress();
    await service.add(CALLER, { address, note: 'By phone' });
    await post(to(address, softs(1, 2, 3, 4, 5)));
    await applied();
    expect(await find(address)).toMatchObject({ reason: 'soft_bounce', addedBy: CALLER.actor, note: 'By phone' });
    await post(to(address, [simple('delivered', 6)]));
    await applied();
    expect(await find(address)).toMatchObject({ reason: 'manual', eventId: null, occurredAt: null, note: 'By phone' });
    await post(to(address, [simple('complained', 7)]));
    await applied();
    await service.add(CALLER, { address });
    expect(await find(address)).toMatchObject({ reason: 'complaint', note: 'By phone' });
  });

  it('begins again after a removal', async () => {
    const [hardly, softly] = [newAddress(), newAddress()];
    await post([...to(hardly, [hard(3), simple('complained', 3)]), ...to(softly, softs(1, 2, 3, 4, 5))]);
    await applied();
    for (const address of [hardly, softly]) await service.remove(CALLER, address);
    await post(to(softly, softs(6, 7, 8, 9)));
    await applied();
    expect(await find(softly)).toBeUndefined();
    // It was not known when someone removed the suppression, even if it occurred before.
    await post([...to(hardly, [hard(2)]), ...to(softly, softs(10))]);
    await applied();
    expect([(await find(hardly))?.reason, (await find(softly))?.reason]).toEqual(['hard_bounce', 'soft_bounce']);
    const entry = (await module.rows('audit_entries')).find((row) => row['action'] === 'suppression.remove');
    expect(JSON.stringify(entry?.['fields'])).toMatch(/reason\/complaint.*event\/\d+.*connection\/[0-9a-f-]{36}/);
  });

  it('adds nothing for addresses that are only delivered to', async () => {
    const address = newAddress();
    const states = async () =>
      (await module.dataSource.query<unknown[]>('SELECT digest FROM suppression_states')).length;
    await applied();
    const before = await states();
    await post(to(address, [simple('delivered', 1), simple('opened', 2)]));
    await applied();
    expect(await states()).toBe(before + 2);
  });
});

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => [Math.random(), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);
}
