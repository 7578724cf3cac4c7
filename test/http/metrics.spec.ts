import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { ConsumersService, EventConsumers, UnitOfWork } from '@score-crm/connections';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readConfiguration } from '../../src/config/environment.ts';
import { MetricsServer } from '../../src/metrics/metrics-server.ts';
import { LABELS, ServiceMetrics } from '../../src/metrics/service-metrics.ts';
import { createDatabase } from '../support/databases.ts';
import { connectTo, HELLO, send } from '../support/sending.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TEST_KEY, TestService } from '../support/service.ts';
import { TestSmtpServer } from '../support/smtp-server.ts';
import { spyOnWrites } from '../../libs/connections/test/support/writes.ts';

const TOKEN = 'metrics-token-of-32-characters-00';
/** Labels of histograms, and of the metrics that prom-client has of every process. */
const STANDARD_LABELS = ['le', 'type', 'kind', 'space', 'version', 'major', 'minor', 'patch'];

/** The values of a scrape, by name and labels as they are written. */
class Scrape {
  readonly samples: ReadonlyMap<string, number>;

  constructor(readonly text: string) {
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    this.samples = new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    );
  }

  value(name: string): number | undefined {
    return this.samples.get(`score_${name}`);
  }

  /** Those of a name, by their labels. */
  of(name: string): Record<string, number> {
    const own = [...this.samples].filter(([key]) => key.startsWith(`score_${name}{`));
    return Object.fromEntries(own.map(([key, value]) => [key.slice(key.indexOf('{')), value]));
  }
}

describe('the configuration of metrics', () => {
  const required = { NODE_ENV: 'production', ENCRYPTION_KEYS: TEST_KEY, DATABASE_URL: 'mysql://a:b@db/score' };

  it.each([
    [{}, undefined],
    [{ METRICS_PORT: '9464' }, { port: 9464 }],
    [{ METRICS_TOKEN: TOKEN }, { token: TOKEN }],
    [
      { METRICS_PORT: '0', METRICS_TOKEN: TOKEN },
      { port: 0, token: TOKEN },
    ],
  ])('reads %j', (variables, expected) => {
    expect(readConfiguration({ ...required, ...variables }).metrics).toEqual(expected);
  });

  it.each([
    [{ METRICS_PORT: '3000' }, 'METRICS_PORT must be another port than PORT'],
    [{ METRICS_PORT: '80', PORT: '080' }, 'METRICS_PORT must be another port than PORT'],
    [{ METRICS_PORT: 'none' }, 'METRICS_PORT must be a port from 0 to 65535'],
    [{ METRICS_TOKEN: 'short' }, 'METRICS_TOKEN must have 16 or more printable ASCII characters'],
  ])('rejects %j', (variables, fault) => {
    expect(() => readConfiguration({ ...required, ...variables })).toThrow(fault);
  });
});

