import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ParsedEvent, WebhookRequest } from '@score-crm/adapter-kit';
import { SCENARIO_NAMES } from '@score-crm/adapter-kit/sandbox';
import { httpServer, type LoopbackServer, plainMessage } from '@score-crm/adapter-kit/testing';
import { SANDBOX_KEYS, SmtpcomSandbox } from '../sandbox/index.ts';
import { adapterFor, settings, withSandbox } from './support.ts';

const MAIL = {
  channel: 'acme_transactional',
  recipients: { to: [{ address: 'ada@recipient.example' }] },
  originator: { from: { address: 'no-reply@sender.example' } },
  subject: 'Welcome',
  body: { parts: [{ type: 'text/plain', content: 'Hello' }] },
};
const FILE = { type: 'text/plain', filename: 'a.txt', encoding: 'base64', content: 'YQ==' };

let sandbox: SmtpcomSandbox;

beforeAll(async () => {
  sandbox = await SmtpcomSandbox.start({ verifiedSenders: ['no-reply@sender.example', '@other.example'], paceMs: 1 });
});
afterAll(() => sandbox.close());

interface CallResult {
  readonly status: number;
  readonly body: { readonly status?: string; readonly data?: any };
}

async function call(method: string, path: string, body?: unknown, headers: object = {}): Promise<CallResult> {
  const response = await fetch(`${sandbox.url}${path}`, {
    method,
    headers: {
      'x-smtpcom-api': SANDBOX_KEYS.working,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as CallResult['body']) : {} };
}

describe('the sandbox is strict', () => {
  it('and accepts what is documented', async () => {
    const full = {
      ...MAIL,
      recipients: { to: [{ name: 'Ada', address: 'a@b.example' }], cc: [{ address: 'c@b.example' }], bcc: [] },
      originator: { ...MAIL.originator, reply_to: { name: '', address: 'r@sender.example' } },
      custom_headers: { 'X-A': 'b' },
      body: {
        parts: [
          { version: '1.0', type: 'text/plain', charset: 'UTF-8', encoding: 'quoted-printable', content: 'x' },
          { type: 'text/html', content: 'x' },
        ],
        attachments: [{ ...FILE, version: '1.0', disposition: 'inline', cid: 'a' }],
      },
    };
    for (const mail of [MAIL, full]) {
      expect(await call('POST', '/v4/messages', mail)).toMatchObject({
        status: 200,
        body: { status: 'success', data: { message: expect.stringMatching(/^accepted, msg_id: [\da-f-]{36}$/) } },
      });
    }
    expect((await call('POST', '/v4/messages/', MAIL)).status).toBe(200);
  });

  it.each<[string, object]>([
    ['channel', { ...MAIL, channel: undefined }],
    ['channel', { ...MAIL, channel: 'ACME_transactional' }],
    ['channel', { ...MAIL, channel: 'acme_old' }],
    ['recipients', { ...MAIL, recipients: undefined }],
    ['recipients', { ...MAIL, recipients: { to: [], cc: [] } }],
    ['recipients.to.0.address', { ...MAIL, recipients: { to: [{ address: 'nobody' }] } }],
    ['recipients.to.0.email', { ...MAIL, recipients: { to: [{ address: 'a@b.example', email: 'a@b.example' }] } }],
    [
      'recipients.to',
      { ...MAIL, recipients: { to: Array.from({ length: 1001 }, () => ({ address: 'a@b.example' })) } },
    ],
    ['originator', { ...MAIL, originator: undefined }],
    ['originator.from', { ...MAIL, originator: {} }],
    ['originator.reply_to', { ...MAIL, originator: { ...MAIL.originator, reply_to: [{ address: 'a@b.example' }] } }],
    ['originator', { ...MAIL, originator: { from: { address: 'x@sender.example' } } }],
    ['subject', { ...MAIL, subject: 's'.repeat(999) }],
    ['custom_headers.Reply-To', { ...MAIL, custom_headers: { 'Reply-To': 'a@b.example' } }],
    ['custom_headers.X-A', { ...MAIL, custom_headers: { 'X-A': 5 } }],
    ['body', { ...MAIL, body: undefined }],
    ['body', { ...MAIL, body: {} }],
    ['body', { ...MAIL, body: { parts: [{ type: 'text/plain', content: 'x'.repeat(7_600_000) }] } }],
    ['body.parts.0.content', { ...MAIL, body: { parts: [{ type: 'text/plain', content: '' }] } }],
    ['body.parts.0.encoding', { ...MAIL, body: { parts: [{ type: 'text/plain', content: 'x', encoding: '8bit' }] } }],
    ['body.attachments.0.type', { ...MAIL, body: { attachments: [{ ...FILE, type: 'message/rfc822' }] } }],
    ['body.attachments.0.disposition', { ...MAIL, body: { attachments: [{ ...FILE, disposition: 'top' }] } }],
    ['tags', { ...MAIL, tags: ['a'] }],
    ['send_at', { ...MAIL, send_at: 1_755_444_161 }],
  ])('%s', async (field, mail) => {
    const before = sandbox.mails.length;
    const { status, body } = await call('POST', '/v4/messages', mail);
    expect([status, body.status, Object.keys(body.data.errors)]).toEqual([400, 'fail', [field]]);
    expect(sandbox.mails).toHaveLength(before);
  });

  it.each([
    ['no JSON', '{', {}, 400],
    ['another type', MAIL, { 'content-type': 'text/plain' }, 400],
    ['another key', MAIL, { 'x-smtpcom-api': 'e'.repeat(40) }, 401],
    ['no key', MAIL, { 'x-smtpcom-api': '' }, 401],
  ])('%s', async (_what, mail, headers, status) => {
    expect((await call('POST', '/v4/messages', mail, headers)).status).toBe(status);
  });

  it('knows no other call', async () => {
    expect((await call('GET', '/v4/messages')).status).toBe(404);
    expect((await call('GET', '/v4/elsewhere')).status).toBe(404);
    expect((await call('GET', '/v3/account')).status).toBe(404);
    expect((await call('POST', '/v4/account', {})).status).toBe(404);
    expect((await call('GET', '/v4/account/more')).status).toBe(404);
    expect((await call('GET', '/v4/account', undefined, { 'x-smtpcom-api': 'no' })).status).toBe(401);
  });
});

describe('its callbacks', () => {
  const CHANNEL = 'channel=acme_transactional';
  const address = 'https://hooks.sender.example/a?b=c';
  const own = { channel: 'acme_transactional', medium: 'http', address };

  beforeEach(() => call('DELETE', '/v4/callbacks/'));

  it('are one for each channel and event', async () => {
    expect(await call('GET', `/v4/callbacks/delivered?${CHANNEL}`)).toMatchObject({
      status: 400,
      body: { data: { errors: { event: 'not found' } } },
    });
    expect(await call('POST', '/v4/callbacks/delivered', own)).toMatchObject({
      body: { data: { callback: 'created' } },
    });
    expect(await call('POST', '/v4/callbacks/delivered', own)).toMatchObject({
      status: 400,
      body: { data: { errors: { event: 'already exists' } } },
    });
    const query = new URLSearchParams({ ...own, channel: 'acme_newsletter', address: `${address}&d` }).toString();
    expect((await call('POST', `/v4/callbacks/delivered/?${query}`)).status).toBe(200);
    expect(await call('GET', `/v4/callbacks/delivered?${CHANNEL}`)).toMatchObject({
      body: { data: { channel: 'acme_transactional', event: 'delivered', medium: 'http', address, aws_data: null } },
    });
    expect((await call('PATCH', '/v4/callbacks/delivered', { ...own, address: `${address}&e` })).status).toBe(200);
    expect(sandbox.webhooks).toMatchObject([
      { id: 'acme_transactional/delivered', url: `${address}&e` },
      { id: 'acme_newsletter/delivered', url: `${address}&d` },
    ]);
    expect((await call('DELETE', '/v4/callbacks/delivered', { channel: 'acme_newsletter' })).status).toBe(200);
    expect((await call('DELETE', '/v4/callbacks/delivered', { channel: 'acme_newsletter' })).status).toBe(400);
    const all = await call('GET', '/v4/callbacks/');
    expect(all.body.data.items).toMatchObject([{ channel: 'acme_transactional', event: 'delivered' }]);
  });

  it('are all removed by one call without an event', async () => {
    sandbox.addForeignWebhook('https://other.example/');
    sandbox.addForeignWebhook('https://other.example/', 'clicked', 'acme_newsletter');
    expect(sandbox.webhooks).toHaveLength(2);
    expect(await call('DELETE', '/v4/callbacks/')).toMatchObject({ body: { data: { callbacks: 'deleted' } } });
    expect(sandbox.webhooks).toEqual([]);
  });

  it.each<[string, string, object | undefined, string]>([
    ['POST', '/v4/callbacks/bounced', own, 'event'],
    ['POST', '/v4/callbacks/opened', { ...own, channel: undefined }, 'channel'],
    ['POST', '/v4/callbacks/opened', { ...own, channel: 'no_such_channel' }, 'channel'],
    ['POST', '/v4/callbacks/opened', { ...own, medium: 'mail' }, 'medium'],
    ['POST', '/v4/callbacks/opened', { ...own, address: 'nowhere' }, 'address'],
    ['POST', '/v4/callbacks/opened', { ...own, address: undefined }, 'address'],
    ['PATCH', '/v4/callbacks/opened', own, 'event'],
    ['DELETE', `/v4/callbacks/opened?${CHANNEL}`, undefined, 'event'],
    ['DELETE', '/v4/callbacks/opened', undefined, 'channel'],
    ['GET', '/v4/callbacks/opened', undefined, 'channel'],
    ['GET', '/v4/callbacks/log', undefined, 'channel'],
  ])('%s %s requires what is documented: %j', async (method, path, body, field) => {
    const answer = await call(method, path, body);
    expect([answer.status, Object.keys(answer.body.data.errors)]).toEqual([400, [field]]);
  });

  it('can require their parameters in the query', async () => {
    await withSandbox({ callbackParameters: 'query' }, async (other) => {
      const headers = { 'x-smtpcom-api': SANDBOX_KEYS.working, 'content-type': 'application/json' };
      const post = (query: string) =>
        fetch(`${other.url}/v4/callbacks/opened${query}`, { method: 'POST', headers, body: JSON.stringify(own) });
      expect((await post('')).status).toBe(400);
      expect((await post(`?${new URLSearchParams(own).toString()}`)).status).toBe(200);
    });
  });
});

describe('the events of its callbacks', () => {
  const posts: WebhookRequest[] = [];
  let hook: LoopbackServer;
  let status = 200;

  beforeAll(async () => {
    hook = await httpServer((request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        const query = Object.fromEntries(new URL(request.url ?? '', 'http://x').searchParams);
        posts.push({ headers: request.headers, query, body: Buffer.concat(chunks) });
        response.writeHead(status).end();
      });
    });
  });
  beforeEach(async () => {
    status = 200;
    posts.splice(0);
    await call('DELETE', '/v4/callbacks/');
    await adapterFor(sandbox).webhooks.registration.register({ url: `${hook.url}/wh` }, settings());
  });
  afterAll(() => hook.close());

  /** The events of all requests, each only once, in the order of the requests. */
  function received(): readonly Extract<ParsedEvent, { ok: true }>[] {
    const { webhooks } = adapterFor(sandbox);
    const events = posts.flatMap((post) => {
      expect(webhooks.authenticate(post, settings())).toBe('verified');
      return webhooks.parse(post) as Extract<ParsedEvent, { ok: true }>[];
    });
    return [...new Map(events.map((event) => [JSON.stringify(event.deduplicationKey), event])).values()];
  }

  const FATES: Readonly<Record<string, readonly string[]>> = {
    ada: ['queued', 'delivered'],
    bounce: ['queued', 'bounced'],
    softbounce: ['queued', 'bounced'],
    block: ['queued', 'bounced'],
    drop: ['rejected'],
    defer: ['queued', 'deferred', 'delivered'],
    slow: ['queued', 'deferred', 'deferred', 'deferred', 'delivered'],
    open: ['queued', 'delivered', 'opened'],
    machineopen: ['queued', 'delivered', 'opened'],
    click: ['queued', 'delivered', 'opened', 'clicked'],
    complaint: ['queued', 'delivered', 'complained'],
    unsubscribe: ['queued', 'delivered', 'unsubscribed'],
  };

  it('exist for every scenario', () => {
    expect(Object.keys(FATES).toSorted()).toEqual(['ada', ...SCENARIO_NAMES].toSorted());
  });

  it.each(Object.entries(FATES))('for a message to %s', async (name, kinds) => {
    const metadata = { score_message_id: 'm-1', city: 'Zürich' };
    const to = [{ email: `${name}+1@recipient.example` }];
    const { messageId } = await adapterFor(sandbox).send(plainMessage({ to, metadata }), settings());
    await sandbox.settled();
    const events = received();
    expect(events.map(({ event }) => event.kind)).toEqual(kinds);
    for (const { event } of events) {
      expect(event).toMatchObject({ messageId, metadata, recipient: `${name}+1@recipient.example` });
    }
    const bounce = events.map(({ event }) => event.bounce?.class).find(Boolean);
    const classes: Record<string, string> = { bounce: 'hard', softbounce: 'soft', block: 'block', drop: 'admin' };
    expect(bounce).toBe(classes[name]);
  });

  it('are in one request for all recipients, and in two for a hard bounce', async () => {
    const to = ['bounce', 'bounce+1', 'ada'].map((name) => ({ email: `${name}@recipient.example` }));
    await adapterFor(sandbox).send(plainMessage({ to }), settings());
    await sandbox.settled();
    const sizes = posts.map(({ query, body }) => [query['event'], (JSON.parse(String(body)) as unknown[]).length]);
    expect(Object.fromEntries(sizes)).toEqual({ queued: 3, delivered: 1, failed: 2, hard_bounced: 2 });
    expect(sizes).toHaveLength(4);
    expect(received()).toHaveLength(6);
  });

  it('are posted again if not accepted, and are in the log', async () => {
    status = 503;
    await adapterFor(sandbox).send(plainMessage({ to: [{ email: 'drop@recipient.example' }] }), settings());
    await sandbox.settled();
    expect(posts.length).toBeGreaterThan(1);
    expect(received()).toHaveLength(1);
    const { body } = await call('GET', '/v4/callbacks/log?channel=acme_transactional&limit=2');
    expect(body.data.items).toMatchObject([
      { code: 503, msg: 'Failed', time: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} [\d:]{8} -0000$/) },
      { code: 503 },
    ]);
    expect((await call('GET', '/v4/callbacks/log?channel=acme_newsletter')).body.data.items).toEqual([]);
  });

  it('are not posted for another channel, or without a registration', async () => {
    await adapterFor(sandbox).send(plainMessage(), settings({ channel: 'acme_newsletter' }));
    await call('DELETE', '/v4/callbacks/');
    await adapterFor(sandbox).send(plainMessage(), settings());
    await sandbox.settled();
    expect(posts).toEqual([]);
  });
});
