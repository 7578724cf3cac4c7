import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ParsedEvent, WebhookRequest } from '@score-crm/adapter-kit';
import { httpServer, type LoopbackServer, plainMessage, silentProbe } from '@score-crm/adapter-kit/testing';
import { SANDBOX_KEYS, startSandbox, SendgridSandbox } from '../sandbox/index.ts';
import { adapterFor, settings, settingsApi } from './support.ts';

const SETTINGS = '/v3/user/webhooks/event/settings';
const URL = 'https://crm.example/hook';

let sandbox: SendgridSandbox;
let api: ReturnType<typeof settingsApi>;

beforeEach(async () => {
  sandbox = await SendgridSandbox.start({ paceMs: 1 });
  api = settingsApi(sandbox);
});
afterEach(() => sandbox.close());

async function call(
  method: string,
  path: string,
  body?: unknown,
  key: string = SANDBOX_KEYS.working,
): Promise<{ status: number; body: any }> {
  const response = await fetch(sandbox.url + path, {
    method,
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

describe('the settings of event webhooks', () => {
  it('start with a list of one that is empty', async () => {
    expect(await call('GET', `${SETTINGS}/all`)).toEqual({ status: 200, body: { max_allowed: 5, webhooks: [{}] } });
  });

  it('are created, read, replaced and deleted by id', async () => {
    const created = await call('POST', SETTINGS, { enabled: true, url: URL, open: true, friendly_name: 'x' });
    expect(created).toMatchObject({ status: 201, body: { enabled: true, url: URL, open: true, click: false } });
    expect(created.body).not.toHaveProperty('public_key');
    const path = `${SETTINGS}/${String(created.body.id)}`;
    expect(await call('GET', path)).toMatchObject({ status: 200, body: created.body });
    const updated = await call('PATCH', path, { url: URL, click: true });
    expect(updated).toMatchObject({
      status: 200,
      body: { enabled: false, open: false, click: true, friendly_name: '' },
    });
    expect(await call('DELETE', path)).toEqual({ status: 204, body: undefined });
    for (const method of ['GET', 'DELETE']) expect((await call(method, path)).status).toBe(404);
    expect((await call('PATCH', path, { url: URL })).body.errors).toEqual([{ message: 'Invalid id provided.' }]);
  });

  it('of the oldest are changed by an update without an id', async () => {
    expect((await call('PATCH', SETTINGS, { url: URL })).status).toBe(405);
    sandbox.addForeignWebhook('https://a.example/hook');
    sandbox.addForeignWebhook('https://b.example/hook');
    expect((await call('PATCH', SETTINGS, { url: URL })).status).toBe(200);
    expect(sandbox.webhooks.map(({ url }) => url)).toEqual([URL, 'https://b.example/hook']);
  });

  it('have one URL each', async () => {
    const id = await api.create({ url: URL });
    const answer = await call('POST', SETTINGS, { url: URL });
    const message = `Webhook at '${URL}' already exists. Please provide a unique URL.`;
    expect(answer).toEqual({ status: 400, body: { errors: [{ id, url: URL, message }] } });
    const other = await api.create({ url: 'https://other.example/hook' });
    expect((await call('PATCH', `${SETTINGS}/${other}`, { url: URL })).status).toBe(400);
    expect((await call('PATCH', `${SETTINGS}/${id}`, { url: URL })).status).toBe(200);
  });

  it('are limited by the plan', async () => {
    for (let index = 0; index < 5; index += 1) sandbox.addForeignWebhook(`https://${String(index)}.example/hook`);
    expect(await call('POST', SETTINGS, { url: URL })).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.stringContaining('maximum number of webhooks') }] },
    });
  });

  it('have a key while they are signed, and a new one after that was turned off', async () => {
    const id = await api.create({ url: URL });
    expect((await call('GET', `${SETTINGS}/signed/${id}`)).body).toEqual({ id, public_key: '' });
    const key = await api.sign(id, true);
    expect(key).toMatch(/^MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/);
    expect(await api.list()).toMatchObject([{ id, public_key: key }]);
    expect(await api.sign(id, false)).toBe('');
    expect(await api.sign(id, true)).not.toBe(key);
  });

  it.each<[string, string, unknown, number]>([
    ['POST', SETTINGS, '{', 400],
    ['POST', SETTINGS, {}, 400],
    ['POST', SETTINGS, { url: 'hooks' }, 400],
    ['POST', SETTINGS, { url: URL, enabled: 'true' }, 400],
    ['POST', SETTINGS, { url: URL, spamreport: true }, 400],
    ['POST', SETTINGS, { url: URL, public_key: 'x' }, 400],
    ['PATCH', `${SETTINGS}/signed/none`, { enabled: true }, 404],
    ['DELETE', SETTINGS, undefined, 405],
    ['POST', `${SETTINGS}/all`, { url: URL }, 405],
    ['GET', `${SETTINGS}/none/more`, undefined, 404],
    ['POST', '/v3/user/webhooks/event/test', {}, 400],
    ['POST', '/v3/user/webhooks/event/test', { url: URL, id: 'none' }, 404],
    ['GET', '/v3/user/webhooks/event/test', undefined, 405],
  ])('%s %s with %j is rejected', async (method, path, body, status) => {
    expect((await call(method, path, body)).status).toBe(status);
    expect(sandbox.webhooks).toEqual([]);
  });

  it('need the scope of each call', async () => {
    const id = await api.create({ url: URL });
    const { noWebhookScope, noWebhookUpdate } = SANDBOX_KEYS;
    const calls = [
      ['GET', `${SETTINGS}/all`, undefined],
      ['POST', SETTINGS, { url: 'https://other.example/hook' }],
      ['PATCH', `${SETTINGS}/signed/${id}`, { enabled: true }],
      ['POST', '/v3/user/webhooks/event/test', { url: URL }],
      ['DELETE', `${SETTINGS}/${id}`, undefined],
    ] as const;
    for (const [method, path, body] of calls) {
      expect((await call(method, path, body, noWebhookScope)).status).toBe(403);
      expect((await call(method, path, body, noWebhookUpdate)).status === 403).toBe(method === 'PATCH');
    }
  });
});

