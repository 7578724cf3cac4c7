import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import Database from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { checkedFetch } from '../support/contract.ts';
import { ANY_DATABASE, createDatabase, DATABASES, type TestDatabase } from '../support/databases.ts';
import { SERVICE, TestProcess } from '../support/process.ts';
import { TestSmtpServer } from '../support/smtp-server.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

jest.setTimeout(180_000);

interface Running {
  readonly process: TestProcess;
  readonly url: string;
  readonly headers: Record<string, string>;
}

async function startService(database: TestDatabase, more: Record<string, string> = {}): Promise<Running> {
  await database.restoreSchema('service');
  const key = `k1:${randomBytes(32).toString('base64')}`;
  const environment = { DATABASE_URL: database.url, ENCRYPTION_KEYS: key, PORT: '0', ...more };
  const process = new TestProcess(SERVICE, [], environment);
  const [, url = ''] = await process.says(/(http:\/\/127\.0\.0\.1:\d+)\/api\/docs/);
  const [token] = await process.says(/sk_[A-Za-z0-9_-]{43}/);
  return { process, url, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } };
}

/** Creates a connection to the mail server. @returns the path of its messages */
async function messagesOf({ url, headers }: Running, server: TestSmtpServer): Promise<string> {
  const input = smtpConnection(server.password, {
    host: '127.0.0.1',
    port: server.port,
    secure: false,
    username: server.username,
  });
  const created = await checkedFetch(`${url}/api/v1/connections`, {
    method: 'POST',
    headers,
    body: JSON.stringify(input),
  });
  expect(created.status).toBe(201);
  const { id } = (await created.json()) as { id: string };
  return `${url}/api/v1/connections/${id}/messages`;
}

const MESSAGE = JSON.stringify({
  from: { email: 'news@sender.example' },
  to: [{ email: 'ada@recipient.example' }],
  subject: 'Hello',
  text: 'Hello Ada',
});

async function eventKinds({ kind, url }: TestDatabase): Promise<unknown[]> {
  const sql = "SELECT CASE kind WHEN 2 THEN 'sent' ELSE 'another kind' END AS kind, recipient FROM email_events";
  if (kind === 'SQLite') {
    const file = new Database(url.slice('sqlite:'.length));
    const rows = file.prepare(sql).all();
    file.close();
    return rows;
  }
  const connection = await createConnection({ uri: url });
  const [rows] = await connection.query(sql);
  await connection.end();
  return rows as unknown[];
}

afterEach(() => TestProcess.endAll());

describe.each(DATABASES)('a stop on %s', (kind) => {
  it('finishes and stores a message whose caller has disconnected', async () => {
    const database = await createDatabase(kind);
    const server = await TestSmtpServer.start({ delayMs: 3_000 });
    const service = await startService(database);
    const path = await messagesOf(service, server);
    const caller = new AbortController();
    const { headers, process } = service;
    const sent = checkedFetch(path, { method: 'POST', headers, body: MESSAGE, signal: caller.signal });
    while (server.messages.length === 0) await delay(20);
    caller.abort();
    await expect(sent).rejects.toThrow();
    process.kill('SIGTERM');
    expect(await process.exited).toBe(0);
    expect(server.messages).toHaveLength(1);
    expect(await eventKinds(database)).toEqual([{ kind: 'sent', recipient: 'ada@recipient.example' }]);
    const line = process.stdout.split('\n').find((one) => one.includes('after its caller disconnected')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      method: 'POST',
      route: '/api/v1/connections/:id/messages',
      outcome: 'succeeded',
    });
    await server.close();
    await database.drop();
  });
});

it.each(ANY_DATABASE)(
  'a stop on %s answers 503 on readiness and serves everything else while it drains',
  async (kind) => {
    const database = await createDatabase(kind);
    const { process, url, headers } = await startService(database, { SHUTDOWN_DRAIN_MS: '3000' });
    process.kill('SIGTERM');
    await process.says(/Received SIGTERM\. Stopping/);
    const ready = await checkedFetch(`${url}/health/ready`);
    expect([ready.status, ready.headers.get('retry-after'), ready.headers.get('connection')]).toEqual([
      503,
      '5',
      'close',
    ]);
    expect(await ready.json()).toMatchObject({ code: 'stopping' });
    expect((await checkedFetch(`${url}/health/live`)).status).toBe(200);
    expect((await checkedFetch(`${url}/api/v1/connections`, { headers })).status).toBe(200);
    expect(await process.exited).toBe(0);
    await database.drop();
  },
);

it('a stop that exceeds its limit exits with 1 and logs it', async () => {
  const database = await createDatabase('SQLite');
  const server = await TestSmtpServer.start({ delayMs: 5_000 });
  const service = await startService(database, { SHUTDOWN_TIMEOUT_MS: '500' });
  const path = await messagesOf(service, server);
  const sent = checkedFetch(path, { method: 'POST', headers: service.headers, body: MESSAGE }).catch(
    (error: unknown) => error,
  );
  while (server.messages.length === 0) await delay(20);
  service.process.kill('SIGTERM');
  expect(await service.process.exited).toBe(1);
  expect(service.process.stdout).toContain('Could not stop within 500 ms');
  expect(await sent).toMatchObject({ message: 'fetch failed' });
  await server.close();
  await database.drop();
});

it('a second signal ends the process immediately', async () => {
  const database = await createDatabase('SQLite');
  const { process } = await startService(database, { SHUTDOWN_DRAIN_MS: '60000' });
  process.kill('SIGTERM');
  await process.says(/Received SIGTERM\. Stopping/);
  await delay(200);
  process.kill('SIGTERM');
  expect(await process.exited).toBe(143);
  await database.drop();
});

it.each(DATABASES)('instances that start together on %s create one first key', async (kind) => {
  const database = await createDatabase(kind);
  const key = `k1:${randomBytes(32).toString('base64')}`;
  const environment = { DATABASE_URL: database.url, ENCRYPTION_KEYS: key, PORT: '0' };
  const instances = Array.from({ length: 3 }, () => new TestProcess(SERVICE, [], environment));
  await Promise.all(instances.map((instance) => instance.says(/API docs.*\n/)));
  expect(instances.filter(({ stdout }) => stdout.includes('sk_'))).toHaveLength(1);
  const migrated = instances.filter(({ stdout }) => stdout.includes('Migrated: '));
  expect(migrated).toHaveLength(1);
  for (const instance of instances) instance.kill('SIGTERM');
  expect(await Promise.all(instances.map(({ exited }) => exited))).toEqual([0, 0, 0]);
  await database.drop();
});
