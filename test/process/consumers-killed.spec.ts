import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it, jest } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { WebhookReceiver } from '../../libs/connections/test/support/webhook-receiver.ts';
import { BrokerQueue, inOrderOfArrival } from '../support/broker-queue.ts';
import { createDatabase } from '../support/databases.ts';
import { feedIds, lagOf } from '../support/feed-ids.ts';
import { freePort } from '../support/free-port.ts';
import { COMMAND_LINE, TestProcess } from '../support/process.ts';
import { startRabbitMq } from '../support/rabbitmq.ts';
import { SubscriberProcess } from '../support/subscriber-process.ts';
import { WebhookLoad } from '../support/webhook-load.ts';

// After each kill, another process waits for the leases of the consumers. Together this takes some minutes.
const KILLS = 20;
const MAX_EVENTS_PER_REQUEST = 40;
const PAUSE_MS = 3_000;

jest.setTimeout(3_600_000);

afterEach(() => TestProcess.endAll());

it('every consumer gets every event although the processes that run it are killed', async () => {
  const rabbit = await startRabbitMq();
  const queue = new BrokerQueue(rabbit.url);
  await queue.declare();
  await queue.consume();
  const receiver = await WebhookReceiver.start();
  const database = await createDatabase('MariaDB');
  await database.restoreSchema('service');
  const environment = {
    EVENTS_AMQP_URL: rabbit.url,
    OPERATOR_ORGANIZATION: 'default',
    RATE_LIMIT_REQUESTS: '0',
    OUTBOUND_ALLOW: '127.0.0.1',
  };
  const load = new WebhookLoad(database.url, await freePort(), MAX_EVENTS_PER_REQUEST, environment, PAUSE_MS);
  await load.start();
  await load.connect();
  const created = await fetch(`${load.url}/api/v1/webhook-endpoints`, {
    method: 'POST',
    headers: { authorization: `Bearer ${load.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: receiver.url('/events') }),
  });
  expect(created.status).toBe(201);
  const subscriber = new SubscriberProcess(load.environment);
  await subscriber.start();
  load.begin();

  const posted = () =>
    receiver.received.map(({ headers, body }) => {
      const { data } = JSON.parse(body) as { data: { events: readonly { id: string }[] } };
      return { messageId: String(headers['webhook-id']), ids: data.events.map(({ id }) => id) };
    });
  const progress = () => [queue.received.length, receiver.received.length, subscriber.ids.length];
  for (let kills = 0; kills < KILLS; kills++) {
    const before = progress();
    while (progress().some((count, index) => count <= (before[index] ?? 0))) await delay(100);
    // Anywhere in their work.
    await delay(1_000 * Math.random());
    await Promise.all([load.kill(), subscriber.kill()]);
    await Promise.all([load.start(), subscriber.start()]);
  }
  await load.pause();

  const expected = await feedIds(load.url, load.key);
  const consumers = { rabbitmq: () => queue.received, webhook: posted, subscriber: () => [{ ids: subscriber.ids }] };
  const idsOf = (name: keyof typeof consumers): readonly string[] => consumers[name]().flatMap(({ ids }) => ids);
  const names = ['rabbitmq', 'webhook', 'subscriber'] as const;
  for (const name of names) while (new Set(idsOf(name)).size < expected.length) await delay(500);

  const summary = names.map((name) => `${name} ${String(idsOf(name).length - expected.length)}`).join(', ');
  process.stdout.write(
    `${String(expected.length)} events (${String(load.acknowledged.size)} acknowledged), ${String(KILLS)} kills; delivered again: ${summary}\n`,
  );
  expect(expected.length).toBeGreaterThanOrEqual(load.acknowledged.size);
  // The dispatcher sends several messages at the same time.
  for (const name of ['rabbitmq', 'subscriber'] as const) expect(inOrderOfArrival(idsOf(name))).toEqual(expected);
  expect(new Set(idsOf('webhook'))).toEqual(new Set(expected));
  // An event that is posted again is in the same message.
  const messages = new Map<string, Set<string>>();
  for (const { messageId, ids } of posted()) {
    for (const id of ids) messages.set(id, (messages.get(id) ?? new Set()).add(messageId));
  }
  expect([...messages].filter(([, own]) => own.size > 1)).toEqual([]);

  while ((await lagOf(load.url, load.key, 'counts')) !== 0) await delay(200);
  const connection = await createConnection({ uri: database.url });
  const counts = async (): Promise<unknown> => {
    const sql = 'SELECT * FROM event_stats ORDER BY connection, hours, start, kind, detail';
    return (await connection.query(sql))[0];
  };
  const live = (await counts()) as { hours: number; events: number }[];
  const counted = live.filter(({ hours }) => hours === 1).reduce((sum, { events }) => sum + events, 0);
  expect(counted).toBe(expected.length);
  const rebuild = new TestProcess(COMMAND_LINE, ['projections', 'rebuild', 'counts'], load.environment);
  expect(await rebuild.exited).toBe(0);
  expect(await counts()).toEqual(live);

  await connection.end();
  await queue.close();
  await receiver.stop();
  await Promise.all([load.kill(), subscriber.kill()]);
  await rabbit.stop();
  await database.drop();
});
