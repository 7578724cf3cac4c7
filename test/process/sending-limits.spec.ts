import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/databases.ts';
import { SERVICE, TestProcess } from '../support/process.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { HELLO } from '../support/sending.ts';
import { TestSmtpServer } from '../support/smtp-server.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const LIMIT = 25;
const REQUESTS = 60;

jest.setTimeout(180_000);

let database: TestDatabase;
let redis: RedisServer;
let sink: TestSmtpServer;
let token: string;
const urls: string[] = [];

beforeAll(async () => {
  const password = randomBytes(12).toString('hex');
  redis = await startRedis(password);
  sink = await TestSmtpServer.start();
  database = await createDatabase('MariaDB');
  await database.restoreSchema('service');
  const environment = {
    DATABASE_URL: database.url,
    REDIS_URL: `redis://:${password}@127.0.0.1:${String(redis.port)}`,
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    LOG_LEVEL: 'error',
    PORT: '0',
    RATE_LIMIT_REQUESTS: '0',
  };
  for (let instance = 0; instance < 2; instance++) {
    const service = new TestProcess(SERVICE, [], environment);
    const [, url = ''] = await service.says(/(http:\/\/127\.0\.0\.1:\d+)\/api\/docs/);
    urls.push(url);
    token ??= (await service.says(/API key\s+(\S+)/))[1] ?? '';
  }
});

afterAll(async () => {
  TestProcess.endAll();
  await sink.close();
  await redis.stop();
  await database.drop();
});

async function post(instance: number, path: string, body: object) {
  const response = await fetch(`${String(urls[instance % urls.length])}/api/v1/connections${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** @returns what a new connection with a limit of a day answers to requests on both instances at the same time */
async function sendTogether() {
  const { username, password, port } = sink;
  const connection = smtpConnection(password, { host: '127.0.0.1', port, secure: false, username });
  const created = await post(0, '', { ...connection, limits: { perDay: LIMIT } });
  const path = `/${String(created.body['id'])}/messages`;
  sink.messages.length = 0;
  return Promise.all(Array.from({ length: REQUESTS }, (_, request) => post(request, path, HELLO)));
}

it('two processes share the limit of a day exactly', async () => {
  const day = (): number => new Date().getUTCDate();
  let [begun, answers] = [day(), await sendTogether()];
  // At midnight, the second day has a limit of its own.
  if (day() !== begun) [begun, answers] = [day(), await sendTogether()];
  const refused = answers.filter(({ status }) => status !== 202);
  expect(answers).toHaveLength(REQUESTS);
  expect(refused).toHaveLength(REQUESTS - LIMIT);
  for (const { status, body } of refused) expect([status, body['code']]).toEqual([429, 'sending_limit_exceeded']);
  expect(sink.messages).toHaveLength(LIMIT);
});
