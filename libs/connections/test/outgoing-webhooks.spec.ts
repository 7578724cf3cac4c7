import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { EVENT_KINDS, HttpClient, type HttpRequest } from '@score-crm/adapter-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { ANY_DATABASE, createDatabase, DATABASES } from '../../../test/support/databases.ts';
import { EventFeed } from '../src/feed/event-feed.ts';
import { FEED_START } from '../src/feed/feed-position.ts';
import {
  ConnectionsService,
  type CreateWebhookEndpointInput,
  ErasureService,
  FEED_KINDS,
  type NewWebhookEndpoint,
  RetentionService,
  WebhookEndpointsService,
  WebhookHealthService,
  WebhookIngest,
  type WebhookMessage,
  WebhookMessagesService,
} from '../src/index.ts';
import { Clock } from '../src/options/clock.ts';
import { MessageStore } from '../src/outgoing/message-store.ts';
import { RETRY_DELAYS_MS } from '../src/outgoing/retry-schedule.ts';
import { WebhookDispatcher } from '../src/outgoing/webhook-dispatcher.ts';
import { WebhookEndpointsRepository } from '../src/outgoing/webhook-endpoints.repository.ts';
import { COURIERS } from './support/courier-vendor.ts';
import { failureOf, faultsOf } from './support/outcome.ts';
import { CALLER, type Row, TestModule, type TestOptions } from './support/test-module.ts';
import { type ReceivedWebhook, verified, WebhookReceiver } from './support/webhook-receiver.ts';

const OTHER: typeof CALLER = { organization: 'other', actor: 'user:2' };
const OPTIONS: TestOptions = { providers: COURIERS, outbound: { allowLoopback: true } };
const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    if (await condition()) return;
    await delay(15);
  }
  throw new Error('It did not happen.');
}

const respond =
  (status: number, headers: Record<string, string> = {}, body = '') =>
  (response: ServerResponse): void =>
    void response.writeHead(status, headers).end(body);

