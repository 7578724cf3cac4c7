import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it, jest } from '@jest/globals';
import { BrokerQueue, inOrderOfArrival } from '../support/broker-queue.ts';
import { createDatabase } from '../support/databases.ts';
import { feedIds, lagOf } from '../support/feed-ids.ts';
import { freePort } from '../support/free-port.ts';
import { TestProcess } from '../support/process.ts';
import { startRabbitMq } from '../support/rabbitmq.ts';
import { WebhookLoad } from '../support/webhook-load.ts';

// An outage of five minutes takes five minutes. test/http/broker.spec.ts has a short one.
const OUTAGE_MS = 5 * 60_000;
const MAX_EVENTS_PER_REQUEST = 40;
const PAUSE_MS = 400;

jest.setTimeout(1_800_000);

afterEach(() => TestProcess.endAll());

it('no event is lost and the order stays while RabbitMQ is stopped for five minutes', async () => {
  const rabbit = await startRabbitMq();
  const queue = new BrokerQueue(rabbit.url);
  await queue.declare();
  const database = await createDatabase('MariaDB');
  await database.restoreSchema('service');
  const environment = { EVENTS_AMQP_URL: rabbit.url, OPERATOR_ORGANIZATION: 'default', RATE_LIMIT_REQUESTS: '0' };
  const load = new WebhookLoad(database.url, await freePort(), MAX_EVENTS_PER_REQUEST, environment, PAUSE_MS);
  await load.start();
  await load.connect();
  load.begin();
  while ((await queue.waiting()) < 20) await delay(100);

  const before = load.acknowledged.size;
  await rabbit.halt();
  await delay(OUTAGE_MS);
  const during = load.acknowledged.size;
  const lag = await lagOf(load.url, load.key, 'rabbitmq');
  await rabbit.resume();
  const resumedAt = performance.now();
  await load.pause();
  while ((await lagOf(load.url, load.key, 'rabbitmq')) !== 0) await delay(200);
  const caughtUpMs = performance.now() - resumedAt;
  await queue.drain();

  const expected = await feedIds(load.url, load.key);
  const ids = queue.received.flatMap((message) => message.ids);
  const messages = new Map<string, Set<string>>();
  for (const { messageId, ids: own } of queue.received) {
    for (const id of own) messages.set(id, (messages.get(id) ?? new Set()).add(messageId));
  }
  process.stdout.write(
    `${String(expected.length)} events, ${String(during - before)} of them stored during the outage, lag ${String(lag)} entries, ` +
      `caught up in ${(caughtUpMs / 1_000).toFixed(1)} s, ${String(ids.length - messages.size)} delivered again\n`,
  );
  expect(lag).toBeGreaterThan(0);
  expect(expected.length).toBeGreaterThanOrEqual(load.acknowledged.size);
  expect(inOrderOfArrival(ids)).toEqual(expected);
  expect([...messages.values()].filter(({ size }) => size > 1)).toEqual([]);
  await queue.close();
  await load.kill();
  await rabbit.stop();
  await database.drop();
});
