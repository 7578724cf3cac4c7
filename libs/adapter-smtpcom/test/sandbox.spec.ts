import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ParsedEvent, WebhookRequest } from '@score-crm/adapter-kit';
import { SCENARIO_NAMES } from '@score-crm/adapter-kit/sandbox';
import { httpServer, type LoopbackServer, plainMessage } from '@score-crm/adapter-kit/testing';
import { SANDBOX_KEYS, SmtpcomSandbox } from '../sandbox/index.ts';
import { adapterFor, many, settings } from './support.ts';

const ADA = { address: 'a@b.example' };
const TEXT = { type: 'text/plain', content: 'Hello' };
const FILE = { type: 'text/plain', filename: 'a.txt', encoding: 'base64', content: 'YQ==' };
const ORIGINATOR = { from: { address: 'no-reply@sender.example' } };
const MAIL = {
  channel: 'acme_transactional',
  recipients: { to: [ADA] },
  originator: ORIGINATOR,
  subject: 'Welcome',
  body: { parts: [TEXT] },
};

let sandbox: SmtpcomSandbox;

beforeAll(async () => {
  sandbox = await SmtpcomSandbox.start({ verifiedSenders: ['no-reply@sender.example', '@other.example'], paceMs: 1 });
});
afterAll(() => sandbox.close());

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: object = {},
  { url } = sandbox,
): Promise<{ status: number; body: any; field?: string }> {
  const response = await fetch(`${url}/v4/${path}`, {
    method,
    headers: { 'x-smtpcom-api': SANDBOX_KEYS.working, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const json = (await response.json()) as any;
  const { errors } = json.data ?? {};
  return {
    status: response.status,
    body: json,
    ...(errors === undefined ? {} : { field: Object.keys(errors).join() }),
  };
}

describe('the sandbox’s mail', () => {
  it('is accepted as documented', async () => {
    const parts = [
      { version: '1.0', type: 'text/plain', charset: 'UTF-8', encoding: 'quoted-printable', content: 'x' },
      { type: 'text/html', content: 'x' },
    ];
    const full = {
      ...MAIL,
      recipients: { to: [{ ...ADA, name: 'Ada' }], cc: [{ address: 'c@b.example' }], bcc: [] },
      originator: { ...ORIGINATOR, reply_to: { name: '', address: 'r@sender.example' } },
      custom_headers: { 'X-A': 'b' },
      body: { parts, attachments: [{ ...FILE, version: '1.0', disposition: 'inline', cid: 'a' }] },
    };
    const message = expect.stringMatching(/^accepted, msg_id: [\da-f-]{36}$/);
    for (const [path, mail] of [
      ['messages', MAIL],
      ['messages', full],
      ['messages/', MAIL],
    ] as const) {
      const body = { status: 'success', data: { message } };
      expect(await call('POST', path, mail)).toMatchObject({ status: 200, body });
    }
  });

  it.each<[string, object]>([
    ['channel', { channel: undefined }],
    ['channel', { channel: 'ACME_transactional' }],
    ['channel', { channel: 'acme_old' }],
    ['recipients', { recipients: undefined }],
    ['recipients', { recipients: { to: [], cc: [] } }],
    ['recipients.to.0.address', { recipients: { to: [{ address: 'nobody' }] } }],
    ['recipients.to.0.email', { recipients: { to: [{ ...ADA, email: 'a@b.example' }] } }],
    ['recipients.to', { recipients: { to: many(1001).map(({ email }) => ({ address: email })) } }],
    ['originator', { originator: undefined }],
    ['originator.from', { originator: {} }],
    ['originator.reply_to', { originator: { ...ORIGINATOR, reply_to: [ADA] } }],
    ['originator', { originator: { from: { address: 'x@sender.example' } } }],
    ['subject', { subject: 's'.repeat(999) }],
    ['custom_headers.Reply-To', { custom_headers: { 'Reply-To': 'a@b.example' } }],
    ['custom_headers.X-A', { custom_headers: { 'X-A': 5 } }],
    ['body', { body: undefined }],
    ['body', { body: {} }],
    ['body', { body: { parts: [{ ...TEXT, content: 'x'.repeat(7_600_000) }] } }],
    ['body.parts.0.content', { body: { parts: [{ ...TEXT, content: '' }] } }],
    ['body.parts.0.encoding', { body: { parts: [{ ...TEXT, encoding: '8bit' }] } }],
    ['body.attachments.0.type', { body: { attachments: [{ ...FILE, type: 'message/rfc822' }] } }],
    ['body.attachments.0.disposition', { body: { attachments: [{ ...FILE, disposition: 'top' }] } }],
    ['tags', { tags: ['a'] }],
    ['send_at', { send_at: 1_755_444_161 }],
  ])('is rejected because of %s', async (field, changes) => {
    const before = sandbox.mails.length;
    const answer = await call('POST', 'messages', { ...MAIL, ...changes });
    expect(answer).toMatchObject({ status: 400, body: { status: 'fail' }, field });
    expect(sandbox.mails).toHaveLength(before);
  });

  it.each<[string, string, unknown, object, number]>([
    ['POST', 'messages', '{', {}, 400],
    ['POST', 'messages', MAIL, { 'content-type': 'text/plain' }, 400],
    ['POST', 'messages', MAIL, { 'x-smtpcom-api': 'e'.repeat(40) }, 401],
    ['POST', 'messages', MAIL, { 'x-smtpcom-api': '' }, 401],
    ['GET', 'account', undefined, { 'x-smtpcom-api': 'no' }, 401],
    ['GET', 'messages', undefined, {}, 404],
    ['GET', 'elsewhere', undefined, {}, 404],
    ['GET', '../v3/account', undefined, {}, 404],
    ['POST', 'account', {}, {}, 404],
    ['GET', 'account/more', undefined, {}, 404],
  ])('%s %s with %j and %j is rejected', async (method, path, body, headers, status) => {
    expect((await call(method, path, body, headers)).status).toBe(status);
  });
});

describe('its callbacks', () => {
  const [CHANNEL, OTHER] = ['acme_transactional', 'acme_newsletter'];
  const address = 'https://hooks.sender.example/a?b=c';
  const own = { channel: CHANNEL, medium: 'http', address };

  beforeEach(() => call('DELETE', 'callbacks/'));

  it('are one for each channel and event', async () => {
    const at = 'callbacks/delivered';
    const refused = (event: string) => ({ status: 400, body: { data: { errors: { event } } } });
    expect(await call('GET', `${at}?channel=${CHANNEL}`)).toMatchObject(refused('not found'));
    expect(await call('POST', at, own)).toMatchObject({ body: { data: { callback: 'created' } } });
    expect(await call('POST', at, own)).toMatchObject(refused('already exists'));
    const query = new URLSearchParams({ ...own, channel: OTHER, address: `${address}&d` }).toString();
    expect((await call('POST', `${at}/?${query}`)).status).toBe(200);
    const data = { ...own, event: 'delivered', aws_data: null };
    expect(await call('GET', `${at}?channel=${CHANNEL}`)).toMatchObject({ body: { data } });
    expect((await call('PATCH', at, { ...own, address: `${address}&e` })).status).toBe(200);
    expect(sandbox.webhooks).toMatchObject([
      { id: 'acme_transactional/delivered', url: `${address}&e` },
      { id: 'acme_newsletter/delivered', url: `${address}&d` },
    ]);
    expect((await call('DELETE', at, { channel: OTHER })).status).toBe(200);
    expect((await call('DELETE', at, { channel: OTHER })).status).toBe(400);
    const all = await call('GET', 'callbacks/');
    expect(all.body.data.items).toMatchObject([{ channel: CHANNEL, event: 'delivered' }]);
  });

  it('are all removed by one call without an event', async () => {
    sandbox.addForeignWebhook('https://other.example/');
    sandbox.addForeignWebhook('https://other.example/', 'clicked', OTHER);
    expect(sandbox.webhooks).toHaveLength(2);
    expect(await call('DELETE', 'callbacks/')).toMatchObject({ body: { data: { callbacks: 'deleted' } } });
    expect(sandbox.webhooks).toEqual([]);
  });

  it.each<[string, string, object | undefined, string]>([
    ['POST', 'bounced', own, 'event'],
    ['POST', 'opened', { ...own, channel: undefined }, 'channel'],
    ['POST', 'opened', { ...own, channel: 'no_such_channel' }, 'channel'],
    ['POST', 'opened', { ...own, medium: 'mail' }, 'medium'],
    ['POST', 'opened', { ...own, address: 'nowhere' }, 'address'],
    ['POST', 'opened', { ...own, address: undefined }, 'address'],
    ['PATCH', 'opened', own, 'event'],
    ['DELETE', `opened?channel=${CHANNEL}`, undefined, 'event'],
    ['DELETE', 'opened', undefined, 'channel'],
    ['GET', 'opened', undefined, 'channel'],
    ['GET', 'log', undefined, 'channel'],
  ])('%s %s requires what is documented: %j', async (method, path, body, field) => {
    expect(await call(method, `callbacks/${path}`, body)).toMatchObject({ status: 400, field });
  });

  it('can require their parameters in the query', async () => {
    const other = await SmtpcomSandbox.start({ callbackParameters: 'query' });
    expect((await call('POST', 'callbacks/opened', own, {}, other)).status).toBe(400);
    const query = new URLSearchParams(own).toString();
    expect((await call('POST', `callbacks/opened?${query}`, own, {}, other)).status).toBe(200);
    await other.close();
  });
});

describe('the events of its callbacks', () => {
  const posts: WebhookRequest[] = [];
  let hook: LoopbackServer;
  let statuses: number[] = [];

  beforeAll(async () => {
    hook = await httpServer((request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        const query = Object.fromEntries(new URL(request.url ?? '', 'http://x').searchParams);
        posts.push({ headers: request.headers, query, body: Buffer.concat(chunks) });
        response.writeHead(statuses.shift() ?? 200).end();
      });
    });
  });
  beforeEach(async () => {
    posts.splice(0);
    await call('DELETE', 'callbacks/');
    await adapterFor(sandbox).webhooks.registration.register({ url: `${hook.url}/wh` }, settings());
  });
  afterAll(() => hook.close());

  async function sendTo(...names: readonly string[]): Promise<void> {
    const to = names.map((name) => ({ email: `${name}@recipient.example` }));
    await adapterFor(sandbox).send(plainMessage({ to }), settings());
    await sandbox.settled();
  }

  /** The events of all requests, each only once, in the order of the requests. */
  function received(): readonly Extract<ParsedEvent, { ok: true }>[] {
    const { webhooks } = adapterFor(sandbox);
    const events = posts.flatMap((post) => webhooks.parse(post) as Extract<ParsedEvent, { ok: true }>[]);
    return [...new Map(events.map((event) => [JSON.stringify(event.deduplicationKey), event])).values()];
  }

  it('are those of each scenario, in order', async () => {
    const kindsOf: Record<string, string> = {};
    for (const name of ['ada', ...SCENARIO_NAMES]) {
      posts.splice(0);
      await sendTo(name);
      kindsOf[name] = received()
        .map(({ event }) => [event.kind, event.bounce?.class].join(' ').trim())
        .join(', ');
    }
    expect(kindsOf).toEqual({
      ada: 'queued, delivered',
      bounce: 'queued, bounced hard',
      softbounce: 'queued, bounced soft',
      block: 'queued, bounced block',
      drop: 'rejected admin',
      defer: 'queued, deferred, delivered',
      slow: 'queued, deferred, deferred, deferred, delivered',
      open: 'queued, delivered, opened',
      machineopen: 'queued, delivered, opened',
      click: 'queued, delivered, opened, clicked',
      complaint: 'queued, delivered, complained',
      unsubscribe: 'queued, delivered, unsubscribed',
    });
  });

  it('are in one request for all recipients, and in two for a hard bounce', async () => {
    await sendTo('bounce', 'bounce+1', 'ada');
    const sizes = posts.map(({ query, body }) => [query['event'], (JSON.parse(String(body)) as unknown[]).length]);
    expect(Object.fromEntries(sizes)).toEqual({ queued: 3, delivered: 1, failed: 2, hard_bounced: 2 });
    expect(sizes).toHaveLength(4);
    expect(received()).toHaveLength(6);
  });

  it('are posted again if not accepted, and are in the log', async () => {
    statuses = [503];
    await sendTo('drop');
    expect(posts).toHaveLength(2);
    expect(received()).toHaveLength(1);
    const time = expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} [\d:]{8} -0000$/);
    const { body } = await call('GET', 'callbacks/log?channel=acme_transactional&limit=2');
    expect(body.data.items).toEqual([
      { code: 200, msg: 'OK', time },
      { code: 503, msg: 'Failed', time },
    ]);
    expect((await call('GET', 'callbacks/log?channel=acme_newsletter')).body.data.items).toEqual([]);
  });

  it('are not posted for another channel, or without a registration', async () => {
    await adapterFor(sandbox).send(plainMessage(), settings({ channel: 'acme_newsletter' }));
    await call('DELETE', 'callbacks/');
    await sendTo('ada');
    expect(posts).toEqual([]);
  });
});
