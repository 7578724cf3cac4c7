import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import Database from 'better-sqlite3';
import { createConnection } from 'mysql2/promise';
import { CrashingMariaDb } from '../support/crashing-mariadb.ts';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { freePort } from '../support/free-port.ts';
import { TestProcess } from '../support/process.ts';
import { WebhookLoad } from '../support/webhook-load.ts';

const LONG = process.env['TEST_LONG'] === '1';
const SERVICE_KILLS = LONG ? 20 : 1;
const DATABASE_KILLS = LONG ? 10 : 1;
const RUN_MS = 700;

jest.setTimeout(LONG ? 600_000 : 120_000);

afterEach(() => {
  TestProcess.endAll();
  CrashingMariaDb.endAll();
});

async function storedRecipients(url: string): Promise<string[]> {
  const sql = 'SELECT recipient FROM email_events';
  if (url.startsWith('sqlite:')) {
    const file = new Database(url.slice('sqlite:'.length));
    const rows = file.prepare<[], { recipient: string }>(sql).all();
    file.close();
    return rows.map(({ recipient }) => recipient);
  }
  const connection = await createConnection({ uri: url });
  const [rows] = await connection.query(sql);
  await connection.end();
  return (rows as { recipient: string }[]).map(({ recipient }) => recipient);
}

/** Each once, and none that was acknowledged is missing. */
async function expectNothingLost(url: string, { acknowledged }: WebhookLoad): Promise<void> {
  const stored = await storedRecipients(url);
  const distinct = new Set(stored);
  expect(distinct.size).toBe(stored.length);
  expect([...acknowledged].filter((recipient) => !distinct.has(recipient))).toEqual([]);
  expect(acknowledged.size).toBeGreaterThan(100);
  if (LONG) process.stdout.write(`${String(acknowledged.size)} events acknowledged, ${String(stored.length)} stored\n`);
}

describe.each(DATABASES)('the service on %s, killed while it stores events', (kind) => {
  it('has stored what it has acknowledged, and nothing twice', async () => {
    const database = await createDatabase(kind);
    await database.restoreSchema('service');
    const load = new WebhookLoad(database.url, await freePort());
    await load.start();
    await load.connect();
    load.begin();
    for (let kills = 0; kills < SERVICE_KILLS; kills++) {
      await delay(RUN_MS * (0.5 + Math.random()));
      await load.kill();
      await load.start();
    }
    await delay(RUN_MS);
    await load.end();
    await expectNothingLost(database.url, load);
    await database.drop();
  });
});

describe('a MariaDB server, killed while the service stores events', () => {
  it('has stored what the service has acknowledged, and nothing twice', async () => {
    const server = await CrashingMariaDb.start();
    const admin = await createConnection({ uri: server.url });
    await admin.query('CREATE DATABASE crashing');
    await admin.end();
    const load = new WebhookLoad(`${server.url}/crashing`, await freePort());
    await load.start();
    await load.connect();
    load.begin();
    for (let kills = 0; kills < DATABASE_KILLS; kills++) {
      await delay(RUN_MS * (0.5 + Math.random()));
      await server.kill();
      await server.restart();
    }
    await delay(2 * RUN_MS);
    await load.end();
    await expectNothingLost(`${server.url}/crashing`, load);
    await server.kill();
  });
});
