import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Configuration, RateLimits } from '../../src/config/configuration.ts';
import { checkedFetch } from '../support/contract.ts';
import { freePort } from '../support/free-port.ts';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const PATH = '/api/v1/connections';
const OFF: RateLimits = { requests: 0, connectionTests: 0, signInFailures: 0 };

async function withService(
  overrides: Partial<Configuration>,
  work: (service: TestService) => Promise<void>,
): Promise<void> {
  const service = await TestService.start(await createDatabase('SQLite'), overrides);
  try {
    await work(service);
  } finally {
    await service.stop();
    await service.database.drop();
  }
}

describe('the rate limit of an API key', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase('SQLite'), { rateLimits: { ...OFF, requests: 5 } });
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  it('counts down in the standard headers, then answers 429 with Retry-After', async () => {
    const token = await service.tokenFor('acme');
    const answers = [];
    for (let request = 0; request < 6; request++) answers.push(await service.call('GET', PATH, { token }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
    const remaining = answers.map(
      ({ headers }) => /^"default";r=(\d+);t=\d+$/.exec(headers.get('ratelimit') ?? '')?.[1],
    );
    expect(remaining).toEqual(['4', '3', '2', '1', '0', '0']);
    const last = answers.at(-1);
    expect(last?.headers.get('ratelimit-policy')).toBe('"default";q=5;w=10');
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(last?.headers.get('retry-after'))).toBeLessThanOrEqual(10);
    expect(last?.headers.get('content-type')).toContain('application/problem+json');
    expect(last?.body).toMatchObject({ status: 429, code: 'too_many_requests' });
  });

  it('also holds for requests that arrive together, and does not affect the other keys of the organization', async () => {
    const [token, other] = [await service.tokenFor('acme'), await service.tokenFor('acme', 'read')];
    const answers = await Promise.all(Array.from({ length: 12 }, () => service.call('GET', PATH, { token })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(7);
    expect((await service.call('GET', PATH, { token: other })).status).toBe(200);
  });

  it('also counts the sessions that the key opened', async () => {
    const token = await service.tokenFor('acme');
    const opened = await checkedFetch(`${service.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
    service.watch(cookie.split('=')[1] ?? '');
    const statuses: number[] = [];
    for (let request = 0; request < 5; request++) {
      statuses.push((await service.call('GET', PATH, { token: null, headers: { cookie } })).status);
    }
    expect([opened.status, ...statuses]).toEqual([201, 200, 200, 200, 200, 429]);
    expect((await service.call('GET', PATH, { token })).status).toBe(429);
  });

  it('does not hold for health checks and webhooks', async () => {
    for (let request = 0; request < 8; request++) {
      expect((await service.call('GET', '/health/live', { token: null })).status).toBe(200);
      const posted = await service.call('POST', '/webhooks/v2/sendgrid/none', { token: null, body: [] });
      expect(posted.status).toBe(404);
    }
  });
});

it('limits the connection tests of an organization, over all of its keys and both routes', async () => {
  await withService({ rateLimits: { ...OFF, connectionTests: 3 } }, async (service) => {
    const [first, second, other] = [
      await service.tokenFor('acme'),
      await service.tokenFor('acme'),
      await service.tokenFor('umbrella'),
    ];
    const body = smtpConnection(service.secret(), { port: await freePort() });
    const created = await service.call('POST', PATH, { token: first, body });
    const test = (token: string, path = `${PATH}/test`, sent: object = body) =>
      service.call('POST', path, { token, body: sent });
    const statuses = [
      (await test(first)).status,
      (await test(second)).status,
      (await test(first, `${PATH}/${String(created.body.id)}/test`, {})).status,
    ];
    expect(statuses).toEqual([200, 200, 200]);
    const limited = await test(second, `${PATH}/${String(created.body.id)}/test`, {});
    expect([limited.status, limited.body.code]).toEqual([429, 'too_many_requests']);
    expect(limited.headers.get('ratelimit')).toMatch(/^"connection-tests";r=0;t=\d+$/);
    expect(limited.headers.get('ratelimit-policy')).toBe('"connection-tests";q=3;w=60');
    expect((await service.call('GET', PATH, { token: first })).status).toBe(200);
    expect((await test(other)).status).toBe(200);
  });
});

it('names both limits in the headers of a connection test', async () => {
  await withService({ rateLimits: { ...OFF, requests: 9, connectionTests: 3 } }, async (service) => {
    const { headers } = await service.call('POST', `${PATH}/test`, { body: {} });
    expect(headers.get('ratelimit-policy')).toBe('"default";q=9;w=10, "connection-tests";q=3;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"default";r=8;t=\d+, "connection-tests";r=2;t=\d+$/);
  });
});

it('writes no headers for limits that are switched off', async () => {
  await withService({ rateLimits: OFF }, async (service) => {
    const { headers } = await service.call('GET', PATH);
    expect([headers.get('ratelimit'), headers.get('ratelimit-policy')]).toEqual([null, null]);
  });
});

describe('with Redis', () => {
  const password = randomBytes(12).toString('hex');
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await startRedis(password);
  });

  afterAll(() => redis.stop());

  const shared = (requests: number): Partial<Configuration> => ({
    rateLimits: { ...OFF, requests },
    redis: { host: '127.0.0.1', port: redis.port, password, db: 0, tls: false },
  });

  async function statusesOf(service: TestService, token: string, count: number): Promise<number[]> {
    const statuses: number[] = [];
    for (let request = 0; request < count; request++) {
      statuses.push((await service.call('GET', PATH, { token })).status);
    }
    return statuses;
  }

  it.each(DATABASES.filter((kind) => kind !== 'SQLite'))('two instances on %s share one limit', async (kind) => {
    const database = await createDatabase(kind);
    const first = await TestService.start(database, shared(6));
    const services = [first, await TestService.start(database, shared(6))];
    const token = await first.tokenFor('acme');
    const answers = await Promise.all(
      services.flatMap((service) => Array.from({ length: 5 }, () => service.call('GET', PATH, { token }))),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(6);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
    for (const service of services) {
      service.keepSecret(password);
      await service.stop();
    }
    await database.drop();
  });

  it('that hangs, requests continue and are counted in memory; afterwards it is used again', async () => {
    await withService(shared(1_000), async (service) => {
      expect(await statusesOf(service, service.key, 1)).toEqual([200]);
      redis.hang();
      expect(await statusesOf(service, service.key, 4)).toEqual([200, 200, 200, 200]);
      redis.resume();
      const reports = service.logs.filter((line) => line.includes('Redis is not available'));
      expect(reports).toHaveLength(1);
    });
  });

  it('that is killed, requests continue and the limit holds in memory', async () => {
    const own = await startRedis(password);
    const overrides = { ...shared(5), redis: { host: '127.0.0.1', port: own.port, password, db: 0, tls: false } };
    await withService(overrides, async (service) => {
      expect(await statusesOf(service, service.key, 2)).toEqual([200, 200]);
      await own.stop();
      const token = await service.tokenFor('acme');
      expect(await statusesOf(service, token, 7)).toEqual([200, 200, 200, 200, 200, 429, 429]);
      expect(service.logs.filter((line) => line.includes('Redis is not available'))).toHaveLength(1);
      service.keepSecret(password);
    });
  });

  it('that refuses the password, the service starts, serves and keeps the password to itself', async () => {
    const wrong = randomBytes(12).toString('hex');
    const overrides = {
      ...shared(5),
      redis: { host: '127.0.0.1', port: redis.port, password: wrong, db: 0, tls: false },
    };
    await withService(overrides, async (service) => {
      service.keepSecret(wrong);
      service.keepSecret(password);
      expect(await statusesOf(service, service.key, 2)).toEqual([200, 200]);
      while (!service.logs.some((line) => line.includes('Redis is not available'))) await delay(20);
    });
  });
});