describe('metrics at a port of their own', () => {
  let service: TestService;
  let hook: SendgridWebhook;
  let mailServer: TestSmtpServer;
  let relay: string;
  let url: string;

  beforeAll(async () => {
    mailServer = await TestSmtpServer.start({ refuse: { recipients: { 'no@r.example': '550 5.1.1 No such user' } } });
    service = await TestService.start(await createDatabase('SQLite'), { metrics: { port: 0 } });
    url = `http://127.0.0.1:${String(service.app.get(MetricsServer, { strict: false }).port)}`;
    hook = await SendgridWebhook.create(service);
    service.watch(mailServer.password);
    relay = await connectTo(service, mailServer);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  afterAll(async () => {
    await service.stop();
    await mailServer.close();
    await service.database.drop();
  });

  async function scrape(): Promise<Scrape> {
    const response = await fetch(`${url}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    return new Scrape(await response.text());
  }

  async function scrapeUntil(isDone: (scrape: Scrape) => boolean): Promise<Scrape> {
    for (let latest = await scrape(); ; latest = await scrape()) {
      if (isDone(latest)) return latest;
      await delay(10);
    }
  }

  it('counts webhook requests by vendor and verdict, and events by vendor and kind', async () => {
    const delivered = vendorEvent('delivered');
    expect((await hook.post([delivered, vendorEvent('bounce'), vendorEvent('click')])).status).toBe(200);
    expect((await hook.post([delivered, vendorEvent('delivered')])).status).toBe(200);
    const forged = await hook.post([vendorEvent('delivered')], {
      headers: { 'x-twilio-email-event-webhook-signature': 'MEUCIQ==' },
    });
    expect(forged.status).toBe(401);
    expect((await hook.postAs('[]', {})).status).toBe(401);
    expect((await hook.postSigned('{')).status).toBe(400);
    expect((await hook.post([], { path: '/webhooks/v2/no-vendor/0' })).status).toBe(404);
    expect((await hook.post([], { path: '/webhooks/v2/sendgrid/0' })).status).toBe(404);

    const metrics = await scrape();
    const requests = metrics.of('webhook_requests_total');
    expect(requests).toEqual({
      '{vendor="sendgrid",verdict="accepted"}': 2,
      [Object.keys(requests).find((labels) => /verdict="(invalid|malformed)"/.test(labels)) ?? '']: 1,
      '{vendor="sendgrid",verdict="missing"}': 1,
      '{vendor="sendgrid",verdict="rejected"}': 1,
      '{vendor="unknown",verdict="not_found"}': 1,
      '{vendor="sendgrid",verdict="not_found"}': 1,
    });
    expect(metrics.of('events_stored_total')).toMatchObject({
      '{vendor="sendgrid",kind="delivered"}': 2,
      '{vendor="sendgrid",kind="bounced"}': 1,
      '{vendor="sendgrid",kind="clicked"}': 1,
    });
    expect(metrics.of('event_duplicates_total')).toEqual({ '{vendor="sendgrid"}': 1 });
    expect([metrics.value('webhook_events_sum'), metrics.value('webhook_events_count')]).toEqual([5, 2]);
    expect(metrics.value('commit_seconds_count')).toBeGreaterThanOrEqual(3);
    expect(metrics.value('commit_failures_total')).toBe(0);
    expect(metrics.of('http_requests_total')).toMatchObject({
      '{route="/webhooks/v2/:vendor/:connectionId",method="POST",status="200"}': 2,
      '{route="/webhooks/v2/:vendor/:connectionId",method="POST",status="401"}': 2,
      '{route="/webhooks/v2/:vendor/:connectionId",method="POST",status="404"}': 2,
    });
  });

  it('counts messages by vendor, result and fault', async () => {
    expect((await send(service, relay)).status).toBe(202);
    const to = [...HELLO.to, { email: 'no@r.example' }];
    expect((await send(service, relay, { ...HELLO, to })).status).toBe(202);
    expect((await send(service, relay, { ...HELLO, to: [{ email: 'no@r.example' }] })).status).toBe(422);
    const metrics = await scrape();
    expect(metrics.of('messages_total')).toEqual({
      '{vendor="smtp",result="accepted",fault="none"}': 1,
      '{vendor="smtp",result="partly_accepted",fault="none"}': 1,
      '{vendor="smtp",result="failed",fault="recipient"}': 1,
    });
    expect(metrics.of('message_seconds_count')).toEqual({ '{vendor="smtp"}': 3 });
    expect(metrics.of('events_stored_total')).toMatchObject({
      '{vendor="smtp",kind="sent"}': 2,
      '{vendor="smtp",kind="rejected"}': 1,
    });
  });

  it('counts an event once, and the failures of commits, while the database fails', async () => {
    const before = await scrape();
    const unitOfWork = service.app.get(UnitOfWork);
    const write = unitOfWork['store'].bind(unitOfWork);
    // Consumers write at the same time.
    spyOnWrites(unitOfWork).mockImplementation(async (work, options) => {
      if (options.lane === 'ingest') throw new Error('The disk is full.');
      return write(work, options);
    });
    expect((await hook.post([vendorEvent('dropped')])).status).toBe(500);
    jest.restoreAllMocks();
    expect((await hook.post([vendorEvent('dropped')])).status).toBe(200);
    const metrics = await scrape();
    expect(metrics.of('webhook_requests_total')).toMatchObject({ '{vendor="sendgrid",verdict="failed"}': 1 });
    expect(metrics.value('commit_failures_total')).toBe((before.value('commit_failures_total') ?? 0) + 1);
    expect(metrics.of('events_stored_total')).toMatchObject({ '{vendor="sendgrid",kind="rejected"}': 1 });
  });

  it('reports the lag and dead letters of consumers, and those of outgoing webhooks together', async () => {
    // What is stored before they are known is not for them.
    await scrapeUntil((metrics) => metrics.value('feed_pending') === 0);
    const consumers = service.app.get(EventConsumers, { strict: false });
    const busy = async (_events: unknown, signal: AbortSignal): Promise<void> => void (await once(signal, 'abort'));
    const failing = async (): Promise<void> => {
      throw new Error('Not this one.');
    };
    const common = { batchSize: 10, start: 'end', retry: { attempts: 1, firstDelayMs: 1 } } as const;
    consumers.add({ ...common, name: 'subscriber:busy', type: 'subscriber', handle: busy });
    consumers.add({ ...common, name: 'subscriber:failing', type: 'subscriber', handle: failing });
    consumers.add({ ...common, name: 'webhook:1', type: 'webhook', handle: busy });
    consumers.add({ ...common, name: 'webhook:2', type: 'webhook', handle: busy });
    const known = ({ text }: Scrape): number =>
      [
        ...text.matchAll(/score_feed_consumers.*"(subscriber:busy|subscriber:failing|\*)",state="running"} ([12])/g),
      ].reduce((sum, [, , count]) => sum + Number(count), 0);
    await scrapeUntil((metrics) => known(metrics) === 4);
    for (let count = 1; count <= 3; count++) await hook.post([vendorEvent('open')]);
    const failed = '{type="subscriber",consumer="subscriber:failing"}';
    const metrics = await scrapeUntil(
      (latest) =>
        latest.of('feed_dead_letters')[failed] === 3 &&
        latest.of('feed_lag_entries')['{type="webhook",consumer="*"}'] === 3,
    );
    expect(metrics.of('feed_lag_entries')).toMatchObject({
      '{type="subscriber",consumer="subscriber:busy"}': 3,
      '{type="webhook",consumer="*"}': 3,
    });
    expect(metrics.of('feed_dead_letters')).toMatchObject({
      '{type="subscriber",consumer="subscriber:busy"}': 0,
      '{type="webhook",consumer="*"}': 0,
    });
    expect(metrics.text).not.toContain('webhook:1');
    expect([metrics.value('feed_read'), metrics.value('feed_pending')]).toEqual([1, 0]);
  });

  it('reports the queue, the connections to the database, the streams and the process', async () => {
    const stream = await fetch(`${service.url}/api/v1/events/stream`, {
      headers: { authorization: `Bearer ${service.key}` },
    });
    const metrics = await scrapeUntil((latest) => latest.value('event_streams') === 1);
    expect(metrics.of('ingest_queue')).toEqual({ '{type="requests"}': 0, '{type="events"}': 0, '{type="bytes"}': 0 });
    expect(metrics.of('database_connections')).toEqual({ '{lane="shared"}': 1 });
    expect(Object.keys(metrics.of('database_waits_total'))).toEqual(['{lane="shared"}']);
    expect(metrics.of('build_info')).toEqual({ [`{version="0.1.0",node="${process.versions.node}"}`]: 1 });
    expect(metrics.samples.get('process_resident_memory_bytes')).toBeGreaterThan(0);
    await stream.body?.cancel();
    await scrapeUntil((latest) => latest.value('event_streams') === 0);
  });

  it('has a closed set of labels, and no ids or addresses', async () => {
    const known = new Set<string>([...LABELS, ...STANDARD_LABELS]);
    const { text } = await scrape();
    const used = [...text.matchAll(/[{,]([a-z_]+)="/g)].map(([, name]) => String(name));
    expect(used.length).toBeGreaterThan(100);
    expect(used.filter((name) => !known.has(name))).toEqual([]);
    expect(text).not.toMatch(/@|[0-9a-f]{8}-[0-9a-f]{4}-|default"|\b127\.0\.0\.1/);
    const { registry } = service.app.get(ServiceMetrics, { strict: false });
    const own = registry.getMetricsAsArray().filter(({ name }) => name.startsWith('score_'));
    expect(own.length).toBeGreaterThan(15);
  });

  it('reports that the feed cannot be read while the database does not answer', async () => {
    const consumers = service.app.get(ConsumersService, { strict: false });
    jest.spyOn(consumers, 'overview').mockRejectedValueOnce(new Error('The database is down.'));
    const metrics = await scrape();
    expect([metrics.value('feed_read'), metrics.value('feed_pending')]).toEqual([0, undefined]);
    expect(metrics.of('feed_lag_entries')).toEqual({});
    expect((await scrape()).value('feed_read')).toBe(1);
  });

  it('serves nothing else there, and nothing of it at the port of the API', async () => {
    expect((await fetch(`${url}/api/v1/connections`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${service.url}/metrics`)).status).toBe(404);
  });
});

describe('metrics at the port of the API', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase('MariaDB'), { metrics: { token: TOKEN } });
    service.watch(TOKEN);
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  it.each([undefined, 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`])(
    'rejects Authorization: %s with 401',
    async (authorization) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const response = await fetch(`${service.url}/metrics`, { headers });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect(await response.json()).toMatchObject({ code: 'unauthorized' });
    },
  );

  it('rejects an API key, and accepts the token', async () => {
    const withKey = await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${service.key}` } });
    expect(withKey.status).toBe(401);
    const response = await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(response.status).toBe(200);
    const metrics = new Scrape(await response.text());
    expect(metrics.of('database_connections')).toEqual({
      '{lane="api"}': 9,
      '{lane="query"}': 4,
      '{lane="ingest"}': 6,
      '{lane="control"}': 1,
    });
    expect(metrics.of('database_connections_used')).toMatchObject({ '{lane="query"}': 0 });
    expect(metrics.of('http_requests_total')).toMatchObject({
      '{route="/metrics",method="GET",status="401"}': 5,
    });
  });
});
