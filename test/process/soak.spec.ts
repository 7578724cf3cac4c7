import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it, jest } from '@jest/globals';
import { BrokerQueue } from '../support/broker-queue.ts';
import { createDatabase } from '../support/databases.ts';
import { lagOf } from '../support/feed-ids.ts';
import { freePort } from '../support/free-port.ts';
import { TestProcess } from '../support/process.ts';
import { startRabbitMq } from '../support/rabbitmq.ts';
import { residentMemory } from '../support/resident-memory.ts';
import { SubscriberProcess } from '../support/subscriber-process.ts';
import { WebhookLoad } from '../support/webhook-load.ts';

/** How long the rate is measured that nothing holds back, and how long half of it is kept up. */
const FULL_MS = 20_000;
const HALF_MINUTES = 10;
/** Caches and pools fill. */
const WARM_UP_MINUTES = 2;
const MINUTE_MS = 60_000;
const MIB = 2 ** 20;
/** Of the largest memory, from the first half of the minutes to the second. */
const MAX_GROWTH = 24 * MIB;

jest.setTimeout(1_800_000);

afterEach(() => TestProcess.endAll());

it('with all kinds of consumers, the memory of the service does not grow', async () => {
  const rabbit = await startRabbitMq();
  const queue = new BrokerQueue(rabbit.url);
  await queue.declare();
  await queue.consume();
  let posted = 0;
  const receiver = createServer((request, response) => {
    void text(request).then((body) => {
      posted += (JSON.parse(body) as { data: { events: readonly unknown[] } }).data.events.length;
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const database = await createDatabase('MariaDB');
  await database.restoreSchema('service');
  const load = new WebhookLoad(database.url, await freePort(), 40, {
    EVENTS_AMQP_URL: rabbit.url,
    OPERATOR_ORGANIZATION: 'default',
    RATE_LIMIT_REQUESTS: '0',
    OUTBOUND_ALLOW: '127.0.0.1',
  });
  await load.start();
  await load.connect();
  const created = await fetch(`${load.url}/api/v1/webhook-endpoints`, {
    method: 'POST',
    headers: { authorization: `Bearer ${load.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: `http://127.0.0.1:${String((receiver.address() as AddressInfo).port)}/` }),
  });
  expect(created.status).toBe(201);
  const { id: endpoint } = (await created.json()) as { id: string };
  const subscriber = new SubscriberProcess(load.environment);
  await subscriber.start();
  const reader = new StreamReader(load);

  const rate = async (ms: number): Promise<number> => {
    const before = load.acknowledged.size;
    await delay(ms);
    return ((load.acknowledged.size - before) * 1_000) / ms;
  };
  load.begin();
  const full = await rate(FULL_MS);
  // A client that waits as long as it works has half of the rate.
  load.pauseMs = load.meanMs;
  const names = ['counts', 'suppression', 'rabbitmq', `webhook:${endpoint}`, 'subscriber:recorder'];
  const isBehind = async (): Promise<boolean> => {
    const lags = await Promise.all(names.map(async (name) => lagOf(load.url, load.key, name)));
    return lags.some((lag) => lag === undefined || lag > 1_000) || (reader.ages.at(-1) ?? 0) > 1_000;
  };
  while (await isBehind()) await delay(1_000);

  reader.ages.length = 0;
  const minutes: number[] = [];
  const rates: number[] = [];
  for (let minute = 0; minute < HALF_MINUTES; minute++) {
    const sampling = largestMemory(load.pid, MINUTE_MS);
    rates.push(await rate(MINUTE_MS));
    minutes.push(await sampling);
  }
  const ages = reader.ages.toSorted((one, other) => one - other);
  const at = (share: number): string => String(ages[Math.floor(ages.length * share)]);
  await load.pause();
  const total = load.acknowledged.size;
  const counts = () => [
    queue.received.reduce((sum, message) => sum + message.ids.length, 0),
    posted,
    subscriber.ids.length,
  ];
  while (counts().some((count) => count < total)) await delay(500);
  const mean = rates.reduce((sum, each) => sum + each, 0) / rates.length;
  process.stdout.write(
    `${full.toFixed(0)} events/s at most; ${mean.toFixed(0)} for ${String(HALF_MINUTES)} minutes, ${String(total)} in all; ` +
      `from the receipt to a reader of the stream: median ${at(0.5)} ms, p99 ${at(0.99)} ms; ` +
      `memory in each minute: ${minutes.map((bytes) => (bytes / MIB).toFixed(0)).join(', ')} MiB\n`,
  );
  expect(counts()).toEqual([total, total, total]);
  const settled = minutes.slice(WARM_UP_MINUTES);
  const half = settled.length / 2;
  expect(Math.max(...settled.slice(half)) - Math.max(...settled.slice(0, half))).toBeLessThan(MAX_GROWTH);

  reader.stop();
  receiver.close();
  await queue.close();
  await Promise.all([load.kill(), subscriber.kill()]);
  await rabbit.stop();
  await database.drop();
});

/** Reads the stream of events, and how old each is when it comes. */
class StreamReader {
  /** In milliseconds. */
  readonly ages: number[] = [];
  private readonly stopping = new AbortController();

  constructor(load: WebhookLoad) {
    void this.read(load).catch((error: unknown) => {
      if (!this.stopping.signal.aborted) throw error;
    });
  }

  stop(): void {
    this.stopping.abort();
  }

  private async read({ url, key }: WebhookLoad): Promise<void> {
    const response = await fetch(`${url}/api/v1/events/stream`, {
      headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
      signal: this.stopping.signal,
    });
    for await (const line of createInterface({ input: Readable.fromWeb(response.body as any) })) {
      if (!line.startsWith('data:')) continue;
      const { receivedAt } = JSON.parse(line.slice('data:'.length)) as { receivedAt: string };
      this.ages.push(Date.now() - Date.parse(receivedAt));
    }
  }
}

/** In bytes. */
async function largestMemory(pid: number, ms: number): Promise<number> {
  const end = Date.now() + ms;
  let largest = 0;
  while (Date.now() < end) {
    largest = Math.max(largest, residentMemory(pid));
    await delay(1_000);
  }
  return largest;
}
