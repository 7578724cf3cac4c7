import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventKind } from '@score-crm/adapter-kit';
import { createDatabase, DATABASES } from '../../../test/support/databases.ts';
import { EventBatchRow } from '../src/events/event-batches.repository.ts';
import { storedAddress } from '../src/events/event-record.ts';
import { eventId, EventsRepository, lookupHash, type PlacedEvent } from '../src/events/events.repository.ts';
import { LegacyEventRow } from '../src/events/legacy-events.repository.ts';
import { ConnectionsService, EventsService, UnitOfWork } from '../src/index.ts';
import type { EventQuery } from '../src/index.ts';
import { COURIERS } from './support/courier-vendor.ts';
import { recordStatements } from './support/statements.ts';
import { CALLER, TestModule } from './support/test-module.ts';

interface Listed {
  readonly id: number;
  readonly kind: EventKind;
  readonly recipient: string;
  readonly messageId: string;
  readonly receivedAt: Date;
}

const MINUTE_MS = 60_000;
const BEGUN = Date.UTC(2026, 0, 31, 8);
const LEGACY_EVENTS = 12;
const BATCHES = 24;
const KINDS = ['delivered', 'bounced', 'opened'] as const;
const RECIPIENTS = ['ada@bücher.example', 'bob@r.example', 'eve@shop.r.example'] as const;

/** How much some batches were received before the one in front of them. */
const EARLIER_MS = 150_000;

interface StoredBatch {
  readonly id: number;
  readonly receivedAt: Date;
  readonly events: readonly (Omit<Listed, 'id' | 'receivedAt'> & { readonly position: number })[];
}

/** Once a minute, the service reads the last row of the earlier version's table: from the end of the primary key. */
const LAST_ROW = /^(?!.*\bWHERE\b)SELECT.*\bORDER BY \S+ DESC LIMIT 1$/s;

