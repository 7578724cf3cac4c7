import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Sandboxes, startSandboxes } from '../../scripts/sandbox/sandboxes.ts';
import { freePort } from '../support/free-port.ts';
import { TestProcess } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const EXAMPLE = 'examples/campaign-service';
const VENDORS = ['sendgrid', 'mailgun'];
const RECIPIENTS = process.env['TEST_LONG'] === '1' ? 10_000 : 600;
/** The sandboxes repeat events for six times as long: the service must have started again by then, even on a busy machine. */
const PACE_MS = 4_000;
const PATIENCE_MS = 90_000;

/** The example, built, with the sandboxes of two vendors. */
describe('the campaign service', () => {
  let sandboxes: Sandboxes;
  let folder: string;
  let port: number;
  let service: TestProcess;
  const key = `k1:${randomBytes(32).toString('base64')}`;

  beforeAll(() => {
    execFileSync(process.execPath, [resolve('node_modules/@typescript/native/bin/tsc'), '-b', EXAMPLE]);
  });
  beforeEach(async () => {
    sandboxes = await startSandboxes({ paceMs: PACE_MS });
    folder = temporaryFolder('campaigns-');
    port = await freePort();
    await start();
  });
  afterEach(async () => {
    TestProcess.endAll();
    await sandboxes.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = async (): Promise<void> => {
    service = new TestProcess(join(EXAMPLE, 'dist/main.js'), [], {
      PORT: String(port),
      DATABASE: join(folder, 'campaigns.sqlite'),
      ENCRYPTION_KEYS: key,
      VENDOR_ENDPOINTS: JSON.stringify(sandboxes.endpoints),
      SEND_TIMEOUT_MS: '2000',
    });
    await service.says(/Listening on/);
  };
  const call = async (method: string, path: string, body?: object): Promise<{ status: number; body: any }> => {
    const response = await fetch(`http://127.0.0.1:${String(port)}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const connect = async (vendor: string): Promise<string> => {
    const settings = sandboxes.byVendor.get(vendor)?.settings;
    const body = { name: vendor, vendor, fromEmail: 'news@sender.example', settings };
    const created = await call('POST', '/connections', body);
    expect(created).toMatchObject({ status: 201, body: { webhook: { state: 'waiting' } } });
    return created.body.id;
  };
  const create = async (connectionIds: readonly string[], recipients: readonly string[]): Promise<string> => {
    const body = { name: 'Spring sale', subject: 'Hello', text: 'Hello', connectionIds, recipients };
    return (await call('POST', '/campaigns', body)).body.id;
  };
  const reportOf = async (id: string): Promise<any> => (await call('GET', `/campaigns/${id}/report`)).body;
  const until = async (id: string, isReached: (report: any) => boolean): Promise<any> => {
    for (const end = Date.now() + PATIENCE_MS; ; await delay(100)) {
      const report = await reportOf(id);
      if (isReached(report)) return report;
      if (Date.now() > end) throw new Error(JSON.stringify(report) + service.stderr);
    }
  };
  const mails = () => VENDORS.flatMap((vendor) => sandboxes.byVendor.get(vendor)?.mails ?? []);
  const addresses = (): string[] => mails().flatMap(({ recipients }) => recipients);

  it('sends each email once, paused, resumed and killed in the middle, and reports what happened to all', async () => {
    const connections = [await connect('sendgrid'), await connect('mailgun')];
    const names = ['ada', 'bounce', 'open'];
    const recipients = Array.from(
      { length: RECIPIENTS },
      (_, index) => `${names[index % 3] ?? ''}+${String(index)}@recipient.example`,
    );
    const id = await create(connections, recipients);
    expect(await call('POST', `/campaigns/${id}/launch`)).toMatchObject({ status: 200, body: { status: 'running' } });

    await until(id, ({ sent }) => sent > 0);
    expect(await call('POST', `/campaigns/${id}/pause`)).toMatchObject({ status: 200, body: { status: 'paused' } });
    const paused = await reportOf(id);
    expect(paused.pending).toBeGreaterThan(0);
    // On a busy machine, a vendor may answer too late.
    expect(paused.sent).toBeLessThanOrEqual(addresses().length);
    expect((await call('POST', `/campaigns/${id}/pause`)).status).toBe(409);
    await call('POST', `/campaigns/${id}/resume`);

    while (addresses().length < (paused.sent + RECIPIENTS) / 2) await delay(1);
    service.kill('SIGKILL');
    await service.exited;
    const atKill = addresses().length;
    expect(atKill).toBeLessThan(RECIPIENTS);
    await start();
    const { unknown, sent } = await until(id, ({ pending }) => pending === 0);
    expect(sent + unknown).toBe(RECIPIENTS);
    // Those that were in flight when it was killed, or too late: ten calls of each connection, or one with many messages.
    expect(unknown).toBeLessThan(RECIPIENTS / 2);
    expect(new Set(addresses()).size).toBe(addresses().length);
    expect(addresses().length).toBeGreaterThanOrEqual(sent);

    const bounced = addresses().filter((email) => email.startsWith('bounce')).length;
    const report = await until(id, ({ delivered, ...rest }) => delivered + rest.bounced === addresses().length);
    const opened = addresses().filter((email) => email.startsWith('open')).length;
    expect(report).toMatchObject({ total: RECIPIENTS, sent, unknown, failed: 0, bounced });
    expect((await until(id, (latest) => latest.opened === opened)).opened).toBe(opened);
    expect((await call('GET', `/campaigns/${id}`)).body.status).toBe('completed');
    expect((await call('POST', `/campaigns/${id}/launch`)).status).toBe(409);
    if (RECIPIENTS > 600) process.stdout.write(`${JSON.stringify({ atKill, ...report })}\n`);
  });

  it('launches only with connections that can send', async () => {
    const connection = await connect('sendgrid');
    const missing = '01a21203-5fdb-7796-a8b5-f6c4bb20d142';
    const refused = await call(
      'POST',
      `/campaigns/${await create([connection, missing], ['ada@recipient.example'])}/launch`,
    );
    expect(refused).toMatchObject({
      status: 422,
      body: { problems: [{ code: 'connection_not_found', connectionId: missing }] },
    });
    const id = await create([connection], ['ada@recipient.example', 'ADA@recipient.example']);
    const launchAt = new Date(Date.now() + 60_000).toISOString();
    const scheduled = await call('POST', `/campaigns/${id}/launch`, { launchAt });
    expect(scheduled).toMatchObject({ status: 200, body: { status: 'scheduled' } });
    expect(mails()).toEqual([]);
    await call('POST', `/campaigns/${id}/launch`);
    await until(id, ({ sent }) => sent === 1);
    expect(addresses()).toEqual(['ada@recipient.example']);
  });
});
