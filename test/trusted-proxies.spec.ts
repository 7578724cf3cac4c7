import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError, readConfiguration } from '../src/config/environment.ts';
import { parseTrustedProxies } from '../src/config/trusted-proxies.ts';
import { createDatabase } from './support/databases.ts';
import { TEST_KEY, TestService } from './support/service.ts';

const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'mysql://user:password@127.0.0.1/connections',
  ENCRYPTION_KEYS: TEST_KEY,
};

describe('TRUST_PROXY', () => {
  it('rejects "true" in production with a message that describes the allowed forms', () => {
    const start = () => readConfiguration({ ...production, TRUST_PROXY: 'true' });
    expect(start).toThrow(ConfigurationError);
    expect(start).toThrow(/TRUST_PROXY must not be "true" in production, .* use the addresses or networks/);
  });

  it('accepts "true" outside production', () => {
    expect(parseTrustedProxies('true', false)).toBe(true);
  });

  it.each<[string, boolean | number | string[]]>([
    ['false', false],
    ['0', false],
    ['1', 1],
    ['3', 3],
    ['10.0.0.7', ['10.0.0.7']],
    ['10.0.0.0/8, 192.168.0.0/16', ['10.0.0.0/8', '192.168.0.0/16']],
    ['fd00::/8,2001:db8::1', ['fd00::/8', '2001:db8::1']],
    ['loopback, uniquelocal', ['loopback', 'uniquelocal']],
  ])('accepts %s in production', (text, expected) => {
    expect(readConfiguration({ ...production, TRUST_PROXY: text }).trustProxy).toEqual(expected);
  });

  it.each([
    'TRUE',
    'yes',
    '11',
    '-1',
    '1.5',
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '10.0.0.0/255.0.0.0',
    '10.0.0.0/8/8',
    'fd00::/129',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
    '10.0.0.1,',
    '10.0.0.1 10.0.0.2',
    'proxy.internal',
  ])('rejects %s at the start', (text) => {
    expect(() => readConfiguration({ ...production, TRUST_PROXY: text })).toThrow(/TRUST_PROXY (has|must)/);
  });
});

describe('behind one proxy', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase('SQLite'), { trustProxy: 1 });
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  it('a client that makes up addresses in X-Forwarded-For is limited by the one that the proxy saw', async () => {
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 21; attempt++) {
      const headers = { 'x-forwarded-for': `10.0.0.${String(attempt)}, 198.51.100.7` };
      statuses.push((await service.call('GET', '/api/v1/session', { token: 'sk_guess', headers })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 401), 429]);
    const elsewhere = { 'x-forwarded-for': '198.51.100.7, 198.51.100.8' };
    expect((await service.call('GET', '/api/v1/session', { token: 'sk_guess', headers: elsewhere })).status).toBe(401);
  });
});
