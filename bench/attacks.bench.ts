import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { vendorBody, WebhookSigner } from '../libs/adapter-sendgrid/sandbox/index.ts';
import { TestProcess } from '../test/support/process.ts';
import { vendorEvent } from '../test/support/sendgrid-webhook.ts';

const SECONDS = 20;
const PAUSE_MS = 20;
const OWNERS = ['attacked', 'other'] as const;
const SHORTEST_SERIES = 10;

interface Owner {
  readonly key: string;
  readonly webhook: string;
  readonly messages: string;
  readonly signer: WebhookSigner;
}

interface Series {
  readonly times: number[];
  failed: number;
}

/** What an organization sees while the service is attacked through another one, and how much memory the service takes. */
describe('beside an attack', () => {
  const folder = mkdtempSync(join(tmpdir(), 'score-attacks-'));
  const owners = new Map<string, Owner>();
  let service: TestProcess;
  let url: string;

  beforeAll(async () => {
    const environment = { DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'fatal', RATE_LIMIT_REQUESTS: '0' };
    service = new TestProcess('dist/main.js', [], environment);
    url = String((await service.says(/(http:\/\/127\.0\.0\.1:\d+)\/api\/docs/))[1]);
    for (const organization of OWNERS) {
      const args = ['api-keys', 'create', '--organization', organization, '--name', 'Bench'];
      const cli = new TestProcess('dist/cli/main.js', args, environment);
      const [key] = await cli.says(/sk_[A-Za-z0-9_-]{43}/);
      await cli.exited;
      owners.set(organization, await connect(key));
    }
  }, 120_000);

  afterAll(async () => {
    service.kill('SIGKILL');
    await service.exited;
    rmSync(folder, { recursive: true, force: true });
  });

  it('of hanging bodies and of hostile JSON', async () => {
    const rows: string[][] = [['', 'signed event p50 / p99', 'GET /connections p50 / p99', 'failed', 'peak memory']];
    rows.push(await row('no attack', undefined));
    rows.push(await row('200 bodies that never end', 'bodies'));
    rows.push(await row('4 × 29 MiB {"to":[{},{},…]}', 'json'));
    rows.push(await row('4 × 29 MiB {"subject":"\\u0000\\u0000…"}', 'escapes'));
    const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
    const lines = rows.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   '));
    process.stdout.write(`\nDuring ${String(SECONDS)} s each:\n${lines.join('\n')}\n`);
  }, 600_000);

  async function row(name: string, kind: 'bodies' | 'json' | 'escapes' | undefined): Promise<string[]> {
    const attacked = owners.get('attacked');
    const paths = [kind === 'bodies' ? attacked?.webhook : attacked?.messages];
    const data = { url, kind, paths, key: attacked?.key };
    const worker = kind && new Worker(new URL('attack-worker.js', import.meta.url), { workerData: data });
    await delay(2_000);
    forgetPeak();
    const end = Date.now() + SECONDS * 1_000;
    const [events, lists] = await Promise.all([
      series(end, async () => (await postEvent()).status === 200),
      series(end, async () => (await call('GET', '/api/v1/connections')).status === 200),
    ]);
    const peak = peakMemory();
    await worker?.terminate();
    const failed = `${String(events.failed + lists.failed)} of ${String(events.times.length + lists.times.length)}`;
    return [name, quantiles(events), quantiles(lists), failed, peak];
  }

  async function series(end: number, work: () => Promise<boolean>): Promise<Series> {
    const series: Series = { times: [], failed: 0 };
    while (Date.now() < end || series.times.length < SHORTEST_SERIES) {
      const start = performance.now();
      if (!(await work().catch(() => false))) series.failed += 1;
      series.times.push(performance.now() - start);
      await delay(PAUSE_MS);
    }
    return series;
  }

  async function postEvent(): Promise<Response> {
    const { signer, webhook } = owners.get('other') as Owner;
    const body = vendorBody([vendorEvent('delivered')]);
    return fetch(url + webhook, { method: 'POST', headers: signer.headersFor(body), body: body.toString() });
  }

  async function call(method: string, path: string, key = owners.get('other')?.key, body?: object): Promise<Response> {
    const headers = { authorization: `Bearer ${String(key)}`, 'content-type': 'application/json' };
    const response = await fetch(url + path, {
      method,
      headers: body === undefined ? { authorization: headers.authorization } : headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (method === 'GET') await response.arrayBuffer();
    return response;
  }

  async function connect(key: string): Promise<Owner> {
    const signer = new WebhookSigner();
    const apiKey = `SG.${randomBytes(24).toString('base64url')}`;
    const settings = { apiKey, webhookSigningKey: signer.publicKey };
    const created = await call('POST', '/api/v1/connections', key, { name: 'Bench', vendor: 'sendgrid', settings });
    const { id } = (await created.json()) as { id: string };
    return {
      key,
      signer,
      webhook: `/webhooks/v2/sendgrid/${id}`,
      messages: `/api/v1/connections/${id}/messages`,
    };
  }

  /** Linux: from here on, `VmHWM` is the peak since now. */
  function forgetPeak(): void {
    writeFileSync(`/proc/${String(service.pid)}/clear_refs`, '5');
  }

  function peakMemory(): string {
    const status = readFileSync(`/proc/${String(service.pid)}/status`, 'utf8');
    return `${String(Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024))} MiB`;
  }
});

function quantiles({ times }: Series): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(0);
  return `${at(0.5)} / ${at(0.99)} ms`;
}
