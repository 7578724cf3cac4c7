import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import Database from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { checkedFetch } from '../support/contract.ts';
import { ANY_DATABASE, createDatabase, DATABASES, type TestDatabase } from '../support/databases.ts';
import { freePort } from '../support/free-port.ts';
import { SERVICE, TestProcess } from '../support/process.ts';

const LONG = process.env['TEST_LONG'] === '1';
const SERVING = /(http:\/\/127\.0\.0\.1:\d+)\/api\/docs/;
const LISTENING = /"msg":"Server listening at (http:\/\/127\.0\.0\.1:\d+)"/;

jest.setTimeout(180_000);

function environmentOf(database: TestDatabase): Record<string, string> {
  const key = `k1:${randomBytes(32).toString('base64')}`;
  return { DATABASE_URL: database.url, ENCRYPTION_KEYS: key, PORT: '0' };
}

/** The lines of the log that report an error. */
function failures(process: TestProcess): string[] {
  return process.stdout.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));
}

async function runSql(database: TestDatabase, sql: string): Promise<void> {
  if (database.kind === 'SQLite') {
    new Database(database.url.slice('sqlite:'.length)).exec(sql).close();
    return;
  }
  const connection = await createConnection({ uri: database.url });
  await connection.query(sql);
  await connection.end();
}

/** Holds what a process that migrates this database holds. @returns a function that releases it */
async function holdMigrationLock(database: TestDatabase): Promise<() => Promise<void>> {
  if (database.kind === 'SQLite') {
    const file = new Database(database.url.slice('sqlite:'.length));
    file.pragma('journal_mode = WAL');
    file.exec('BEGIN IMMEDIATE');
    return async () => void file.close();
  }
  const connection = await createConnection({ uri: database.url });
  const name = new URL(database.url).pathname.slice(1);
  const lock = `score-connections:${createHash('sha1').update(name).digest('hex')}`;
  const [rows] = await connection.query('SELECT GET_LOCK(?, 0) AS locked', [lock]);
  expect(rows).toEqual([{ locked: 1 }]);
  return () => connection.end();
}

async function serves(database: TestDatabase): Promise<void> {
  const service = new TestProcess(SERVICE, [], environmentOf(database));
  const [, url = ''] = await service.says(SERVING);
  expect((await checkedFetch(`${url}/health/ready`)).status).toBe(200);
  service.kill('SIGTERM');
  expect(await service.exited).toBe(0);
}

afterEach(() => TestProcess.endAll());

