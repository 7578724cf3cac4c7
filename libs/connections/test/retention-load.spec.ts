import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { ConnectionsService, RetentionService, UnitOfWork } from '../src/index.ts';
import { CALLER, TestModule } from './support/test-module.ts';
import { fakeConnection } from './support/inputs.ts';

const LONG = process.env['TEST_LONG'] === '1';
const SLICE_MS = 6_000;
/** What is received in six seconds; in the long run, a million events a minute. */
const SLICE = LONG ? { batches: 1_000, events: 100 } : { batches: 200, events: 10 };
const SLICES = LONG ? 5 : 4;
const DAY_MS = 24 * 60 * 60_000;
/** Events of a week and a day are kept: what is received now replaces what was received then. */
const KEPT_MS = 8 * DAY_MS;
const TABLES = ['email_events', 'event_batches', 'event_bodies'];

describe.each(DATABASES)('retention at a high rate on %s', (kind) => {
  let module: TestModule;
  let connection: { number: number; organization_number: number };

  beforeAll(async () => {
    module = await TestModule.start(kind, { retentionDays: { events: 7, bodies: 7 } });
    const { id } = await module.app.get(ConnectionsService).create(CALLER, fakeConnection());
    const sql = 'SELECT number, organization_number FROM connections WHERE id = ?';
    [connection] = await module.dataSource.query<[typeof connection]>(sql, [id]);
  });

  afterAll(() => module.end());

  const change = (sql: string) => module.app.get(UnitOfWork).write((tx) => tx.query(sql), { timeoutMs: 60_000 });
  const count = async (table: string): Promise<number> => {
    const [row] = await module.dataSource.query<{ n: number | string }[]>(`SELECT COUNT(*) AS n FROM ${table}`);
    return Number(row?.n);
  };

  /** Fills the tables as receiving a slice would, but faster. */
  async function receive(slice: number, time: Date): Promise<void> {
    const { number, organization_number: organization } = connection;
    const at = `'${time.toISOString().replace('T', ' ').replace('Z', '')}'`;
    const first = 1 + slice * SLICE.batches;
    const bytes = kind === 'SQLite' ? 'zeroblob(1500)' : "REPEAT('x', 1500)";
    const id = (position: number): string => `(${String(first)} + n) * 65536 + ${String(position)}`;
    const digest = (of: string): string =>
      kind === 'SQLite' ? `CAST(printf('%016x', ${of}) AS BLOB)` : `LPAD(HEX(${of}), 16, '0')`;
    await change(
      `INSERT INTO event_batches (id, connection, organization, status, received_at, duration_ms, size, accepted,
         duplicates, rejected, occurrences, body_bytes)
       ${NUMBERS} SELECT ${String(first)} + n, ${String(number)}, ${String(organization)}, 'accepted', ${at}, 0, 9000,
         ${String(SLICE.events)}, 0, 0, 1, 1500 FROM numbers`,
    );
    await change(
      `INSERT INTO event_bodies (batch, part, bytes) ${NUMBERS} SELECT ${String(first)} + n, 0, ${bytes} FROM numbers`,
    );
    for (let position = 0; position < SLICE.events; position++) {
      await change(
        `INSERT INTO email_events (id, connection, digest, kind, attribution, occurred_at, bucket, recipient_hash,
           message_hash, recipient, message_id)
         ${NUMBERS} SELECT ${id(position)}, ${String(number)}, ${digest(id(position))}, 3, 1, ${String(time.getTime())},
           ${String(slice)}, n, n, 'ada@recipient.example', 'message-0123456789' FROM numbers`,
      );
    }
  }

  it('deletes as fast as events are received, so that tables stay bounded', async () => {
    const begin = Date.now() - 100 * DAY_MS;
    const times: number[] = [];
    for (let slice = 0; slice < SLICES; slice++) {
      const time = new Date(begin + slice * SLICE_MS);
      await receive(slice, time);
      const begun = performance.now();
      const report = await module.app.get(RetentionService).prune({ now: new Date(time.getTime() + KEPT_MS) });
      times.push(performance.now() - begun);
      // All bodies, and the events of the slice before.
      const deliveries = slice === 0 ? 0 : SLICE.batches;
      expect(report).toMatchObject({ bodies: SLICE.batches, events: deliveries * SLICE.events, deliveries });
      expect(await Promise.all(TABLES.map(count))).toEqual([SLICE.batches * SLICE.events, SLICE.batches, 0]);
    }
    // In the short run, other tests take most of the time.
    if (!LONG) return;
    const events = String(SLICE.batches * SLICE.events);
    process.stdout.write(`${kind}: pruned ${events} events in ${Math.max(...times).toFixed(0)} ms at most\n`);
    expect(times.reduce((sum, ms) => sum + ms)).toBeLessThan(SLICES * SLICE_MS);
  }, 600_000);
});

/** Numbers from 0, one for each batch of a slice. MariaDB recurs 1,000 times at most. */
const NUMBERS = `WITH RECURSIVE small(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM small WHERE n < 99),
  numbers(n) AS (SELECT 100 * a.n + b.n FROM small AS a JOIN small AS b WHERE 100 * a.n + b.n < ${String(SLICE.batches)})`;
