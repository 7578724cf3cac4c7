import { setTimeout as delay } from 'node:timers/promises';
import { UnitOfWork } from '@score-crm/connections';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';

describe.each(DATABASES)('the feed on %s', (kind) => {
  let service: TestService;
  let hook: SendgridWebhook;
  let other: SendgridWebhook;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
    hook = await SendgridWebhook.create(service);
    other = await SendgridWebhook.create(service);
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  async function post(to: SendgridWebhook, ...names: readonly string[]): Promise<void> {
    const events = names.map((name) => vendorEvent('delivered', { email: `${name}@r.example` }));
    expect((await to.post(events)).status).toBe(200);
  }

  async function read(query: string, token?: string): Promise<any> {
    const options = token === undefined ? {} : { token };
    return (await service.call('GET', `/api/v1/events?${query}`, options)).body;
  }

  async function end(): Promise<string> {
    return (await read('after=end')).next;
  }

  /** Reads on until there were as many events. */
  async function readAll(count: number, query: string, start: string): Promise<any[]> {
    const events: any[] = [];
    for (let after = start; events.length < count;) {
      const { data, next, isAtEnd } = await read(`${query}&after=${after}`);
      events.push(...data);
      after = next;
      if (isAtEnd === true) await delay(10);
    }
    return events;
  }

  async function openStream(token: string, query = '', headers: Record<string, string> = {}) {
    const response = await fetch(`${service.url}/api/v1/events/stream${query}`, {
      headers: { ...headers, authorization: `Bearer ${token}` },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const decoder = new TextDecoder();
    const reader = response.body?.getReader();
    let text = '';
    return {
      until: async (part: string): Promise<string> => {
        while (!text.includes(part)) text += decoder.decode((await reader?.read())?.value, { stream: true });
        return text;
      },
      cancel: async () => reader?.cancel(),
    };
  }

  it('has the events of all connections, with the position to continue from', async () => {
    const start = await end();
    await post(hook, 'a', 'b');
    await post(other, 'c');
    const events = await readAll(3, 'limit=2', start);
    expect(events.map(({ recipient, connectionId }) => [recipient, connectionId])).toEqual([
      ['a@r.example', hook.id],
      ['b@r.example', hook.id],
      ['c@r.example', other.id],
    ]);
    expect((await read(`after=${String(events[1].position)}&limit=1`)).data).toEqual([events[2]]);
    const matching = await readAll(1, `connectionId=${other.id}&kind=delivered,bounced`, start);
    expect(matching.map(({ id }) => id)).toEqual([events[2].id]);
    expect(await readAll(1, 'recipient=B%40R.example', start)).toEqual([events[1]]);
    const next = (await read(`after=${String(events[2].position)}`)).next;
    expect(await read(`after=${String(next)}`)).toEqual({ data: [], next, isAtEnd: true });
  });

  it('shows nothing of another organization, and to a restricted key only its connections', async () => {
    const start = await end();
    await post(hook, 'd');
    await post(other, 'e');
    await readAll(2, '', start);
    const stranger = await service.tokenFor('globex', 'read');
    expect(await read('', stranger)).toMatchObject({ data: [], isAtEnd: true });
    const { body } = await service.call('POST', '/api/v1/api-keys', {
      body: { name: 'One', scope: 'read', connectionIds: [other.id] },
    });
    const restricted = await read(`after=${start}`, body.key);
    expect(restricted.data.map(({ recipient }: any) => recipient)).toEqual(['e@r.example']);
    expect((await read(`after=${start}&connectionId=${hook.id}`, body.key)).data).toEqual([]);
  });

  it('streams events from a position on, and new ones as they are stored', async () => {
    const start = await end();
    await post(hook, 'f');
    const [first] = await readAll(1, '', start);
    await post(hook, 'g');
    const own = await openStream(service.key, '?after=end', { 'last-event-id': String(first.position) });
    const strangers = await openStream(await service.tokenFor('globex', 'read'));
    await own.until('g@r.example');
    await post(hook, 'h');
    const text = await own.until('h@r.example');
    // It began with the oldest event, of which there is none.
    expect(await strangers.until('heartbeat')).toBe('retry: 2000\n\n: heartbeat\n\n');
    expect(text).toMatch(/^retry: 2000\n\n/);
    const messages = [...text.matchAll(/id: (.+)\nevent: (.+)\ndata: (.+)\n\n/g)];
    expect(messages.map(([, id, event, data]) => [id, event, JSON.parse(String(data)).recipient])).toEqual([
      [expect.stringMatching(/^\d+-1$/), 'delivered', 'g@r.example'],
      [expect.stringMatching(/^\d+-1$/), 'delivered', 'h@r.example'],
    ]);
    // Both streams end with the service: the stop at the end of this suite would wait for them.
    const wrong = await service.call('GET', '/api/v1/events/stream', { headers: { 'last-event-id': 'x' } });
    expect([wrong.status, wrong.body.errors[0].code]).toEqual([400, 'invalid_position']);
  });

  it('has changes of the health of webhooks for readers that name their kind, as pages and as a stream', async () => {
    const start = await end();
    const kind = 'kind=webhook_health_changed';
    const stream = await openStream(service.key, `?${kind}&after=${start}`);
    const { body } = await service.call('GET', `/api/v1/connections/${hook.id}/webhook/health`);
    const [event] = await readAll(1, kind, start);
    const { state, reason, since } = body;
    const { id: connectionId } = hook;
    const expected = { kind: 'webhook_health_changed', connectionId, vendor: 'sendgrid', occurredAt: since };
    expect(event).toMatchObject({ ...expected, health: { state, reason, since }, previous: null });
    expect((await read(`after=${start}`)).data).toEqual([]);
    expect((await read(`after=${start}&connectionId=${other.id}&${kind}`)).data).toEqual([]);
    expect((await read(`after=${start}&recipient=a%40r.example&${kind}`)).data).toEqual([]);
    const { position } = event;
    const message = `id: ${String(position)}\nevent: webhook_health_changed\ndata: ${JSON.stringify(event)}\n\n`;
    expect(await stream.until(message)).toContain(message);
    await stream.cancel();
  });

  it('opens 20 streams of an organization at the same time', async () => {
    const token = await service.tokenFor('initech', 'read');
    const streams = await Promise.all(Array.from({ length: 20 }, () => openStream(token)));
    const refused = await service.call('GET', '/api/v1/events/stream', { token });
    expect([refused.status, refused.body.code]).toEqual([429, 'too_many_requests']);
    await streams[0]?.cancel();
    for (let status = 429; status !== 200;) {
      ({ status } = await fetch(`${service.url}/api/v1/events/stream`, {
        headers: { authorization: `Bearer ${token}` },
      }));
    }
  });

  it('rejects a position that is not one, and one whose events have been deleted', async () => {
    const start = await end();
    await post(hook, 'i');
    await readAll(1, '', start);
    const wrong = await service.call('GET', '/api/v1/events?after=last');
    expect([wrong.status, wrong.body.errors[0]]).toMatchObject([400, { pointer: '/after', code: 'invalid_position' }]);
    await service.app.get(UnitOfWork).write((tx) => tx.query('UPDATE feed_state SET deleted_seq = last_seq'));
    for (const path of ['/api/v1/events', '/api/v1/events/stream']) {
      const expired = await service.call('GET', `${path}?after=${start}`);
      expect([expired.status, expired.body.code]).toEqual([410, 'position_expired']);
    }
  });
});
