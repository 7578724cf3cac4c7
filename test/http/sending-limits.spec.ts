import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SendingCounters } from '@score-crm/connections';
import { Clock } from '../../libs/connections/src/options/clock.ts';
import { MemoryCounters } from '../../libs/connections/src/sending/memory-counters.ts';
import type { Configuration } from '../../src/config/configuration.ts';
import { RedisConnection } from '../../src/rate-limits/redis-connection.ts';
import { RedisCounters } from '../../src/rate-limits/redis-counters.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { connectTo, send } from '../support/sending.ts';
import { TestService } from '../support/service.ts';
import { TestSmtpServer } from '../support/smtp-server.ts';

const NOON = new Date('2026-12-02T12:00:00Z');
const password = randomBytes(12).toString('hex');

function configured({ port }: RedisServer): Pick<Configuration, 'redis'> {
  return { redis: { host: '127.0.0.1', port, password, db: 0, tls: false } };
}

describe.each(ANY_DATABASE)('two instances on one %s, with Redis', (kind) => {
  let redis: RedisServer;
  let server: TestSmtpServer;
  let services: TestService[];
  let path: string;

  beforeAll(async () => {
    redis = await startRedis(password);
    server = await TestSmtpServer.start();
    const database = await createDatabase(kind);
    services = [];
    for (let instance = 0; instance < 2; instance++) {
      const service = await TestService.start(database, configured(redis));
      jest.spyOn(service.app.get(Clock), 'now').mockReturnValue(NOON);
      service.keepSecret(password);
      services.push(service);
    }
    path = await connectTo(services[0] as TestService, server);
  });

  afterAll(async () => {
    for (const service of services) await service.stop();
    await services[0]?.database.drop();
    await server.close();
    await redis.stop();
  });

  it('share the limit of a day exactly', async () => {
    const [first, second] = services as [TestService, TestService];
    await first.call('PATCH', path, { body: { limits: { perDay: 25 } } });
    const answers = await Promise.all(
      services.flatMap((service) => Array.from({ length: 30 }, () => send(service, path))),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(25);
    expect(refused).toHaveLength(35);
    expect(server.messages).toHaveLength(25);
    for (const { headers, body } of refused) {
      expect([body.code, headers.get('retry-after')]).toEqual(['sending_limit_exceeded', String(12 * 60 * 60)]);
    }
    expect((await second.call('GET', path)).body.allowance).toEqual({
      emails: 25,
      used: 25,
      resetsAt: '2026-12-03T00:00:00.000Z',
    });
  });

  it('do not send through connections with limits while Redis does not respond', async () => {
    const [first] = services as [TestService];
    const free = await connectTo(first, server);
    await redis.stop();
    const refused = await send(first, path);
    expect([refused.status, refused.body.code]).toEqual([503, 'limits_unavailable']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await send(first, free)).status).toBe(202);
    expect((await first.call('GET', path)).body.allowance).toMatchObject({ emails: 25, used: null });
  });
});

describe.each(['memory', 'Redis'])('counters in %s', (place) => {
  let redis: RedisServer | undefined;
  let connection: RedisConnection | undefined;
  let counters: SendingCounters = new MemoryCounters();
  const now = Date.now();
  const day = { key: 'c:day', limit: 5, endsAt: now + 60_000 };
  const second = { key: 'c:second', limit: 2, endsAt: now + 30_000 };

  beforeAll(async () => {
    if (place === 'memory') return;
    redis = await startRedis(password);
    connection = new RedisConnection(configured(redis) as Configuration);
    await connection.onModuleInit();
    counters = new RedisCounters(connection);
  });

  afterAll(async () => {
    connection?.onApplicationShutdown();
    await redis?.stop();
  });

  it('add to all windows or to none, and name the first that is full', async () => {
    expect(await counters.add([day, second], 2, now)).toBeUndefined();
    expect(await counters.add([day, second], 1, now)).toEqual(second);
    expect(await counters.counts([day.key, second.key, 'other'], now)).toEqual([2, 2, 0]);
    expect(await counters.add([day], 3, now)).toBeUndefined();
    expect(await counters.add([day, second], 1, now)).toEqual(day);
  });

  it('take back, but not from a window that has ended', async () => {
    await counters.subtract([day, { ...second, key: 'c:ended' }], 2, now);
    expect(await counters.counts([day.key, 'c:ended'], now)).toEqual([3, 0]);
    expect(await counters.add([day], 2, now)).toBeUndefined();
    expect(await counters.add([{ ...second, key: 'c:ended' }], 3, now)).toMatchObject({ key: 'c:ended' });
  });

  it('give places, until they are released or expire', async () => {
    const acquire = (holder: string, at = now) => counters.acquire('c:places', holder, 2, at + 1_000, at);
    expect(await Promise.all([acquire('a'), acquire('b', now + 500), acquire('c')])).toEqual([true, true, false]);
    await counters.release('c:places', 'b');
    expect(await acquire('d', now + 500)).toBe(true);
    expect(await acquire('e', now + 999)).toBe(false);
    expect(await acquire('f', now + 1_000)).toBe(true);
    expect(await acquire('g', now + 1_000)).toBe(false);
  });
});
