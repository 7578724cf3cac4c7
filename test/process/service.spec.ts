import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { checkedFetch } from '../support/contract.ts';
import { RawServer } from '../support/raw-server.ts';
import { SERVICE, TestProcess } from '../support/process.ts';

/** As it is started from a working copy, with its own dependencies. */
const MAIN = 'dist/main.js';

jest.setTimeout(180_000);

/** Whether a new connection is accepted. */
async function isListening(url: string): Promise<boolean> {
  return fetch(url, { headers: { connection: 'close' } }).then(
    () => true,
    () => false,
  );
}

describe('the service as a process', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'score-process-'));
  });

  afterEach(() => {
    TestProcess.endAll();
    rmSync(folder, { recursive: true, force: true });
  });

  it('starts with nothing, makes a key, and shows a first API key that works; the second time it shows none', async () => {
    const environment = { DATA_DIR: folder, PORT: '0' };
    const first = new TestProcess(MAIN, [], environment);
    const [, url] = await first.says(/(http:\/\/127\.0\.0\.1:\d+)\/api\/docs/);
    const [key] = await first.says(/sk_[A-Za-z0-9_-]{43}/);
    const headers = { authorization: `Bearer ${key}` };
    expect((await checkedFetch(`${String(url)}/api/v1/vendors`, { headers })).status).toBe(200);
    expect((await checkedFetch(`${String(url)}/api/docs`)).status).toBe(200);
    expect(statSync(join(folder, 'encryption.key')).mode & 0o777).toBe(0o600);
    first.kill('SIGTERM');
    expect(await first.exited).toBe(0);

    const kept = readFileSync(join(folder, 'encryption.key'), 'utf8');
    const second = new TestProcess(SERVICE, [], environment);
    const [, again] = await second.says(/(http:\/\/127\.0\.0\.1:\d+)\/api\/docs/);
    expect((await checkedFetch(`${String(again)}/api/v1/vendors`, { headers })).status).toBe(200);
    expect(second.stdout).not.toContain('sk_');
    expect(readFileSync(join(folder, 'encryption.key'), 'utf8')).toBe(kept);
    second.kill('SIGINT');
    expect(await second.exited).toBe(0);
  });

  it('finishes what is in flight before it stops, and takes nothing new', async () => {
    const service = new TestProcess(SERVICE, [], { DATA_DIR: folder, PORT: '0' });
    const [, url] = await service.says(/(http:\/\/127\.0\.0\.1:\d+)\/api\/docs/);
    const [key] = await service.says(/sk_[A-Za-z0-9_-]{43}/);
    const silent = await RawServer.silent();
    const inFlight = checkedFetch(`${String(url)}/api/v1/connections/test`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        vendor: 'smtp',
        settings: { host: '127.0.0.1', port: silent.port, username: 'u', password: 'a long password' },
      }),
    });
    while (silent.connections === 0) await delay(10);
    service.kill('SIGTERM');
    let isAnswered = false;
    void inFlight.then(() => (isAnswered = true));
    while (await isListening(`${String(url)}/health/live`)) await delay(10);
    expect(isAnswered).toBe(false);
    const answer = await inFlight;
    const { diagnosis } = (await answer.json()) as { diagnosis: { error: { code: string } } };
    expect([answer.status, diagnosis.error.code]).toEqual([200, 'no_greeting']);
    expect(await service.exited).toBe(0);
    await silent.close();
  });

  it('reports every error of its configuration, and no secret', async () => {
    const service = new TestProcess(SERVICE, [], {
      NODE_ENV: 'production',
      PORT: 'eighty',
      DATABASE_URL: 'postgres://root:hunter2hunter2@db/x',
      ENCRYPTION_KEYS: 'k1:c2hvcnQ=',
      OUTBOUND_ALLOW: '10.0.0.0/99',
      DELETED_CONNECTION_RETENTION_DAYS: '366',
      RETIRED_WEBHOOK_DAYS: '365',
      EVENT_RETENTION_DAYS: '6',
      BODY_RETENTION_DAYS: '401',
      DELIVERY_RETENTION_DAYS: '399',
      AUDIT_RETENTION_DAYS: '9999',
      ORGANIZATION_QUOTA_MIB: '10 GiB',
      SEND_TIMEOUT_MS: '5',
      LOG_LEVEL: 'loud',
    });
    expect(await service.exited).toBe(1);
    for (const name of [
      'PORT',
      'DATABASE_URL',
      'ENCRYPTION_KEYS',
      'OUTBOUND_ALLOW',
      'DELETED_CONNECTION_RETENTION_DAYS',
      'RETIRED_WEBHOOK_DAYS',
      'EVENT_RETENTION_DAYS',
      'BODY_RETENTION_DAYS',
      'DELIVERY_RETENTION_DAYS',
      'AUDIT_RETENTION_DAYS',
      'ORGANIZATION_QUOTA_MIB',
      'SEND_TIMEOUT_MS',
      'LOG_LEVEL',
    ]) {
      expect(service.stderr).toContain(`- ${name} `);
    }
    expect(service.stdout + service.stderr).not.toMatch(/hunter2|c2hvcnQ/);
  });

  it('does not start in production without a key and a database', async () => {
    const service = new TestProcess(SERVICE, [], { NODE_ENV: 'production', DATA_DIR: folder });
    expect(await service.exited).toBe(1);
    expect(service.stderr).toMatch(/DATABASE_URL is required[^]*ENCRYPTION_KEYS is required/);
  });
});