describe.each(DATABASES)('outgoing webhooks on %s', (kind) => {
  let module: TestModule;
  let receiver: WebhookReceiver;
  let connection: string;
  let others: string;
  let endpoints: WebhookEndpointsService;
  let messages: WebhookMessagesService;
  let paths = 0;
  let events = 0;
  let aheadMs = 0;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    module = await TestModule.start(kind, OPTIONS);
    endpoints = module.app.get(WebhookEndpointsService);
    messages = module.app.get(WebhookMessagesService);
    const input = { name: 'Post', vendor: 'courier', settings: { password: 'open' } };
    ({ id: connection } = await module.app.get(ConnectionsService).create(CALLER, input));
    ({ id: others } = await module.app.get(ConnectionsService).create(OTHER, input));
    setAhead(module);
  });

  afterEach(async () => {
    for (const { id } of await endpoints.list(CALLER)) await endpoints.delete(CALLER, id);
    jest.restoreAllMocks();
    setAhead(module);
    aheadMs = 0;
    module.logger.lines.length = 0;
  });

  afterAll(async () => {
    await module.end();
    await receiver.stop();
  });

  /** The clock of an instance is ahead by `aheadMs`. */
  function setAhead({ app }: TestModule): void {
    jest.spyOn(app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() + aheadMs));
  }

  async function create(
    input: Partial<CreateWebhookEndpointInput> = {},
  ): Promise<NewWebhookEndpoint & { readonly path: string }> {
    const path = `/hook-${String(paths++)}`;
    return { ...(await endpoints.create(CALLER, { url: receiver.url(path), ...input })), path };
  }

  /** Has the vendor report events of these kinds. */
  async function post(kinds: readonly string[], more: object = {}, to = connection): Promise<void> {
    const ingest = module.app.get(WebhookIngest);
    const body = kinds.map((kind) => {
      return { kind, messageId: `m-${String(events++)}`, recipient: 'ada@recipient.example', ...more };
    });
    const request = { headers: {}, query: {}, body: Buffer.from(JSON.stringify(body)) };
    await ingest.receive(await ingest.find('courier', to), request);
  }

  const list = async (id: string): Promise<readonly WebhookMessage[]> => (await messages.list(CALLER, id)).data;
  const first = async (id: string): Promise<WebhookMessage> => {
    const [message] = await list(id);
    if (message === undefined) throw new Error('There is no message.');
    return message;
  };
  /** Until the newest message has so many attempts. */
  const attempted = async (id: string, count = 1): Promise<WebhookMessage> => {
    await until(async () => {
      const [message] = await list(id);
      return message !== undefined && message.attempts.length >= count && message.state !== 'sending';
    });
    return first(id);
  };
  const feed = async () => {
    const { events } = await module.app
      .get(EventFeed)
      .events({ after: FEED_START, limit: 1_000, organization: CALLER.organization });
    return events;
  };
  const received = async (path: string, count = 1): Promise<ReceivedWebhook[]> => {
    await until(() => receiver.at(path).length >= count);
    return receiver.at(path);
  };
  const passTime = (ms: number): void => {
    aheadMs += ms;
    module.app.get(WebhookDispatcher).start();
  };
  const audited = async (id: string): Promise<Row[]> =>
    (await module.rows('audit_entries')).filter((row) => row['subject'] === id);

  /** Stops this instance, and starts another one on its database. */
  async function restart(): Promise<void> {
    await module.stop();
    module = await TestModule.on(module.database, OPTIONS);
    endpoints = module.app.get(WebhookEndpointsService);
    messages = module.app.get(WebhookMessagesService);
    setAhead(module);
  }

  describe('messages', () => {
    it('have the events of the chosen kinds of the organization, verifiable by the reference implementation', async () => {
      const { path, secret, id } = await create({ kinds: ['bounced', 'delivered'] });
      const other = { url: receiver.url('/other') };
      const foreign = await endpoints.create(OTHER, other);
      await post(['delivered', 'opened', 'bounced']);
      const [webhook] = (await received(path)) as [ReceivedWebhook];
      const content = verified(secret, webhook);
      expect(webhook.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'score-connections' });
      expect(content).toEqual({
        type: 'email.events',
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        data: { events: [expect.anything(), expect.anything()] },
      });
      expect(content.data.events).toMatchObject([
        { kind: 'delivered', recipient: 'ada@recipient.example', connectionId: connection, vendor: 'courier' },
        { kind: 'bounced', id: expect.any(String), position: expect.stringMatching(/^\d+-3$/) },
      ]);
      expect(content.data.events[0]).not.toHaveProperty('organization');
      expect(() => verified(foreign.secret, webhook)).toThrow('No matching signature');
      expect(await attempted(id)).toMatchObject({
        id: webhook.headers['webhook-id'],
        type: 'email.events',
        state: 'delivered',
        events: 2,
        nextAttemptAt: null,
        attempts: [{ status: 204, error: null, response: null }],
      });
      expect((await endpoints.get(CALLER, id)).lastSuccessAt).not.toBeNull();
      await post(['opened'], {}, others);
      const [own] = (await received('/other')) as [ReceivedWebhook];
      expect(verified(foreign.secret, own).data.events).toMatchObject([{ kind: 'opened', connectionId: others }]);
      expect(receiver.at(path)).toHaveLength(1);
      await endpoints.delete(OTHER, foreign.id);
    });

    it('have changes of the health of webhooks only if the endpoint names their kind', async () => {
      const [all, health] = [await create(), await create({ kinds: ['webhook_health_changed', 'bounced'] })];
      expect(health.kinds).toEqual(['bounced', 'webhook_health_changed']);
      expect((await create({ kinds: [...EVENT_KINDS] })).kinds).toBeNull();
      expect((await create({ kinds: [...FEED_KINDS] })).kinds).toEqual(FEED_KINDS);
      const input = { name: 'Silent', vendor: 'courier', settings: { password: 'open' } };
      const { id } = await module.app.get(ConnectionsService).create(CALLER, input);
      const { state, since } = await module.app.get(WebhookHealthService).get(CALLER, id);
      const [webhook] = (await received(health.path)) as [ReceivedWebhook];
      const [event, ...others] = verified(health.secret, webhook).data.events;
      const change = { state, reason: null, since: since.toISOString() };
      expect(event).toMatchObject({ kind: 'webhook_health_changed', connectionId: id, health: change, previous: null });
      expect(Object.keys(event)).not.toContain('organization');
      expect(others).toEqual([]);
      await post(['delivered']);
      const [first] = (await received(all.path)) as [ReceivedWebhook];
      expect(verified(all.secret, first).data.events).toMatchObject([{ kind: 'delivered' }]);
    });

    it('have up to 100 events, in the order of the feed', async () => {
      const { path } = await create();
      await post(Array.from({ length: 250 }, () => 'opened'));
      const numbers = (): number[] => receiver.at(path).map(({ body }) => JSON.parse(body).data.events.length);
      await until(() => numbers().reduce((sum, count) => sum + count, 0) >= 250);
      expect(numbers().toSorted((a, b) => b - a)).toEqual([100, 100, 50]);
      const seqAndIndex = receiver
        .at(path)
        .flatMap(({ body }) => JSON.parse(body).data.events.map(({ position }: any) => Number(position.split('-')[1])));
      expect(seqAndIndex.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    });

    it('that the feed repeats are stored once, and keep their ids', async () => {
      const { id, path } = await create();
      receiver.answers.set(path, respond(500));
      await post(['opened', 'opened', 'opened']);
      const { id: messageId } = await attempted(id);
      const store = module.app.get(MessageStore);
      const all = await feed();
      const last = all.slice(-3);
      const subscription = { endpointId: id, kinds: null };
      // As after a crash between storing and moving the position, alone and with events that have arrived since.
      expect(await store.add(subscription, last)).toBe(true);
      await post(['clicked']);
      await until(async () => (await list(id)).length === 2);
      expect(await store.add(subscription, (await feed()).slice(-4))).toBe(true);
      expect((await list(id)).map((message) => message.events)).toEqual([1, 3]);
      // From an earlier position, what lies before is added.
      expect(await store.add(subscription, (await feed()).slice(-5))).toBe(true);
      expect((await list(id)).map((message) => message.events)).toEqual([1, 1, 3]);
      expect((await list(id)).at(-1)?.id).toBe(messageId);
    });

    it('gain events until their first attempt, and none when they are replayed', async () => {
      const { id, path } = await create();
      await endpoints.update(CALLER, id, { state: 'disabled' });
      await post(['opened']);
      await endpoints.update(CALLER, id, { state: 'enabled' });
      const [webhook] = (await received(path)) as [ReceivedWebhook];
      await attempted(id);
      // Held back, as if every attempt were waiting for its turn.
      jest.spyOn(module.app.get(WebhookEndpointsRepository), 'lease').mockResolvedValue(null);
      await messages.replay(CALLER, id, String(webhook.headers['webhook-id']));
      await post(['clicked']);
      await until(async () => (await list(id)).length === 2);
      await post(['clicked']);
      await until(async () => (await list(id))[0]?.events === 2);
      expect((await list(id)).map((message) => message.events)).toEqual([2, 1]);
    });
  });

  describe('attempts', () => {
    it('are repeated for 3 days with the same id and body; then the endpoint is disabled, with a notice', async () => {
      const { id, path } = await create();
      receiver.answers.set(path, respond(500, {}, 'Out of order.'));
      await post(['opened']);
      for (const [index, delayMs] of RETRY_DELAYS_MS.entries()) {
        const { nextAttemptAt, state, attempts } = await attempted(id, index + 1);
        expect([state, attempts[0]?.status, attempts[0]?.response]).toEqual(['pending', 500, 'Out of order.']);
        const waitMs = (nextAttemptAt?.getTime() ?? 0) - Date.now() - aheadMs;
        expect(waitMs).toBeGreaterThan(delayMs - 2_000);
        expect(waitMs).toBeLessThanOrEqual(delayMs * 1.1);
        passTime(waitMs - 1_000);
        await delay(5);
        expect(receiver.at(path)).toHaveLength(index + 1);
        passTime(1_000);
      }
      const message = await attempted(id, RETRY_DELAYS_MS.length + 1);
      expect(message).toMatchObject({ state: 'failed', nextAttemptAt: null, endedAt: expect.any(Date) });
      expect(new Set(receiver.at(path).map(({ headers }) => headers['webhook-id']))).toEqual(new Set([message.id]));
      expect(new Set(receiver.at(path).map(({ body }) => body)).size).toBe(1);
      expect(aheadMs).toBeGreaterThan(3 * DAY_MS);
      expect(await endpoints.get(CALLER, id)).toMatchObject({
        state: 'disabled',
        stateReason: 'failing',
        failingSince: expect.any(Date),
        version: 2,
      });
      const entry = (await audited(id)).find((row) => row['action'] === 'webhook_endpoint.disable');
      expect(entry).toMatchObject({ actor: 'outgoing-webhooks', organization: CALLER.organization });
      await until(() => module.logger.lines.some((line) => line.includes(`Webhook endpoint ${id} of organization`)));
    });

    it('end with 410, which disables the endpoint; enabled again, it continues with what it has missed', async () => {
      const { id, path } = await create();
      receiver.answers.set(path, respond(410));
      await post(['opened']);
      await until(async () => (await endpoints.get(CALLER, id)).state === 'disabled');
      expect((await endpoints.get(CALLER, id)).stateReason).toBe('gone');
      await post(['clicked']);
      expect(await failureOf(messages.replay(CALLER, id, (await first(id)).id))).toMatchObject({
        code: 'webhook_endpoint_disabled',
      });
      receiver.answers.delete(path);
      passTime(HOUR_MS);
      await delay(50);
      expect(receiver.at(path)).toHaveLength(1);
      const enabled = await endpoints.update(CALLER, id, { state: 'enabled' });
      expect(enabled).toMatchObject({ state: 'enabled', stateReason: null, failingSince: null });
      const kinds = async (): Promise<string[]> =>
        (await received(path, 3)).slice(1).flatMap(({ body }) => JSON.parse(body).data.events.map((e: any) => e.kind));
      expect((await kinds()).toSorted()).toEqual(['clicked', 'opened']);
    });

    it('are made by one instance at a time; another continues when the lease of the first has ended', async () => {
      const { id, path } = await create();
      receiver.answers.set(path, () => undefined);
      await post(['opened']);
      await received(path);
      const second = await TestModule.on(module.database, OPTIONS);
      try {
        let secondAheadMs = 0;
        jest.spyOn(second.app.get(Clock), 'now').mockImplementation(() => new Date(Date.now() + secondAheadMs));
        second.app.get(WebhookDispatcher).start();
        await delay(100);
        expect(receiver.at(path)).toHaveLength(1);
        receiver.answers.set(path, respond(200, {}, 'from the second'));
        secondAheadMs = 61_000;
        second.app.get(WebhookDispatcher).start();
        const webhooks = await received(path, 2);
        expect(new Set(webhooks.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
        expect(await attempted(id)).toMatchObject({ state: 'delivered', attempts: [{ response: 'from the second' }] });
      } finally {
        await second.stop();
      }
      // The first instance stores nothing of its attempt.
      await module.app.get(WebhookDispatcher).onModuleDestroy();
      expect((await first(id)).attempts).toHaveLength(1);
      await restart();
    });

    it('read the events again: an address that was erased since is in none', async () => {
      const { id, path } = await create();
      receiver.answers.set(path, (response, { body }) => respond(500, {}, `Cannot process ${body}`)(response));
      await post(['opened'], { recipient: 'eve@erased.example', messageId: 'm-eve' });
      expect((await attempted(id)).attempts[0]?.response).toContain('eve@erased.example');
      await module.app.get(ErasureService).erase(CALLER, 'eve@erased.example');
      expect((await first(id)).attempts[0]?.response).toContain('"messageId":"m-eve"');
      expect((await first(id)).attempts[0]?.response).not.toContain('eve@');
      passTime(6_000);
      await received(path, 2);
      const bodies = receiver.at(path).map(({ body }) => body);
      expect(bodies[1]).toBe(bodies[0]?.replace('"eve@erased.example"', 'null'));
    });
  });

  describe('endpoints', () => {
    it('replay a message, and those of a time that failed or all of them', async () => {
      const { id, path } = await create();
      await post(['opened']);
      const { id: delivered } = await attempted(id);
      const { id: replayed, state } = await messages.replay(CALLER, id, delivered);
      expect([replayed, state]).toEqual([delivered, 'pending']);
      const webhooks = await received(path, 2);
      expect(webhooks.map(({ headers }) => headers['webhook-id'])).toEqual([delivered, delivered]);
      await attempted(id, 2);
      receiver.answers.set(path, respond(500));
      const { id: failed } = await messages.test(CALLER, id);
      receiver.answers.delete(path);
      const from = new Date(Date.now() - HOUR_MS);
      expect(await messages.replayAll(CALLER, id, { from, to: from })).toEqual({ messages: 0 });
      expect(await messages.replayAll(CALLER, id, { from })).toEqual({ messages: 1 });
      await until(async () => (await messages.get(CALLER, id, failed)).state === 'delivered');
      expect(await messages.replayAll(CALLER, id, { from, includeDelivered: true })).toEqual({ messages: 2 });
      await received(path, 6);
      expect(await faultsOf(messages.replayAll(CALLER, id, { from, to: new Date(0) }))).toEqual(['/to invalid']);
    });

    it('are changed with their version, and belong to one organization', async () => {
      const { id, path, url } = await create({ description: 'Warehouse', kinds: ['opened', 'bounced', 'opened'] });
      const before = await endpoints.get(CALLER, id);
      expect(before).toMatchObject({ kinds: ['bounced', 'opened'], description: 'Warehouse', version: 1 });
      expect(before).not.toHaveProperty('secret');
      const changed = await endpoints.update(CALLER, id, { kinds: ['clicked'], description: null }, 1);
      expect(changed).toMatchObject({ url, kinds: ['clicked'], description: null, version: 2 });
      expect(await failureOf(endpoints.update(CALLER, id, { kinds: null }, 1))).toMatchObject({
        code: 'version_mismatch',
        currentVersion: 2,
      });
      expect(await endpoints.update(CALLER, id, { kinds: ['clicked'] })).toMatchObject({ version: 2 });
      await post(['opened', 'clicked']);
      const [webhook] = (await received(path)) as [ReceivedWebhook];
      expect(JSON.parse(webhook.body).data.events.map((event: any) => event.kind)).toEqual(['clicked']);
      const { id: messageId } = await attempted(id);
      for (const call of [
        endpoints.get(OTHER, id),
        endpoints.update(OTHER, id, { kinds: null }),
        endpoints.rotateSecret(OTHER, id),
        endpoints.delete(OTHER, id),
        messages.test(OTHER, id),
        messages.list(OTHER, id),
        messages.get(OTHER, id, messageId),
        messages.replay(OTHER, id, messageId),
        messages.replayAll(OTHER, id, { from: new Date(0) }),
        endpoints.get(CALLER, 'no-id'),
        messages.get(CALLER, id, 'no-id'),
      ]) {
        expect(await failureOf(call)).toMatchObject({ code: 'not_found' });
      }
      expect(await endpoints.list(OTHER)).toEqual([]);
    });

    it('that are deleted receive nothing, and leave no secret and no consumer', async () => {
      const { id, path } = await create();
      receiver.answers.set(path, respond(500));
      await post(['opened']);
      await attempted(id);
      await endpoints.delete(CALLER, id);
      passTime(HOUR_MS);
      await post(['clicked']);
      await delay(100);
      expect(receiver.at(path)).toHaveLength(1);
      for (const table of ['webhook_endpoints', 'event_consumers']) {
        const rows = await module.dataSource.query<Row[]>(`SELECT * FROM ${table}`);
        expect(JSON.stringify(rows)).not.toContain(id);
      }
      // What was sent is kept for a while.
      const count = async (table: string): Promise<number> =>
        Number((await module.dataSource.query<any[]>(`SELECT COUNT(*) AS n FROM ${table}`))[0].n);
      const stored = await count('webhook_messages');
      const prune = (days: number) =>
        module.app.get(RetentionService).prune({ now: new Date(Date.now() + days * DAY_MS) });
      expect((await prune(29)).webhookMessages).toBe(0);
      expect((await prune(31)).webhookMessages).toBe(stored);
      expect([await count('webhook_messages'), await count('webhook_attempts')]).toEqual([0, 0]);
    });
  });

  // What the kind of the database cannot change.
  if (!ANY_DATABASE.includes(kind)) return;

  describe('in all', () => {
    it('are smaller if their events are large', async () => {
      const { id } = await create();
      const tags = Array.from({ length: 10 }, () => 'x'.repeat(3_000));
      await post(
        Array.from({ length: 20 }, () => 'opened'),
        { tags },
      );
      await until(async () => (await list(id)).reduce((sum, message) => sum + message.events, 0) === 20);
      expect((await list(id)).map((message) => message.events)).toEqual([4, 8, 8]);
    });

    it('do not have events from before the endpoint was created', async () => {
      const before = (await feed()).length;
      await post(['opened']);
      await until(async () => (await feed()).length > before);
      const { path } = await create();
      await post(['bounced']);
      const [webhook] = (await received(path)) as [ReceivedWebhook];
      expect(JSON.parse(webhook.body).data.events.map((event: any) => event.kind)).toEqual(['bounced']);
    });

    it('that fail do not disable an endpoint that has accepted another message since', async () => {
      const { id, path } = await create();
      let poisoned = '';
      receiver.answers.set(path, (response, { headers }) => {
        poisoned ||= String(headers['webhook-id']);
        respond(headers['webhook-id'] === poisoned ? 500 : 200)(response);
      });
      await post(['opened']);
      await received(path);
      for (let attempt = 1; attempt <= RETRY_DELAYS_MS.length; attempt++) {
        await until(async () => (await messages.get(CALLER, id, poisoned)).attempts.length === attempt);
        if (attempt === 8) {
          await post(['clicked']);
          await until(async () => (await first(id)).state === 'delivered');
        }
        passTime(27 * HOUR_MS);
      }
      await until(async () => (await messages.get(CALLER, id, poisoned)).state === 'failed');
      const endpoint = await endpoints.get(CALLER, id);
      expect([endpoint.state, endpoint.failingSince]).toEqual(['enabled', expect.any(Date)]);
    });

    it.each([
      [429, '3600', HOUR_MS],
      [503, 'a date', 2 * HOUR_MS],
      [500, '3600', 5_000],
      [429, '9999999', DAY_MS],
    ])('wait as the endpoint asks: %s with Retry-After %s', async (status, text, waitMs) => {
      const { id, path } = await create();
      const header = text === 'a date' ? new Date(Date.now() + waitMs).toUTCString() : text;
      receiver.answers.set(path, respond(status, { 'retry-after': header }));
      await post(['opened']);
      const { nextAttemptAt } = await attempted(id);
      const actualMs = (nextAttemptAt?.getTime() ?? 0) - Date.now();
      expect(actualMs).toBeGreaterThan(waitMs * 0.9 - 2_000);
      expect(actualMs).toBeLessThan(waitMs * 1.1 + 2_000);
    });

    it('do not follow redirects', async () => {
      const { id, path } = await create();
      receiver.answers.set(path, respond(302, { location: receiver.url('/elsewhere') }));
      await post(['opened']);
      expect(await attempted(id)).toMatchObject({ state: 'pending', attempts: [{ status: 302 }] });
      expect(receiver.at('/elsewhere')).toEqual([]);
    });

    it('end when a response never does, and delay no other endpoint', async () => {
      const [silent, dripping, endless, healthy] = [await create(), await create(), await create(), await create()];
      const http = module.app.get(HttpClient);
      const request = http.request.bind(http);
      const limit = new AbortController();
      const timeouts: unknown[] = [];
      jest.spyOn(http, 'request').mockImplementation((options: HttpRequest) => {
        timeouts.push(options.timeoutMs);
        return request({ ...options, signal: limit.signal });
      });
      receiver.answers.set(silent.path, () => undefined);
      receiver.answers.set(dripping.path, (response) => {
        const timer = setInterval(() => response.write('.'), 20);
        response.on('close', () => clearInterval(timer));
      });
      let sent = 0;
      receiver.answers.set(endless.path, (response) => {
        const write = (): void => {
          while (!response.destroyed && response.write('x'.repeat(16_384))) sent += 16_384;
        };
        response.on('drain', write);
        write();
      });
      await post(['opened']);
      await received(healthy.path);
      await post(['clicked']);
      await received(healthy.path, 2);
      expect((await attempted(endless.id)).attempts[0]).toMatchObject({ error: 'response_too_large' });
      expect((await list(silent.id)).map(({ state }) => state)).toContain('sending');
      // As the deadline does it.
      limit.abort(new DOMException('The operation timed out.', 'TimeoutError'));
      expect((await attempted(silent.id)).attempts[0]).toMatchObject({ status: null, error: 'timeout' });
      expect((await attempted(dripping.id)).attempts[0]).toMatchObject({ status: null, error: 'timeout' });
      // More is in the buffers of the sockets.
      expect(sent).toBeLessThan(20 << 20);
      expect(new Set(timeouts)).toEqual(new Set([15_000]));
    });

    it('keep the beginning of the response, without the secret', async () => {
      const { id, path, secret } = await create();
      receiver.answers.set(
        path,
        respond(400, {}, `No: ${secret} ${encodeURIComponent(secret.slice(6))} ${'é'.repeat(2_000)}`),
      );
      await post(['opened']);
      const { response } = (await attempted(id)).attempts[0] ?? {};
      expect(response).toMatch(/^No: \[redacted\] \[redacted\] é+$/);
      expect(response).toHaveLength(1_024);
    });

    it('that a stop interrupts do not count, and are repeated', async () => {
      const { id, path } = await create();
      receiver.answers.set(path, () => undefined);
      await post(['opened']);
      await received(path);
      await restart();
      expect(await first(id)).toMatchObject({ state: 'pending', attempts: [] });
      receiver.answers.delete(path);
      module.app.get(WebhookDispatcher).start();
      expect(await attempted(id)).toMatchObject({ state: 'delivered' });
    });

    it('fail if no event is stored any longer', async () => {
      const { id, path } = await create();
      receiver.answers.set(path, respond(500));
      await post(['opened']);
      await attempted(id);
      await module.dataSource.query('DELETE FROM email_events');
      passTime(6_000);
      expect(await attempted(id, 2)).toMatchObject({ state: 'failed', attempts: [{ error: 'events_deleted' }, {}] });
      expect(receiver.at(path)).toHaveLength(1);
    });

    it('sign with the previous secret, too, for a day after a rotation', async () => {
      const { id, path, secret } = await create();
      const { secret: newer, previousSecretUntil } = await endpoints.rotateSecret(CALLER, id);
      expect(newer).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
      expect(newer).not.toBe(secret);
      expect(previousSecretUntil?.getTime()).toBeGreaterThan(Date.now() + 23 * HOUR_MS);
      await post(['opened']);
      const [webhook] = (await received(path)) as [ReceivedWebhook];
      expect(verified(secret, webhook)).toEqual(verified(newer, webhook));
      aheadMs = 25 * HOUR_MS;
      await post(['opened']);
      const [, { headers, body }] = (await received(path, 2)) as [ReceivedWebhook, ReceivedWebhook];
      const sentAt = new Date(Number(headers['webhook-timestamp']) * 1_000);
      expect(headers['webhook-signature']).toBe(new Webhook(newer).sign(String(headers['webhook-id']), sentAt, body));
      expect((await endpoints.get(CALLER, id)).previousSecretUntil).toBeNull();
      const [row] = await module.dataSource.query<Row[]>(`SELECT * FROM webhook_endpoints WHERE id = '${id}'`);
      expect(JSON.stringify(row)).not.toContain(newer.slice(6));
    });

    it('are tested with a message without events, also while they are disabled', async () => {
      const { id, path, secret } = await create();
      await endpoints.update(CALLER, id, { state: 'disabled' });
      const passed = await messages.test(CALLER, id);
      expect(passed).toMatchObject({ type: 'webhook.test', state: 'delivered', attempts: [{ status: 204 }] });
      const [webhook] = (await received(path)) as [ReceivedWebhook];
      expect(verified(secret, webhook)).toMatchObject({ type: 'webhook.test', data: { events: [] } });
      receiver.answers.set(path, respond(401, {}, 'Who are you?'));
      const failed = await messages.test(CALLER, id);
      expect(failed).toMatchObject({ state: 'failed', nextAttemptAt: null, attempts: [{ response: 'Who are you?' }] });
      expect((await list(id)).map((message) => message.id)).toEqual([failed.id, passed.id]);
      expect((await audited(id)).map((row) => row['action'])).toContain('webhook_endpoint.test');
    });

    it('are at most 20 in an organization', async () => {
      for (let count = 0; count < 20; count++) await create({ kinds: ['queued'] });
      expect(await failureOf(create())).toMatchObject({ code: 'too_many_webhook_endpoints', limit: 20 });
    });
  });
});

