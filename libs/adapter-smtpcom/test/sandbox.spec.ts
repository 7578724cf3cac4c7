import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ParsedEvent } from '@score-crm/adapter-kit';
import { plainMessage } from '@score-crm/adapter-kit/testing';
import { callApi, Inbox, recipients } from '../../../test/support/vendor-tests.ts';
import { SANDBOX_KEYS, SmtpcomSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const ADA = { address: 'a@b.example' };
const TEXT = { type: 'text/plain', content: 'Hello' };
const FILE = { type: 'text/plain', filename: 'a.txt', encoding: 'base64', content: 'YQ==' };
const ORIGINATOR = { from: { address: 'no-reply@sender.example' } };
const [CHANNEL, OTHER] = ['acme_transactional', 'acme_newsletter'];
const MAIL = {
  channel: CHANNEL,
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

/** The status, the fields of the errors, and the data. */
async function call(method: string, path: string, sent?: unknown, headers: object = {}, { url } = sandbox) {
  const key = { 'x-smtpcom-api': SANDBOX_KEYS.working, ...headers };
  const { status, body } = await callApi(`${url}/v4/${path}`, method, sent, key);
  const { data = {} } = body as { data?: any };
  return { status, field: Object.keys(data.errors ?? {}).join(), data };
}

describe('the sandbox’s mail', () => {
  it('is accepted as documented', async () => {
    const parts = [
      { ...TEXT, version: '1.0', charset: 'UTF-8', encoding: 'quoted-printable' },
      { ...TEXT, type: 'text/html' },
    ];
    const full = {
      ...MAIL,
      recipients: { to: [{ ...ADA, name: 'Ada' }], cc: [{ address: 'c@b.example' }], bcc: [] },
      originator: { ...ORIGINATOR, reply_to: { name: '', address: 'r@sender.example' } },
      custom_headers: { 'X-A': 'b' },
      body: { parts, attachments: [{ ...FILE, version: '1.0', disposition: 'inline', cid: 'a' }] },
    };
    const data = { message: expect.stringMatching(/^accepted, msg_id: [\da-f-]{36}$/) };
    expect(await call('POST', 'messages', full)).toMatchObject({ status: 200, data });
  });

  it.each<[string, object]>([
    ['channel', { channel: undefined }],
    ['channel', { channel: 'ACME_transactional' }],
    ['channel', { channel: 'acme_old' }],
    ['recipients', { recipients: { to: [], cc: [] } }],
    ['recipients.to.0.address', { recipients: { to: [{ address: 'nobody' }] } }],
    ['recipients.to.0.email', { recipients: { to: [{ ...ADA, email: 'a@b.example' }] } }],
    ['recipients.to', { recipients: { to: recipients(1001).map(({ email }) => ({ address: email })) } }],
    ['originator.from', { originator: {} }],
    ['originator.reply_to', { originator: { ...ORIGINATOR, reply_to: [ADA] } }],
    ['originator', { originator: { from: { address: 'x@sender.example' } } }],
    ['subject', { subject: 's'.repeat(999) }],
    ['custom_headers.Reply-To', { custom_headers: { 'Reply-To': 'a@b.example' } }],
    ['custom_headers.X-A', { custom_headers: { 'X-A': 5 } }],
    ['body', { body: {} }],
    ['body', { body: { parts: [{ ...TEXT, content: 'x'.repeat(7_600_000) }] } }],
    ['body.parts.0.content', { body: { parts: [{ ...TEXT, content: '' }] } }],
    ['body.parts.0.encoding', { body: { parts: [{ ...TEXT, encoding: '8bit' }] } }],
    ['body.attachments.0.type', { body: { attachments: [{ ...FILE, type: 'message/rfc822' }] } }],
    ['body.attachments.0.disposition', { body: { attachments: [{ ...FILE, disposition: 'top' }] } }],
    ['send_at', { send_at: 1_755_444_161 }],
  ])('is rejected because of %s', async (field, changes) => {
    const before = sandbox.mails.length;
    expect(await call('POST', 'messages', { ...MAIL, ...changes })).toMatchObject({ status: 400, field });
    expect(sandbox.mails).toHaveLength(before);
  });

  it.each<[number, string, string, unknown, object]>([
    [400, 'POST', 'messages', MAIL, { 'content-type': 'text/plain' }],
    [401, 'POST', 'messages', MAIL, { 'x-smtpcom-api': 'e'.repeat(40) }],
    [404, 'GET', 'messages', undefined, {}],
    [404, 'GET', '../v3/account', undefined, {}],
  ])('is rejected with %i: %s %s, %j with %j', async (status, method, path, body, headers) => {
    expect((await call(method, path, body, headers)).status).toBe(status);
  });
});

describe('the sandbox’s callbacks', () => {
  const address = 'https://hooks.sender.example/a?b=c';
  const own = { channel: CHANNEL, medium: 'http', address };

  beforeEach(() => call('DELETE', 'callbacks/'));

  it('are one for each channel and event', async () => {
    const at = 'callbacks/delivered';
    expect(await call('GET', `${at}?channel=${CHANNEL}`)).toMatchObject({ status: 400, field: 'event' });
    expect(await call('POST', at, own)).toMatchObject({ data: { callback: 'created' } });
    expect(await call('POST', at, own)).toMatchObject({ status: 400, field: 'event' });
    const query = new URLSearchParams({ ...own, channel: OTHER, address: `${address}&d` }).toString();
    expect((await call('POST', `${at}/?${query}`)).status).toBe(200);
    const data = { ...own, event: 'delivered', aws_data: null };
    expect(await call('GET', `${at}?channel=${CHANNEL}`)).toMatchObject({ data });
    expect((await call('PATCH', at, { ...own, address: `${address}&e` })).status).toBe(200);
    expect(sandbox.webhooks).toMatchObject([
      { id: 'acme_transactional/delivered', url: `${address}&e` },
      { id: 'acme_newsletter/delivered', url: `${address}&d` },
    ]);
    expect((await call('DELETE', at, { channel: OTHER })).status).toBe(200);
    expect((await call('DELETE', at, { channel: OTHER })).status).toBe(400);
    const all = await call('GET', 'callbacks/');
    expect(all.data.items).toMatchObject([{ channel: CHANNEL, event: 'delivered' }]);
  });

  it('are all removed by one call without an event', async () => {
    sandbox.addForeignWebhook('https://other.example/');
    sandbox.addForeignWebhook('https://other.example/', 'clicked', OTHER);
    expect(sandbox.webhooks).toHaveLength(2);
    expect(await call('DELETE', 'callbacks/')).toMatchObject({ data: { callbacks: 'deleted' } });
    expect(sandbox.webhooks).toEqual([]);
  });

  it.each<[string, string, string, object | undefined]>([
    ['event', 'POST', 'bounced', own],
    ['channel', 'POST', 'opened', { ...own, channel: undefined }],
    ['channel', 'POST', 'opened', { ...own, channel: 'no_such_channel' }],
    ['medium', 'POST', 'opened', { ...own, medium: 'mail' }],
    ['address', 'POST', 'opened', { ...own, address: 'nowhere' }],
    ['event', 'PATCH', 'opened', own],
    ['event', 'DELETE', `opened?channel=${CHANNEL}`, undefined],
    ['channel', 'DELETE', 'opened', undefined],
    ['channel', 'GET', 'opened', undefined],
    ['channel', 'GET', 'log', undefined],
  ])('need the right %s: %s %s with %j', async (field, method, path, body) => {
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

describe('the events of the sandbox', () => {
  let inbox: Inbox;

  beforeEach(async () => {
    inbox = await Inbox.open();
    await call('DELETE', 'callbacks/');
    await adapterFor(sandbox).webhooks.registration.register({ url: inbox.url() }, settings());
  });
  afterEach(() => inbox.close());

  async function sendTo(...names: readonly string[]): Promise<void> {
    const to = names.map((name) => ({ email: `${name}@recipient.example` }));
    await adapterFor(sandbox).send(plainMessage({ to }), settings());
    await sandbox.settled();
  }

  /** The kinds of all events, each only once, in the order of the requests. */
  function received(): readonly string[] {
    const { webhooks } = adapterFor(sandbox);
    const events = inbox.posts.flatMap((post) => webhooks.parse(post) as Extract<ParsedEvent, { ok: true }>[]);
    const unique = new Map(events.map((one) => [JSON.stringify(one.deduplicationKey), one.event]));
    return [...unique.values()].map(({ kind, bounce }) => [kind, bounce?.class].join(' ').trim());
  }

  it('are in one request for all recipients, and in two for a hard bounce', async () => {
    await sendTo('bounce', 'bounce+1', 'ada');
    const sizes = inbox.posts.map(({ query, body }) => [
      query['event'],
      (JSON.parse(String(body)) as unknown[]).length,
    ]);
    expect(Object.fromEntries(sizes)).toEqual({ queued: 3, delivered: 1, failed: 2, hard_bounced: 2 });
    expect([sizes.length, received().length]).toEqual([4, 6]);
  });

  it('are posted again if not accepted, and are in the log', async () => {
    inbox.nextStatuses.push(503);
    await sendTo('drop');
    expect([inbox.posts.length, received().length]).toEqual([2, 1]);
    const time = expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} [\d:]{8} -0000$/);
    const { data } = await call('GET', `callbacks/log?channel=${CHANNEL}&limit=2`);
    expect(data.items).toEqual([
      { code: 200, msg: 'OK', time },
      { code: 503, msg: 'Failed', time },
    ]);
    expect((await call('GET', `callbacks/log?channel=${OTHER}`)).data.items).toEqual([]);
  });

  it('are not posted for another channel, or without a registration', async () => {
    await adapterFor(sandbox).send(plainMessage(), settings({ channel: OTHER }));
    await call('DELETE', 'callbacks/');
    await sendTo('ada');
    expect(inbox.posts).toEqual([]);
  });
});
