import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ParsedEvent } from '@score-crm/adapter-kit';
import { SCENARIO_NAMES, scenarioOf } from '@score-crm/adapter-kit/sandbox';
import { plainMessage } from '@score-crm/adapter-kit/testing';
import { SANDBOX_KEYS, SparkpostSandbox, startSandbox } from '../sandbox/index.ts';
import { adapterFor, Inbox, settings } from './support.ts';

const MAIL = {
  recipients: [{ address: { email: 'ada@recipient.example' } }],
  content: { from: { email: 'no-reply@sender.example' }, subject: 'Welcome', text: 'Hello' },
};
const TO = MAIL.recipients[0]?.address;

interface Answer {
  readonly status: number;
  readonly body: { errors?: { code?: string; description?: string; message: string }[]; results?: any };
}

async function call(
  sandbox: SparkpostSandbox,
  method: string,
  path: string,
  body?: unknown,
  headers = {},
): Promise<Answer> {
  const response = await fetch(`${sandbox.url}/api/v1${path}`, {
    method,
    headers: { authorization: SANDBOX_KEYS.working, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answer['body'] };
}

describe('the sandbox is strict', () => {
  let sandbox: SparkpostSandbox;

  beforeAll(async () => {
    sandbox = await SparkpostSandbox.start({ verifiedSenders: ['no-reply@sender.example', '@other.example'] });
  });
  afterAll(() => sandbox.close());

  const send = (mail: unknown, headers = {}): Promise<Answer> => call(sandbox, 'POST', '/transmissions', mail, headers);
  const content = (changes: object): object => ({ ...MAIL, content: { ...MAIL.content, ...changes } });
  const options = (changes: object): object => ({ ...MAIL, options: changes });
  const recipient = (changes: object): object => ({ ...MAIL, recipients: [{ address: TO, ...changes }] });

  it('and accepts what is documented', async () => {
    const results = {
      total_rejected_recipients: 0,
      total_accepted_recipients: 1,
      id: expect.stringMatching(/^\d{19}$/),
    };
    expect(await send(MAIL)).toEqual({ status: 200, body: { results } });
    expect((await send(content({ from: { email: 'x@other.example' } }))).status).toBe(200);
    expect((await call(sandbox, 'POST', '/transmissions/', MAIL)).status).toBe(200);
  });

  it.each<[string, object]>([
    ['recipients', { ...MAIL, recipients: [] }],
    ['recipients', { ...MAIL, recipients: undefined }],
    ['recipients', { ...MAIL, recipients: { list_id: 'x' } }],
    ['recipients.0.address', { ...MAIL, recipients: [{}] }],
    ['recipients.0.address', { ...MAIL, recipients: [{ address: 'a@b.example' }] }],
    ['recipients.0.address.email', { ...MAIL, recipients: [{ address: { name: 'x' } }] }],
    ['recipients.0.address.headerTo', { ...MAIL, recipients: [{ address: { ...TO, headerTo: 'x' } }] }],
    ['recipients.0.tags', recipient({ tags: Array.from({ length: 11 }, (_, index) => `t${String(index)}`) })],
    ['recipients.0.tags', recipient({ tags: 'x' })],
    ['content', { ...MAIL, content: undefined }],
    ['content.from', content({ from: undefined })],
    ['content.from', content({ from: 'no-reply@sender.example' })],
    ['content.subject', content({ subject: '' })],
    ['content.subject', content({ subject: undefined })],
    ['content.replyTo', content({ replyTo: 'x@y.example' })],
    ['content.reply_to', content({ reply_to: ['x@y.example'] })],
    ['content.headers.X-A', content({ headers: { 'X-A': 5 } })],
    ['content.attachments.0.type', content({ attachments: [{ name: 'a', data: 'YQ==' }] })],
    ['content.attachments.0.data', content({ attachments: [{ name: 'a', type: 'a/b', data: 'YQ=\r\n=' }] })],
    ['content.attachments.0.name', content({ attachments: [{ name: 'ü'.repeat(128), type: 'a/b', data: 'YQ==' }] })],
    ['content.inline_images.0.data', content({ inline_images: [{ name: 'a', type: 'a/b', data: '' }] })],
    ['options.start_time', options({ start_time: '2026-01-02T08:00:00Z' })],
    ['options.perform_substitutions', options({ perform_substitutions: 'false' })],
    ['options.open_tracing', options({ open_tracing: true })],
    ['campaign_id', { ...MAIL, campaign_id: 'x'.repeat(65) }],
    ['cc', { ...MAIL, cc: ['x@y.example'] }],
  ])('%s', async (field, mail) => {
    const { status, body } = await send(mail);
    expect(status).toBe(422);
    const fields = body.errors?.map(({ description }) => description?.split(':')[0]);
    expect(fields).toEqual([field]);
  });

  const inThreeDays = new Date(Date.now() + 73 * 3_600_000).toISOString().replace(/\.\d+Z$/, '+00:00');
  const image = { name: 'a', type: 'image/png', data: 'YQ==' };

  it.each<[string, object, string]>([
    ['neither text nor HTML', content({ text: undefined }), '1400'],
    ['two images of one name', content({ inline_images: [image, image] }), '1300'],
    ['a header of its own', content({ headers: { 'Reply-To': 'x' } }), '3002'],
    ['a List-Unsubscribe that would be replaced', content({ headers: { 'List-Unsubscribe': '<x>' } }), '3002'],
    [
      'a template in the subject',
      { ...content({ subject: '{{x}}' }), options: { perform_substitutions: false } },
      '3000',
    ],
    ['an undefined variable', { ...content({ subject: '{{x}}' }), substitution_data: { y: 'z' } }, '3000'],
    ['a template in a header’s name', content({ headers: { 'X-{{x}}': 'a' } }), '3000'],
    ['a template in a header', content({ headers: { 'X-A': '{{x}}' } }), '3000'],
    ['a template in a name', { ...MAIL, recipients: [{ address: { ...TO, name: '{{x}}' } }] }, '3000'],
    ['a template in the text', content({ text: '{{x}}' }), '3000'],
    ['a time too far ahead', options({ start_time: inThreeDays }), '1300'],
    ['too many metadata', { ...MAIL, metadata: { a: 'x'.repeat(10_000) } }, '2007'],
  ])('rejects %s', async (_what, mail, code) => {
    const { status, body } = await send(mail);
    expect([status, body.errors?.map((fault) => fault.code)]).toEqual([422, [code]]);
  });

  it('fills in the variables of headers', async () => {
    await send({ ...content({ subject: 'a {{x}} {{ y }} }}' }), substitution_data: { x: '{{y}}', y: '2' } });
    expect(sandbox.mails.at(-1)?.subject).toBe('a {{y}} 2 }}');
  });

  it('accepts what looks like a template if substitutions are disabled', async () => {
    expect((await send({ ...content({ text: '{{x}}' }), options: { perform_substitutions: false } })).status).toBe(200);
  });

  it('rejects each recipient separately', async () => {
    const recipients = [{ address: TO }, { address: { email: 'nobody@nodot.invalid' } }];
    expect((await send({ ...MAIL, recipients })).body).toMatchObject({
      errors: [{ message: 'transmission created, but with validation errors', code: '2000' }],
      results: {
        rcpt_to_errors: [{ description: 'invalid recipient address.email: nobody@nodot.invalid', code: '1300' }],
        total_rejected_recipients: 1,
        total_accepted_recipients: 1,
      },
    });
    const none = await send({ ...MAIL, recipients: recipients.slice(1) });
    expect(none).toMatchObject({ status: 400, body: { errors: [{ code: '5002' }] } });
  });

  it.each([
    ['no JSON', '{', {}, 400],
    ['another type', MAIL, { 'content-type': 'text/plain' }, 415],
    ['another key', MAIL, { authorization: '0'.repeat(40) }, 401],
    ['no key', MAIL, { authorization: '' }, 401],
    ['a scheme before the key', MAIL, { authorization: `Bearer ${SANDBOX_KEYS.working}` }, 401],
    ['an unverified sender', content({ from: { email: 'x@sender.example' } }), {}, 400],
    ['too much', content({ text: 'x'.repeat(20_000_001) }), {}, 413],
  ])('%s', async (_what, mail, headers, status) => {
    expect((await send(mail, headers)).status).toBe(status);
  });

  it.each([
    ['GET', '/transmissions', 405],
    ['POST', '/account', 405],
    ['DELETE', '/sending-domains', 405],
    ['GET', '/elsewhere', 404],
    ['GET', '/webhooks/unheard-of', 404],
    ['DELETE', '/webhooks', 405],
  ])('knows no %s %s', async (method, path, status) => {
    expect((await call(sandbox, method, path)).status).toBe(status);
    expect((await fetch(`${sandbox.url}${path}`)).status).toBe(404);
  });
});

describe('the webhooks of the sandbox', () => {
  let sandbox: SparkpostSandbox;
  let inbox: Inbox;

  beforeEach(async () => {
    sandbox = await SparkpostSandbox.start({ paceMs: 1 });
    inbox = await Inbox.open();
  });
  afterEach(async () => {
    await sandbox.close();
    await inbox.close();
  });

  const hook = (changes: object = {}): object => ({
    name: 'Events',
    target: inbox.url(),
    events: ['delivery'],
    ...changes,
  });

  it.each<[string, object]>([
    ['name', { name: undefined }],
    ['name', { name: 'x'.repeat(25) }],
    ['target', { target: 'http://crm.example/hook' }],
    ['target', { target: 'https://crm.example:8443/hook' }],
    ['target', { target: 'crm.example' }],
    ['events', { events: undefined }],
    ['events', { events: [] }],
    ['events.0', { events: ['delivered'] }],
    ['active', { active: 'yes' }],
    ['auth_type', { auth_type: 'digest' }],
    ['auth_credentials is required for auth_type basic', { auth_type: 'basic' }],
    ['auth_credentials.password', { auth_type: 'basic', auth_credentials: { username: 'x' } }],
    ['auth_token', { auth_token: 'x' }],
  ])('are not created with a wrong %s', async (field, changes) => {
    const { status, body } = await call(sandbox, 'POST', '/webhooks', hook(changes));
    expect([status, body.errors?.map(({ description }) => description?.split(':')[0])]).toEqual([422, [field]]);
    expect(inbox.posts).toEqual([]);
  });

  it('are tested before they are created and when the URL changes, and at no other time', async () => {
    const { body } = await call(sandbox, 'POST', '/webhooks', hook());
    const path = `/webhooks/${String(body.results.id)}`;
    expect(inbox.posts).toHaveLength(1);
    await call(sandbox, 'PUT', path, { events: ['bounce'] });
    expect(inbox.posts).toHaveLength(1);
    await call(sandbox, 'PUT', path, { target: inbox.url('other') });
    expect(inbox.posts).toHaveLength(2);
    inbox.status = 500;
    expect(await call(sandbox, 'PUT', path, { target: inbox.url('third') })).toMatchObject({
      status: 400,
      body: { errors: [{ code: 400, message: 'POST to webhook target URL failed', response: { status: 500 } }] },
    });
    expect((await call(sandbox, 'GET', path)).body.results).toMatchObject({
      target: inbox.url('other'),
      events: ['bounce'],
    });
    expect((await call(sandbox, 'PUT', path, { unheard_of: 1 })).status).toBe(422);
    expect((await call(sandbox, 'POST', `${path}/validate`, { message: {} })).status).toBe(400);
    expect((await call(sandbox, 'POST', `${path}/elsewhere`)).status).toBe(404);
    expect((await call(sandbox, 'DELETE', path)).status).toBe(204);
    expect((await call(sandbox, 'DELETE', path)).status).toBe(404);
  });

  it('return their credentials unencrypted, as the vendor does', async () => {
    const auth = { auth_type: 'basic', auth_credentials: { username: 'u', password: 'p' } };
    await call(sandbox, 'POST', '/webhooks', hook(auth));
    sandbox.addForeignWebhook('https://elsewhere.example/hook');
    expect((await call(sandbox, 'GET', '/webhooks')).body.results).toMatchObject([
      { ...auth, last_successful: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) },
      { target: 'https://elsewhere.example/hook', auth_type: 'none' },
    ]);
  });

  it('receive the vendor’s headers and their own, and compact JSON', async () => {
    await call(sandbox, 'POST', '/webhooks', hook({ custom_headers: { 'x-api-key': 'abc' } }));
    await adapterFor(sandbox).send(plainMessage(), settings());
    await sandbox.settled();
    const post = inbox.posts.at(-1);
    expect(post?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-messagesystems-batch-id': expect.stringMatching(/^[0-9a-f]{32}$/),
      'x-api-key': 'abc',
    });
    expect(post?.headers).not.toHaveProperty('authorization');
    expect(post?.body.toString()).toBe(JSON.stringify(JSON.parse(post?.body.toString() ?? '')));
    expect(post?.body.toString()).toMatch(/^\[\{"msys":\{"message_event":\{/);
  });

  it('receive the same batch again if they did not accept it', async () => {
    await call(sandbox, 'POST', '/webhooks', hook());
    inbox.status = 503;
    await adapterFor(sandbox).send(plainMessage(), settings());
    await sandbox.settled();
    const batches = inbox.posts.slice(1);
    expect(batches.length).toBeGreaterThan(1);
    expect(new Set(batches.map(({ body }) => body.toString())).size).toBe(1);
    expect(new Set(batches.map(({ headers }) => headers['x-messagesystems-batch-id'])).size).toBe(1);
  });

  it('receive nothing while they are disabled, or for a message whose time is in the future', async () => {
    const { body } = await call(sandbox, 'POST', '/webhooks', hook({ active: false }));
    await adapterFor(sandbox).send(plainMessage(), settings());
    await sandbox.settled();
    await call(sandbox, 'PUT', `/webhooks/${String(body.results.id)}`, { active: true });
    await adapterFor(sandbox).send(plainMessage({ sendAt: new Date(Date.now() + 3_600_000) }), settings());
    await sandbox.settled();
    expect(inbox.posts).toHaveLength(1);
  });
});

describe('the events of a message', () => {
  const CLASSES: Record<string, string> = { bounce: 'hard', softbounce: 'soft', block: 'block', drop: 'admin' };
  let sandbox: SparkpostSandbox;
  let inbox: Inbox;
  let adapter: ReturnType<typeof adapterFor>;

  beforeAll(async () => {
    sandbox = await SparkpostSandbox.start({ paceMs: 1 });
    inbox = await Inbox.open();
    adapter = adapterFor(sandbox);
    await adapter.webhooks.registration.register({ url: inbox.url() }, settings());
  });
  beforeEach(() => void inbox.posts.splice(0));
  afterAll(async () => {
    await sandbox.close();
    await inbox.close();
  });

  /** All requests since the last time, authenticated and parsed. */
  async function received(): Promise<(ParsedEvent & { ok: true })['event'][]> {
    await sandbox.settled();
    return inbox.posts.splice(0).flatMap((post) => {
      expect(adapter.webhooks.authenticate(post, settings())).toBe('verified');
      return adapter.webhooks.parse(post).map((parsed) => {
        if (!parsed.ok) throw new Error(parsed.reason);
        return parsed.event;
      });
    });
  }

  it.each([...SCENARIO_NAMES, 'ada'])('to %s are posted', async (name) => {
    const recipient = `${name}+1@recipient.example`;
    const metadata = { score_connection_id: 'c-1', more: 'ü <&>' };
    const tags = ['a<b>&c', 'd'];
    const { messageId } = await adapter.send(plainMessage({ to: [{ email: recipient }], metadata, tags }), settings());
    const events = await received();
    expect(events.map(({ kind }) => kind)).toEqual(scenarioOf(recipient).map(({ kind }) => kind));
    for (const event of events) expect(event).toMatchObject({ messageId, metadata, tags, recipient });
    expect(new Set(events.map(({ vendorEventId }) => vendorEventId)).size).toBe(events.length);
    expect(events.map(({ bounce }) => bounce?.class).find(Boolean)).toBe(CLASSES[name]);
    const opened = events.find(({ kind }) => kind === 'opened');
    expect(opened?.machine).toBe(opened === undefined ? undefined : name === 'machineopen');
  });

  it('are posted for to, cc and bcc, several in one batch', async () => {
    const copies = { cc: [{ email: 'bounce@recipient.example' }], bcc: [{ email: 'click@recipient.example' }] };
    await adapter.send(plainMessage(copies), settings());
    await sandbox.settled();
    expect(inbox.posts.map(({ body }) => (JSON.parse(body.toString()) as unknown[]).length)).toEqual([3, 3, 1, 1]);
    const kinds = (await received()).map(({ recipient, kind }) => `${String(recipient).split('@')[0] ?? ''} ${kind}`);
    expect(kinds).toEqual([
      'ada queued',
      'bounce queued',
      'click queued',
      'ada delivered',
      'bounce bounced',
      'click delivered',
      'click opened',
      'click clicked',
    ]);
  });

  it('include the pixel at the top, if the webhook selects it', async () => {
    const events = ['open', 'initial_open'];
    await call(sandbox, 'POST', '/webhooks', { name: 'Top', target: inbox.url('top'), events });
    inbox.posts.splice(0);
    await adapter.send(plainMessage({ to: [{ email: 'open@recipient.example' }] }), settings());
    await sandbox.settled();
    const batches = inbox.posts.map((post) => adapter.webhooks.parse(post));
    const kinds = batches.map((batch) => batch.map((parsed) => (parsed.ok ? parsed.event.kind : '')));
    expect(kinds).toContainEqual(['unknown', 'opened']);
    await call(sandbox, 'DELETE', `/webhooks/${sandbox.webhooks.at(-1)?.id ?? ''}`);
  });
});

describe('the common interface of sandboxes', () => {
  it('returns its properties, and keeps what it accepted', async () => {
    const sandbox = await startSandbox({ verifiedSenders: ['@sender.example'] });
    expect(sandbox.vendor).toBe('sparkpost');
    const own = { url: sandbox.url ?? '' };
    const { messageId } = await adapterFor(own).send(
      plainMessage({ cc: [{ email: 'cc@recipient.example' }] }),
      settings({ ...sandbox.settings }),
    );
    expect(sandbox.mails).toMatchObject([
      {
        messageId,
        from: 'no-reply@sender.example',
        recipients: ['ada@recipient.example', 'cc@recipient.example'],
        subject: 'Welcome',
      },
    ]);
    sandbox.addForeignWebhook?.('https://elsewhere.example/hook');
    expect(sandbox.webhooks).toMatchObject([{ id: expect.any(String), url: 'https://elsewhere.example/hook' }]);
    await sandbox.settled();
    await sandbox.close();
  });
});