describe('the events of a message', () => {
  let hook: LoopbackServer;
  let posts: WebhookRequest[];
  let failures: number;

  beforeEach(async () => {
    posts = [];
    failures = 0;
    hook = await httpServer((request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        if (failures > 0) {
          failures -= 1;
          response.writeHead(503).end();
          return;
        }
        posts.push({ headers: request.headers, query: {}, body: Buffer.concat(chunks) });
        response.writeHead(200).end();
      });
    });
  });
  afterEach(() => hook.close());

  async function sendAndSettle(...names: readonly string[]): Promise<string> {
    const to = names.map((name) => ({ email: `${name}@recipient.example` }));
    const { messageId } = await adapterFor(sandbox).send(plainMessage({ to }), settings());
    await sandbox.settled();
    return messageId;
  }

  function receivedEvents(key: unknown): readonly ParsedEvent[] {
    const { webhooks } = adapterFor(sandbox);
    return posts.splice(0).flatMap((post) => {
      expect(webhooks.authenticate(post, settings({ webhookSigningKey: String(key) }))).toBe('verified');
      return webhooks.parse(post);
    });
  }

  function kinds(parsed: readonly ParsedEvent[]): string[] {
    return parsed.map((one) =>
      one.ok ? `${String(one.event.recipient?.split('@')[0])} ${one.event.kind}` : one.reason,
    );
  }

  it('are posted automatically, signed, step by step, all recipients of a step together', async () => {
    const { webhooks } = adapterFor(sandbox);
    const { settings: made } = await webhooks.registration.register({ url: hook.url }, settings());
    const messageId = await sendAndSettle('click', 'bounce', 'slow');
    expect(posts.map(({ body }) => webhooks.parse({ headers: {}, query: {}, body }).length)).toEqual([3, 3, 2, 2, 1]);
    const events = receivedEvents(made?.webhookSigningKey);
    expect(kinds(events)).toEqual([
      'click queued',
      'bounce queued',
      'slow queued',
      'click delivered',
      'bounce bounced',
      'slow deferred',
      'click opened',
      'slow deferred',
      'click clicked',
      'slow deferred',
      'slow delivered',
    ]);
    expect(events.every((one) => one.ok && one.event.messageId === messageId)).toBe(true);
    expect(new Set(events.map((one) => JSON.stringify(one.ok && one.deduplicationKey))).size).toBe(events.length);
  });

  it('are posted to each webhook that selected them, and to none that is disabled', async () => {
    const id = await api.create({ url: hook.url, enabled: true, spam_report: true, bounce: true });
    const key = await api.sign(id, true);
    await sendAndSettle('complaint', 'bounce', 'open');
    expect(kinds(receivedEvents(key)).sort()).toEqual(['bounce bounced', 'complaint complained']);
    await api.update(id, { url: hook.url, enabled: false, spam_report: true });
    await sendAndSettle('complaint');
    expect(posts).toEqual([]);
  });

  it('are posted unsigned to a webhook without signing', async () => {
    await api.create({ url: hook.url, enabled: true, delivered: true });
    await sendAndSettle('ada');
    const headers = posts.flatMap((post) => Object.keys(post.headers));
    expect(headers).toContain('content-type');
    expect(headers.filter((name) => name.startsWith('x-twilio'))).toEqual([]);
  });

  it('are posted again if the response is not a success', async () => {
    const id = await api.create({ url: hook.url, enabled: true, delivered: true });
    const key = await api.sign(id, true);
    failures = 2;
    await sendAndSettle('ada');
    expect(kinds(receivedEvents(key))).toEqual(['ada delivered']);
  });

  it('do not exist for a message that is only checked', async () => {
    sandbox.addForeignWebhook(hook.url);
    await adapterFor(sandbox).diagnose(settings(), silentProbe());
    await sandbox.settled();
    expect(sandbox.mails).toHaveLength(1);
    expect(posts).toEqual([]);
  });
});

describe('the common interface of sandboxes', () => {
  it('returns its properties and what it accepted', async () => {
    const alike = await startSandbox({ verifiedSenders: ['@sender.example'] });
    const sent = plainMessage({ bcc: [{ email: 'audit@sender.example' }] });
    const { messageId } = await adapterFor({ url: String(alike.url) }).send(sent, settings(alike.settings));
    expect(alike).toMatchObject({
      vendor: 'sendgrid',
      mails: [
        {
          messageId,
          from: 'no-reply@sender.example',
          recipients: ['ada@recipient.example', 'audit@sender.example'],
          subject: 'Welcome',
        },
      ],
      webhooks: [],
    });
    await alike.close();
  });

  it('fails as its failures describe', async () => {
    expect(Object.keys(sandbox.failures).length).toBeGreaterThan(4);
    for (const [code, changes] of Object.entries(sandbox.failures)) {
      const sending = adapterFor(sandbox).send(plainMessage(), settings({ ...sandbox.settings, ...changes }));
      await expect(sending).rejects.toMatchObject({ details: { code } });
    }
  });
});