describe.each(DATABASES)('the list of events on %s', (database) => {
  /** How pages are put together does not depend on the database. Small ones take long on MariaDB. */
  const PAGE = database === 'SQLite' || process.env['TEST_LONG'] === '1' ? 7 : 20;
  let module: TestModule;
  let id: string;
  let all: readonly Listed[];

  const list = (query: EventQuery, connection = id) => module.app.get(EventsService).list(CALLER, connection, query);
  const sample = (index: number) => ({
    kind: KINDS[index % 3] ?? 'delivered',
    recipient: RECIPIENTS[Math.floor(index / 2) % 3] ?? '',
    messageId: `m-${String(index % 4)}`,
  });

  async function create(name: string): Promise<string> {
    const input = { name, vendor: 'courier', settings: { password: 'open' } };
    return (await module.app.get(ConnectionsService).create(CALLER, input)).id;
  }

  /** Stores batches as the service does, but with ids and times of the test's own, and without bodies. */
  async function store(connectionId: string, batches: readonly StoredBatch[]): Promise<void> {
    const row = (await module.rows('connections')).find((one) => one['id'] === connectionId);
    const connection = Number(row?.['number']);
    const unitOfWork = module.app.get(UnitOfWork);
    const events = batches.flatMap((batch) =>
      batch.events.map(({ position, kind, recipient, messageId }): PlacedEvent => {
        const address = storedAddress(recipient);
        const digest = randomBytes(16).toString('hex');
        const event = {
          connection,
          kind,
          position,
          digest,
          legacyDigest: digest,
          attribution: 'own' as const,
          machine: null,
          bounceClass: null,
          recipient: address,
          recipientHash: lookupHash(connection, address),
          messageId,
          messageHash: lookupHash(connection, messageId),
          occurredAt: batch.receivedAt,
        };
        return { id: eventId(batch.id, position), event };
      }),
    );
    const rows = batches.map(({ id: batch, receivedAt }) => ({
      id: batch,
      connection,
      organization: 1,
      status: 'accepted' as const,
      receivedAt,
      durationMs: 0,
      size: 0,
      contentType: null,
      parameters: null,
      accepted: 10,
      duplicates: 0,
      rejected: 0,
    }));
    await unitOfWork.write(async (tx) => {
      await module.app.get(EventsRepository).insertNew(tx, events, 0, unitOfWork.statementLimits);
      for (let start = 0; start < rows.length; start += 500) {
        await tx.insert(EventBatchRow, rows.slice(start, start + 500));
      }
    });
    const last = String((batches.at(-1)?.id ?? 0) + 10);
    await module.dataSource.query(`UPDATE counters SET value = ${last} WHERE name = 'batch'`);
  }

  beforeAll(async () => {
    module = await TestModule.on(await createDatabase(database), { providers: COURIERS });
    id = await create('Post');
    const other = await create('Another');
    const legacy = module.dataSource.getRepository(LegacyEventRow);
    for (let index = 0; index < LEGACY_EVENTS; index++) {
      const receivedAt = new Date(BEGUN + index * MINUTE_MS);
      const common = {
        organization: CALLER.organization,
        requestId: 'sent',
        position: index,
        attribution: 'own',
      } as const;
      const times = { receivedAt, occurredAt: receivedAt, machine: null };
      const digest = randomBytes(16);
      await legacy.insert({ ...common, ...times, ...sample(index), connectionId: id, digest });
    }
    const own: StoredBatch[] = [];
    const others: StoredBatch[] = [];
    for (let index = 0; index < BATCHES; index++) {
      const first = LEGACY_EVENTS + 3 * index;
      const minute = LEGACY_EVENTS + index;
      const earlierMs = index % 8 === 6 ? EARLIER_MS : 0;
      const receivedAt = new Date(BEGUN + minute * MINUTE_MS - earlierMs);
      // The last event of a large batch has the number of a batch that does not exist.
      const positions = [0, 1, index % 8 === 5 || index === BATCHES - 1 ? 65_540 : 2];
      const events = positions.map((position, n) => ({ position, ...sample(first + n) }));
      own.push({ id: 100 + 10 * index, receivedAt, events });
      others.push({ id: 95 + 10 * index, receivedAt, events: [{ position: 0, ...sample(index) }] });
    }
    await store(other, others);
    await store(id, own);
    const places = own.flatMap((batch) => batch.events.map((event) => ({ batch, event })));
    const newer = places.map(({ batch, event: { position, ...event } }) => ({
      ...event,
      id: eventId(batch.id, position),
      receivedAt: batch.receivedAt,
    }));
    const older = (await legacy.find({ order: { id: 'ASC' } })).map((row, index) => ({
      ...sample(index),
      id: row.id,
      receivedAt: row.receivedAt,
    }));
    all = [...older, ...newer];
    expect(all).toHaveLength(LEGACY_EVENTS + 3 * BATCHES);
  });

  afterAll(() => module.end());

  /** What the list must return, computed from all events. */
  function expected({ kinds, recipient, domain, messageId, from, to, order }: EventQuery): string[] {
    const found = all.filter(
      (event) =>
        kinds?.includes(event.kind) !== false &&
        (recipient === undefined || event.recipient === recipient) &&
        (domain === undefined || event.recipient.split('@')[1] === domain) &&
        (messageId === undefined || event.messageId === messageId) &&
        (from === undefined || event.receivedAt >= from) &&
        (to === undefined || event.receivedAt < to),
    );
    return (order === 'asc' ? found : found.toReversed()).map((event) => String(event.id));
  }

  async function pages(query: EventQuery, connection = id): Promise<string[][]> {
    const seen: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ ...query, cursor }, connection);
      expect(page.data.length).toBeLessThanOrEqual(query.limit ?? 25);
      seen.push(page.data.map((event) => event.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return seen;
  }

  const at = (minutes: number): Date => new Date(BEGUN + minutes * MINUTE_MS);
  const PERIODS: [string, Pick<EventQuery, 'from' | 'to'>][] = [
    ['at any time', {}],
    ['from a time on', { from: at(LEGACY_EVENTS - 3) }],
    ['between two times', { from: at(5), to: at(LEGACY_EVENTS + 20) }],
  ];
  const ORDERS = ['asc', 'desc'] as const;

  it.each(PERIODS.flatMap(([name, period]) => ORDERS.map((order) => [name, order, period] as const)))(
    'has all events %s with every combination of filters, %s',
    async (_name, order, period) => {
      for (const kinds of [undefined, ['bounced'], ['bounced', 'delivered', 'bounced']] as const) {
        for (const recipient of [undefined, RECIPIENTS[0]]) {
          for (const messageId of [undefined, 'm-1']) {
            for (const domain of [undefined, 'bücher.example', 'r.example']) {
              const query = { kinds, recipient, messageId, domain, order, ...period };
              const found = await pages({ ...query, limit: PAGE });
              expect({ query, found: found.flat() }).toEqual({ query, found: expected(query) });
            }
          }
        }
      }
    },
  );

  it('compares the time of receipt exactly, where batches are not in its order', async () => {
    // Those around the first batches that are not in the order of their receipt, and some of the earlier version.
    const newer = all.slice(LEGACY_EVENTS + 3 * 3, LEGACY_EVENTS + 3 * 9);
    const times = new Set([...all.slice(0, 3), ...newer].map((event) => event.receivedAt.getTime()));
    for (const time of times) {
      for (const query of [
        { from: new Date(time), order: 'asc' },
        { to: new Date(time), order: 'desc' },
        { from: new Date(time), to: new Date(time + 1), order: 'desc' },
      ] as const) {
        expect((await pages({ ...query, limit: 100 })).flat()).toEqual(expected(query));
      }
    }
    expect((await list({ from: at(10), to: at(10) })).data).toEqual([]);
  });

  it('continues in the other order from the event of a cursor', async () => {
    const first = await list({ limit: 5 });
    const back = await list({ cursor: first.nextCursor ?? '', order: 'asc' });
    expect(back.data.map((event) => event.id)).toEqual(
      first.data
        .slice(0, 4)
        .map((event) => event.id)
        .toReversed(),
    );
    // As earlier versions have encoded it.
    const cursor = Buffer.from(`event:${String(all[20]?.id)}`).toString('base64url');
    expect((await list({ cursor, limit: 1 })).data[0]?.id).toBe(String(all[19]?.id));
    expect((await list({ cursor, limit: 1, order: 'asc' })).data[0]?.id).toBe(String(all[21]?.id));
  });

  it('finds a domain in any spelling', async () => {
    for (const domain of ['xn--bcher-kva.example', 'BÜCHER.example']) {
      expect((await pages({ domain })).flat()).toEqual(expected({ domain: 'bücher.example' }));
    }
    expect((await list({ domain: 'example' })).data).toEqual([]);
  });

  describe('of a connection with many events', () => {
    const EVENTS = 25_000;
    const FIRST_BATCH = 1_000_000;
    let busy: string;

    beforeAll(async () => {
      busy = await create('Busy');
      const batches = Array.from({ length: EVENTS / 10 }, (_, index) => ({
        id: FIRST_BATCH + index,
        receivedAt: at(60),
        events: Array.from({ length: 10 }, (_event, position) => ({
          position,
          kind: position === 0 && index % 100 === 0 ? ('bounced' as const) : ('delivered' as const),
          recipient: `r${String(position)}@${index === 1 && position === 0 ? 'rare' : 'usual'}.example`,
          messageId: `busy-${String(index)}`,
        })),
      }));
      await store(busy, batches);
      for (const table of ['email_events', 'event_batches', 'events']) {
        await module.dataSource.query(database === 'SQLite' ? `ANALYZE ${table}` : `ANALYZE TABLE ${table}`);
      }
    });

    it('ends a page after 10,000 events that were read, with the cursor of the next', async () => {
      for (const order of ORDERS) {
        const found = await pages({ domain: 'rare.example', order }, busy);
        const empty = order === 'desc' ? 2 : 0;
        expect(found.slice(0, empty).flat()).toEqual([]);
        expect(found.flat()).toEqual([String((FIRST_BATCH + 1) * 65_536)]);
        expect(found.length).toBeGreaterThan(2);
        expect(found.length).toBeLessThan(6);
      }
    });

    it('has the events of a short time on its first page, however many came shortly before and after', async () => {
      const swift = await create('Swift');
      const batches = Array.from({ length: EVENTS / 10 }, (_, index) => ({
        id: FIRST_BATCH + EVENTS + index,
        receivedAt: new Date(at(60).getTime() + 4 * index),
        events: Array.from({ length: 10 }, (_event, position) => ({
          position,
          kind: 'delivered' as const,
          recipient: 'ada@r.example',
          messageId: `swift-${String(index)}`,
        })),
      }));
      await store(swift, batches);
      const [from, to] = [5_000, 5_040].map((ms) => new Date(at(60).getTime() + ms));
      const ids = batches.slice(1_250, 1_260).flatMap(({ id: batch, events }) => {
        return events.map(({ position }) => String(eventId(batch, position)));
      });
      for (const order of ORDERS) {
        const { data } = await list({ from, to, order, limit: 100 }, swift);
        expect(data.map((event) => event.id)).toEqual(order === 'asc' ? ids : ids.toReversed());
      }
    });

    const message = { messageId: 'm-1' };
    const recipient = { recipient: 'bob@r.example' };
    const domain = { domain: 'r.example' };
    const period = { from: at(5), to: at(40) };
    const kinds = { kinds: ['bounced', 'complained'] } as const;
    const QUERIES: EventQuery[] = [{}, kinds, recipient, message, domain, period].flatMap((a) => [
      a,
      { ...a, ...period, ...kinds },
      { ...a, ...domain, ...period, order: 'asc' as const },
    ]);

    it.each(QUERIES.map((query) => [JSON.stringify(query), query] as const))(
      'is read by an index: %s',
      async (_n, query) => {
        for (const connection of [id, busy]) {
          const { statements, parameters } = await recordStatements(module.dataSource, async () => {
            const { nextCursor } = await list({ ...query, limit: 2 }, connection);
            return list({ ...query, limit: 2, ...(nextCursor !== null && { cursor: nextCursor }) }, connection);
          });
          const reads = statements.map((sql, index) => ({ sql, values: parameters[index] ?? [] }));
          const ofEvents = reads.filter(
            ({ sql }) => /^SELECT.*\b(email_events|event_batches|events)\b/s.test(sql) && !LAST_ROW.test(sql),
          );
          expect(ofEvents.length).toBeGreaterThan(1);
          for (const { sql, values } of ofEvents)
            expect({ sql, scans: await fullScans(sql, values) }).toEqual({ sql, scans: [] });
        }
      },
    );

    it('would report a statement that reads a whole table', async () => {
      const sql = "SELECT id FROM email_events WHERE recipient LIKE '%@r.example' ORDER BY id";
      expect(await fullScans(sql, [])).toHaveLength(1);
    });

    it('has the last events of a large batch before a time without events', async () => {
      const query = { from: at(LEGACY_EVENTS + BATCHES - 2), to: at(50) };
      expect((await list(query)).data.map((event) => event.id)).toEqual(expected(query));
    });

    /** The steps of a statement's plan that read all rows of a table or of an index, or all ids of a range. */
    async function fullScans(sql: string, values: unknown[]): Promise<unknown[]> {
      const isSqlite = database === 'SQLite';
      const plan: Record<string, unknown>[] = await module.dataSource.query(
        `${isSqlite ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN'} ${sql}`,
        values,
      );
      const isOfRange = sql.includes('BETWEEN');
      if (isSqlite) {
        const scan = isOfRange ? /^SCAN (?!\(|part_)|USING INTEGER PRIMARY KEY/ : /^SCAN (?!\(|part_)/;
        return plan.filter(({ detail }) => scan.test(String(detail)));
      }
      return plan.filter(({ type, table, key }) => {
        const isScan = type === 'ALL' || type === 'index' || (isOfRange && key === 'PRIMARY');
        return isScan && !String(table).startsWith('<');
      });
    }
  });
});
