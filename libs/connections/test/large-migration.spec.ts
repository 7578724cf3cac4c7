import { gzipSync } from 'node:zlib';
import { expect, it, jest } from '@jest/globals';
import { counted } from '../../../test/support/counted.ts';
import { createDatabase, DATABASES } from '../../../test/support/databases.ts';
import { LegacyRequestRow } from '../src/events/legacy-events.repository.ts';
import { ConnectionsService, EventsService, StatsService } from '../src/index.ts';
import { COURIERS } from './support/courier-vendor.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const EVENTS = 3_000_000;
const KINDS = ['delivered', 'opened', 'clicked'] as const;
const REQUEST_ID = '0199d3c8-7a00-7000-8000-000000000001';
const DAYS = 30;
const PAGES = 200;
const PAGE = 100;

jest.setTimeout(1_800_000);

/** A statement may take a minute at most. */
const EVENTS_PER_STATEMENT = 100_000;

/** The numbers from one to another. */
const NUMBERS = {
  MariaDB: (from: number, to: number) => `(SELECT seq AS n FROM seq_${String(from)}_to_${String(to)}) AS numbers`,
  SQLite: (from: number, to: number) =>
    `(WITH RECURSIVE numbers(n) AS (SELECT ${String(from)} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${String(to)}) SELECT n FROM numbers) AS numbers`,
};

/** Of the event number n, from 719 to 0. */
const AGE_HOURS = `FLOOR((${String(EVENTS)} - n) / ${String(EVENTS / (DAYS * 24))})`;

/** Each has a recipient and a message of its own; a digest that no other event has, and one of the last 720 hours. */
const DERIVED = {
  MariaDB: {
    digest: 'UNHEX(MD5(n))',
    time: (now: string) => `FROM_UNIXTIME(${now} DIV 1000) - INTERVAL ${AGE_HOURS} HOUR`,
    text: (prefix: string, suffix: string) => `CONCAT('${prefix}', n, '${suffix}')`,
  },
  SQLite: {
    digest: "CAST(printf('%016d', n) AS BLOB)",
    time: (now: string) => `strftime('%Y-%m-%d %H:%M:%f', ${now} / 1000 - ${AGE_HOURS} * 3600, 'unixepoch')`,
    text: (prefix: string, suffix: string) => `'${prefix}' || n || '${suffix}'`,
  },
};

it.each(DATABASES)(
  'an earlier version’s three million events are all there after the migration on %s',
  async (kind) => {
    const database = await createDatabase(kind);
    const earlier = await TestModule.on(database, { providers: COURIERS });
    const input = { name: 'Post', vendor: 'courier', settings: { password: 'open' } };
    const { id } = await earlier.app.get(ConnectionsService).create(CALLER, input);
    const { dataSource } = earlier;
    const now = Date.now();
    await dataSource.getRepository(LegacyRequestRow).insert({
      id: REQUEST_ID,
      connectionId: id,
      organization: CALLER.organization,
      vendor: 'courier',
      receivedAt: new Date(now),
      contentType: null,
      parameters: null,
      body: gzipSync(JSON.stringify(KINDS.map((name) => ({ kind: name })))),
      status: 'accepted',
      accepted: EVENTS,
      duplicates: 0,
      rejected: 0,
    });
    const { digest, time, text } = DERIVED[kind];
    const at = time(String(now));
    const name = `CASE n % 3 ${KINDS.map((each, index) => `WHEN ${String(index)} THEN '${each}'`).join(' ')} END`;
    for (let from = 1; from <= EVENTS; from += EVENTS_PER_STATEMENT) {
      await dataSource.query(
        `INSERT INTO events (connection_id, organization, digest, request_id, position, kind, occurred_at, received_at, recipient, message_id, attribution)
         SELECT '${id}', '${CALLER.organization}', ${digest}, '${REQUEST_ID}', n % 3, ${name}, ${at}, ${at}, ${text('r', '@r.example')}, ${text('m-', '')}, 'own'
         FROM ${NUMBERS[kind](from, from + EVENTS_PER_STATEMENT - 1)}`,
      );
    }
    const runner = dataSource.createQueryRunner();
    while (await runner.hasTable('event_batches')) await dataSource.undoLastMigration();
    await runner.release();

    const start = performance.now();
    await dataSource.runMigrations();
    const seconds = (performance.now() - start) / 1_000;
    await earlier.stop();
    const module = await TestModule.on(database, { providers: COURIERS });
    await counted(module.app);

    const { counts } = await module.app.get(StatsService).ofConnection(CALLER, id, { days: DAYS + 1 });
    expect(counts).toMatchObject(Object.fromEntries(KINDS.map((each) => [each, EVENTS / KINDS.length])));
    const events = module.app.get(EventsService);
    const seen = new Set<string>();
    let last = Number.POSITIVE_INFINITY;
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page++) {
      const { data, nextCursor } = await events.list(CALLER, id, { limit: PAGE, cursor });
      for (const event of data) {
        seen.add(event.id);
        expect(event.receivedAt.getTime()).toBeLessThanOrEqual(last);
        last = event.receivedAt.getTime();
      }
      cursor = nextCursor ?? undefined;
    }
    expect(seen.size).toBe(PAGES * PAGE);
    for (let number = 1; number <= EVENTS; number += Math.floor(EVENTS / 500)) {
      const messageId = `m-${String(number)}`;
      const recipient = `r${String(number)}@r.example`;
      const expected = [{ kind: KINDS[number % 3], messageId, recipient, attribution: 'own' }];
      expect((await events.list(CALLER, id, { messageId })).data).toMatchObject(expected);
      expect((await events.list(CALLER, id, { recipient })).data).toMatchObject(expected);
    }
    process.stdout.write(`${kind}: ${String(EVENTS)} events migrated in ${seconds.toFixed(1)} s\n`);
    await module.end();
  },
);
