import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it, jest } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { createDatabase } from '../support/databases.ts';
import { freePort } from '../support/free-port.ts';
import { TestProcess } from '../support/process.ts';
import { WebhookLoad } from '../support/webhook-load.ts';

const LONG = process.env['TEST_LONG'] === '1';
const KILLS = LONG ? 10 : 1;
const EVENTS = LONG ? 3_000_000 : 500;
const MAX_EVENTS_PER_REQUEST = LONG ? 1_000 : 40;
const PAGE = 1_000;

jest.setTimeout(LONG ? 1_800_000 : 120_000);

afterEach(() => TestProcess.endAll());

/** Reads the feed from its beginning, from whichever instance answers. */
class Reader {
  readonly ids: number[] = [];
  private after: string | undefined;
  private isOver = false;
  private readonly reading: Promise<void>;

  constructor(
    private readonly urls: readonly string[],
    private readonly key: string,
  ) {
    this.reading = this.read();
  }

  /** Resolves when it has read everything. */
  async end(): Promise<void> {
    this.isOver = true;
    await this.reading;
  }

  private async read(): Promise<void> {
    for (let turn = 0; ; turn++) {
      const isLast = this.isOver;
      const url = this.urls[turn % this.urls.length] ?? '';
      const page = await this.page(url).catch(() => undefined);
      if (page === undefined) {
        await delay(20);
        continue;
      }
      this.ids.push(...page.data.map(({ id }) => Number(id)));
      this.after = page.next;
      if (!page.isAtEnd) continue;
      if (isLast) return;
      await delay(20);
    }
  }

  private async page(url: string): Promise<{ data: { id: string }[]; next: string; isAtEnd: boolean }> {
    const query = this.after === undefined ? '' : `&after=${this.after}`;
    const response = await fetch(`${url}/api/v1/events?limit=${String(PAGE)}${query}`, {
      headers: { authorization: `Bearer ${this.key}` },
    });
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as { data: { id: string }[]; next: string; isAtEnd: boolean };
  }
}

it('has one order for two readers, and every event once, while two instances write and are killed', async () => {
  const database = await createDatabase('MariaDB');
  await database.restoreSchema('service');
  const environment = { RATE_LIMIT_REQUESTS: '0' };
  const loads = [
    new WebhookLoad(database.url, await freePort(), MAX_EVENTS_PER_REQUEST, environment),
    new WebhookLoad(database.url, await freePort(), MAX_EVENTS_PER_REQUEST, environment),
  ] as const;
  await loads[0].start();
  await loads[0].connect();
  loads[1].join(loads[0]);
  await loads[1].start();
  const urls = loads.map(({ url }) => url);
  const readers = [new Reader(urls, loads[0].key), new Reader(urls.toReversed(), loads[0].key)] as const;
  for (const load of loads) load.begin();

  const acknowledged = (): number => loads[0].acknowledged.size + loads[1].acknowledged.size;
  for (let kills = 0; kills < KILLS; kills++) {
    // One of the two gives the events their places. Sooner or later it is that one.
    while (acknowledged() < (EVENTS * (kills + 1)) / (KILLS + 1)) await delay(20);
    const killed = loads[kills % 2 === 0 ? 0 : 1];
    await killed.kill();
    await killed.start();
  }
  while (acknowledged() < EVENTS) await delay(20);
  for (const load of loads) await load.pause();

  const connection = await createConnection({ uri: database.url });
  const count = async (table: string): Promise<number> => {
    const [rows] = await connection.query(`SELECT COUNT(*) AS count FROM ${table}`);
    return Number((rows as { count: number }[])[0]?.count);
  };
  // A request whose answer was lost with its instance was repeated.
  while ((await count('feed_pending')) > 0) await delay(50);
  await Promise.all(readers.map(async (reader) => reader.end()));
  const stored = await count('email_events');
  const [[ends]] = (await connection.query('SELECT COUNT(*) AS count, MAX(seq) AS last FROM feed_entries')) as any;
  await connection.end();
  for (const load of loads) await load.kill();

  const [first, second] = readers;
  expect(stored).toBeGreaterThanOrEqual(acknowledged());
  expect(first.ids).toHaveLength(stored);
  expect(new Set(first.ids).size).toBe(stored);
  expect(second.ids.findIndex((id, index) => id !== first.ids[index])).toBe(-1);
  expect(second.ids).toHaveLength(stored);
  expect(Number(ends.count)).toBe(Number(ends.last));
  if (LONG) process.stdout.write(`${String(stored)} events in ${String(ends.count)} entries, ${String(KILLS)} kills\n`);
  await database.drop();
});