describe.each(DATABASES)('a start on %s', (kind) => {
  it('reports once why the database cannot be opened', async () => {
    const database = await createDatabase(kind);
    if (kind === 'SQLite') writeFileSync(database.url.slice('sqlite:'.length), 'This is not a database.'.repeat(100));
    else await database.drop();
    const service = new TestProcess(SERVICE, [], environmentOf(database));
    expect(await service.exited).toBe(1);
    expect(failures(service)).toEqual([
      expect.stringMatching(kind === 'SQLite' ? /"level":"fatal".*SQLITE_NOTADB/ : /"level":"fatal".*ER_BAD_DB_ERROR/),
    ]);
    if (kind === 'SQLite') await database.drop();
  });

  it('exits with 1 when a migration fails, and the next start completes it', async () => {
    const database = await createDatabase(kind);
    await runSql(database, 'CREATE VIEW events AS SELECT 1 AS id');
    const service = new TestProcess(SERVICE, [], environmentOf(database));
    expect(await service.exited).toBe(1);
    expect(failures(service)).toHaveLength(1);
    await runSql(database, 'DROP VIEW events');
    await serves(database);
    await database.drop();
  });

  it('answers 503 to all but liveness while another process migrates, then serves', async () => {
    const database = await createDatabase(kind);
    const release = await holdMigrationLock(database);
    const service = new TestProcess(SERVICE, [], environmentOf(database));
    const [, url = ''] = await service.says(LISTENING);
    const live = await checkedFetch(`${url}/health/live`);
    expect([live.status, live.headers.get('cache-control')]).toEqual([200, 'no-store']);
    for (const path of ['/health/ready', '/api/v1/connections', '/webhooks/v2/sendgrid/x', '/', '/no/such/page']) {
      const answer = await checkedFetch(
        `${url}${path}`,
        path.startsWith('/webhooks') ? { method: 'POST', body: '[]' } : {},
      );
      const { headers } = answer;
      expect([path, answer.status, headers.get('retry-after'), headers.get('cache-control')]).toEqual([
        path,
        503,
        '5',
        'no-store',
      ]);
      expect(await answer.json()).toMatchObject({ status: 503, code: 'starting' });
    }
    await release();
    await service.says(SERVING);
    const ready = await checkedFetch(`${url}/health/ready`);
    expect([ready.status, ready.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect((await checkedFetch(`${url}/api/v1/connections`)).status).toBe(401);
    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);
    await database.drop();
  });

  it('exits with 1 when another process holds the migration lock for too long', async () => {
    const database = await createDatabase(kind);
    const release = await holdMigrationLock(database);
    const limited = { ...environmentOf(database), MIGRATION_LOCK_TIMEOUT_MS: '500' };
    const service = new TestProcess(SERVICE, [], limited);
    expect(await service.exited).toBe(1);
    expect(failures(service)).toEqual([expect.stringContaining('has been migrating this database for 0.5 s')]);
    await release();
    await database.drop();
  });

  it('stops with 0 on SIGTERM while it waits for the migration lock', async () => {
    const database = await createDatabase(kind);
    const release = await holdMigrationLock(database);
    const service = new TestProcess(SERVICE, [], environmentOf(database));
    await service.says(LISTENING);
    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);
    expect(failures(service)).toEqual([]);
    await release();
    await database.drop();
  });

  it('succeeds after processes were killed during the first migrations', async () => {
    const database = await createDatabase(kind);
    for (const afterMs of LONG ? [0, 60, 150, 300] : [60]) {
      const service = new TestProcess(SERVICE, [], environmentOf(database));
      await service.says(LISTENING);
      await delay(afterMs);
      service.kill('SIGKILL');
      await service.exited;
    }
    await serves(database);
    await database.drop();
  });
});

it.each(ANY_DATABASE)('a start on %s exits with 1 when the port is in use', async (kind) => {
  const database = await createDatabase(kind);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const service = new TestProcess(SERVICE, [], { ...environmentOf(database), PORT: String(port) });
  expect(await service.exited).toBe(1);
  expect(failures(service)).toEqual([expect.stringContaining('EADDRINUSE')]);
  server.close();
  await database.drop();
});

it('a start on MariaDB does not wait for the migrations of another database', async () => {
  const [database, other] = await Promise.all([createDatabase('MariaDB'), createDatabase('MariaDB')]);
  const release = await holdMigrationLock(other);
  await serves(database);
  await release();
  await Promise.all([database.drop(), other.drop()]);
});

it('a start with a wrong database password exits with 1 and does not print it', async () => {
  const database = await createDatabase('MariaDB');
  const url = new URL(database.url);
  url.username = 'stranger';
  url.password = 'hunter2hunter2';
  const service = new TestProcess(SERVICE, [], { ...environmentOf(database), DATABASE_URL: url.href });
  expect(await service.exited).toBe(1);
  expect(failures(service)).toHaveLength(1);
  expect(service.stdout + service.stderr).not.toContain('hunter2');
  await database.drop();
});

it('a start that still waits for its database stops with 0 on SIGTERM', async () => {
  const url = `mysql://root@127.0.0.1:${String(await freePort())}/none`;
  const service = new TestProcess(SERVICE, [], {
    DATABASE_URL: url,
    ENCRYPTION_KEYS: `k1:${'A'.repeat(43)}=`,
    PORT: '0',
  });
  await service.says(/Unable to connect to the database/);
  service.kill('SIGTERM');
  expect(await service.exited).toBe(0);
});