describe('outgoing webhooks in production', () => {
  let module: TestModule;
  beforeAll(async () => {
    const settingNames = { address_forbidden: 'OUTBOUND_ALLOW', port_forbidden: 'OUTBOUND_PORTS' };
    const outbound = { allow: ['hooks.internal'], ports: [8443], settingNames };
    module = await TestModule.on(await createDatabase('SQLite'), { outbound });
  });
  afterAll(() => module.end());

  it.each([
    ['http://hooks.example.com/', '/url https_required'],
    ['https://127.0.0.1/', '/url address_forbidden'],
    ['https://[::1]/', '/url address_forbidden'],
    ['https://2130706433/', '/url address_forbidden'],
    ['https://169.254.169.254/latest/', '/url address_forbidden'],
    ['https://hooks.example.com:8080/', '/url port_forbidden'],
    ['https://ada:secret@hooks.example.com/', '/url invalid'],
    ['https://hooks.example.com/#part', '/url invalid'],
    ['ftp://hooks.example.com/', '/url invalid'],
    ['hooks.example.com', '/url invalid'],
    [`https://hooks.example.com/${'x'.repeat(2_000)}`, '/url too_long'],
    ['', '/url required'],
  ])('refuse the URL %s', async (url, fault) => {
    expect(await faultsOf(module.app.get(WebhookEndpointsService).create(CALLER, { url }))).toEqual([fault]);
  });

  it.each(['https://hooks.example.com/', 'https://hooks.example.com:8443/', 'http://hooks.internal:81/'])(
    'accept the URL %s',
    async (url) => {
      expect(await module.app.get(WebhookEndpointsService).create(CALLER, { url })).toMatchObject({ url });
    },
  );

  it('refuse names of loopback addresses when they connect', async () => {
    const { id } = await module.app.get(WebhookEndpointsService).create(CALLER, { url: 'https://localhost/' });
    const { state, attempts } = await module.app.get(WebhookMessagesService).test(CALLER, id);
    expect([state, attempts]).toMatchObject(['failed', [{ status: null, error: 'address_forbidden' }]]);
  });
});
