import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Registered, RegistrationTarget, WebhookRequest } from '@score-crm/adapter-kit';
import { type SandboxAnswer, jsonAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf, httpServer, plainMessage } from '@score-crm/adapter-kit/testing';
import type { SendgridSettings } from '@score-crm/adapter-sendgrid';
import { answers, SANDBOX_KEYS, SendgridSandbox, WebhookSigner } from '../sandbox/index.ts';
import { adapterFor, settings, settingsApi } from './support.ts';

const TARGET: RegistrationTarget = { url: 'https://crm.example/webhooks/v2/sendgrid/0198' };
const FOREIGN = 'https://other.example/hook';
const FLAGS = {
  enabled: true,
  processed: true,
  dropped: true,
  deferred: true,
  bounce: true,
  delivered: true,
  open: true,
  click: true,
  unsubscribe: true,
  spam_report: true,
  group_unsubscribe: true,
  group_resubscribe: true,
};
const ALL_SCOPES = [
  'user.webhooks.event.settings.create',
  'user.webhooks.event.settings.read',
  'user.webhooks.event.settings.update',
  'user.webhooks.event.settings.delete',
  'user.webhooks.event.test.create',
];

let sandbox: SendgridSandbox;
let registration: ReturnType<typeof adapterFor>['webhooks']['registration'];
let api: ReturnType<typeof settingsApi>;

beforeEach(async () => {
  sandbox = await SendgridSandbox.start({ paceMs: 1 });
  ({ registration } = adapterFor(sandbox).webhooks);
  api = settingsApi(sandbox);
});
afterEach(() => sandbox.close());

/** Acts as the application: registers, and stores the result. */
async function register(target = TARGET): Promise<{ vendorId: string; stored: SendgridSettings }> {
  const { vendorId, settings: made }: Registered<SendgridSettings> = await registration.register(target, settings());
  return { vendorId, stored: settings(made) };
}

describe('registering', () => {
  it('creates one entry for all events, signed, and returns its id and key', async () => {
    const { vendorId, stored } = await register();
    const [entry, ...others] = await api.list();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ ...FLAGS, ...TARGET, id: vendorId, friendly_name: 'Score CRM' });
    expect(stored.webhookSigningKey).toBe(entry?.['public_key']);
    expect(await registration.status({ ...TARGET, vendorId }, stored)).toEqual({ state: 'registered' });
  });

  it('twice leaves one entry with the same key', async () => {
    const first = await register();
    expect(await register()).toEqual(first);
    expect(await register({ ...TARGET, vendorId: first.vendorId })).toEqual(first);
    expect(sandbox.webhooks).toEqual([{ ...TARGET, id: first.vendorId }]);
  });

  it("updates an entry with exactly its URL, and keeps the entry's name", async () => {
    const id = await api.create({ ...TARGET, friendly_name: 'By hand', delivered: true });
    const { vendorId, stored } = await register();
    expect(vendorId).toBe(id);
    expect(await api.list()).toMatchObject([
      { ...FLAGS, id, friendly_name: 'By hand', public_key: stored.webhookSigningKey },
    ]);
  });

  it('keeps an existing key: a new one would invalidate the events in transit', async () => {
    const id = await api.create(TARGET);
    const key = await api.sign(id, true);
    expect((await register()).stored.webhookSigningKey).toBe(key);
  });

  it('follows a changed URL', async () => {
    const { vendorId, stored } = await register();
    const moved = { url: 'https://new.example/webhooks/v2/sendgrid/0198', vendorId };
    expect(await registration.status(moved, stored)).toEqual({
      state: 'drifted',
      drift: ['SendGrid posts to a different URL.'],
    });
    expect((await register(moved)).vendorId).toBe(vendorId);
    expect(sandbox.webhooks).toEqual([{ id: vendorId, url: moved.url }]);
  });

  it('leaves one entry if the new URL was set up manually', async () => {
    const { vendorId } = await register();
    const url = 'https://new.example/webhooks/v2/sendgrid/0198';
    const id = await api.create({ url });
    expect((await register({ url, vendorId })).vendorId).toBe(id);
    expect(sandbox.webhooks).toEqual([{ id, url }]);
  });

  it.each([
    ['another', FOREIGN],
    ['one that starts like its URL', `${TARGET.url}/more`],
    ['one that is a prefix of its URL', TARGET.url.slice(0, -1)],
    ['one in uppercase', TARGET.url.toUpperCase()],
  ])('does not change %s', async (_what, url) => {
    sandbox.addForeignWebhook(url);
    const before = await api.list();
    const { vendorId, stored } = await register();
    await registration.test({ ...TARGET, vendorId }, stored);
    expect((await api.list()).slice(0, 1)).toEqual(before);
    await registration.unregister({ ...TARGET, vendorId }, stored);
    expect(await api.list()).toEqual(before);
  });

  it('adopts an entry that was created after the list was read', async () => {
    const id = await api.create({ ...TARGET, enabled: false });
    sandbox.answerNext(jsonAnswer(200, { max_allowed: 5, webhooks: [{}] }));
    const { vendorId, stored } = await register();
    expect(vendorId).toBe(id);
    expect(await registration.status({ ...TARGET, vendorId }, stored)).toEqual({ state: 'registered' });
  });

  it('stops at another’s entry that the vendor treats as the same', async () => {
    sandbox.addForeignWebhook(FOREIGN);
    const before = await api.list();
    const [other] = sandbox.webhooks as [{ id: string; url: string }];
    sandbox.answerNext(jsonAnswer(200, { webhooks: [{}] }), answers.duplicateWebhook(other));
    const failure = await failureOf(registration.register(TARGET, settings()));
    expect(failure).toMatchObject({ code: 'webhook_conflict', stage: 'webhook', retryable: false });
    expect(failure.hint).toContain(FOREIGN);
    expect(await api.list()).toEqual(before);
  });

  it('reports if the plan allows no more', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) sandbox.addForeignWebhook(`https://${name}.example/hook`);
    const before = await api.list();
    expect(await failureOf(registration.register(TARGET, settings()))).toMatchObject({
      code: 'quota_exceeded',
      stage: 'webhook',
      fault: 'configuration',
      retryable: false,
    });
    expect(await api.list()).toEqual(before);
  });

  it('reports if the plan allows no change', async () => {
    await api.create(TARGET);
    sandbox.answerNext(
      jsonAnswer(200, { webhooks: await api.list() }),
      answers.invalid([{ message: 'This webhook cannot be modified based on your current billing plan.' }]),
    );
    expect(await failureOf(registration.register(TARGET, settings()))).toMatchObject({
      code: 'quota_exceeded',
      stage: 'webhook',
    });
  });

  it('removes an entry that it could not sign', async () => {
    const failure = await failureOf(registration.register(TARGET, settings({ apiKey: SANDBOX_KEYS.noWebhookUpdate })));
    expect(failure.hint).toContain('user.webhooks.event.settings.update.');
    expect(sandbox.webhooks).toEqual([]);
  });

  it('reports a URL that SendGrid rejects', async () => {
    const failure = await failureOf(registration.register({ url: 'ftp://crm.example/hook' }, settings()));
    expect(failure).toMatchObject({ code: 'invalid_request', stage: 'webhook', retryable: false });
    expect(failure.hint).toContain('HTTPS');
  });
});

describe('the status', () => {
  const missing = { state: 'not_registered' };

  it('is “not registered” without its entry', async () => {
    expect(await registration.status(TARGET, settings())).toEqual(missing);
    sandbox.addForeignWebhook(FOREIGN);
    expect(await registration.status({ ...TARGET, vendorId: 'gone' }, settings())).toEqual(missing);
  });

  it.each<[string, (id: string) => Promise<unknown>, string]>([
    ['disabled', (id) => api.update(id, { ...FLAGS, ...TARGET, enabled: false }), 'disabled at SendGrid'],
    [
      'enabled for fewer events',
      (id) => api.update(id, { ...FLAGS, ...TARGET, open: false, spam_report: false }),
      'does not report these events: open, spam_report.',
    ],
    ['no longer signed', (id) => api.sign(id, false), 'Signed Event Webhook is disabled'],
    [
      'signed with a new key',
      async (id) => [await api.sign(id, false), await api.sign(id, true)],
      'different key than the stored one',
    ],
  ])('is “drifted” if it was %s, and registering fixes it', async (_what, change, sentence) => {
    const { vendorId, stored } = await register();
    const target = { ...TARGET, vendorId };
    await change(vendorId);
    const status = await registration.status(target, stored);
    expect(status).toEqual({ state: 'drifted', drift: [expect.stringContaining(sentence)] });
    const { settings: made } = await registration.register(target, stored);
    expect(await registration.status(target, settings(made))).toEqual({ state: 'registered' });
  });

  it('is “drifted” without a stored key, and accepts the stored one in PEM armor', async () => {
    const { stored } = await register();
    expect(await registration.status(TARGET, settings())).toMatchObject({ state: 'drifted' });
    const { publicKey } = new WebhookSigner();
    expect(await registration.status(TARGET, settings({ webhookSigningKey: publicKey }))).toMatchObject({
      state: 'drifted',
    });
    const armoured = `-----BEGIN PUBLIC KEY----- ${stored.webhookSigningKey} -----END PUBLIC KEY-----`;
    expect(await registration.status(TARGET, settings({ webhookSigningKey: armoured }))).toEqual({
      state: 'registered',
    });
  });
});

describe('unregistering', () => {
  it('removes its entry, by its URL or its id, and succeeds if it is missing', async () => {
    const { vendorId, stored } = await register();
    await registration.unregister(TARGET, stored);
    expect(sandbox.webhooks).toEqual([]);
    await registration.unregister({ ...TARGET, vendorId }, stored);
    const again = await register();
    await registration.unregister({ url: 'https://new.example/hook', vendorId: again.vendorId }, stored);
    expect(sandbox.webhooks).toEqual([]);
  });

  it('succeeds if the entry disappears in between', async () => {
    const { stored } = await register();
    const listed = await api.list();
    await registration.unregister(TARGET, stored);
    sandbox.answerNext(jsonAnswer(200, { webhooks: listed }));
    await registration.unregister(TARGET, stored);
  });
});

describe('a test', () => {
  it('is posted to its webhook and signed with its key', async () => {
    const posts: WebhookRequest[] = [];
    const hook = await httpServer((request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        posts.push({ headers: request.headers, query: {}, body: Buffer.concat(chunks) });
        response.writeHead(200).end();
      });
    });
    const { stored } = await register({ url: hook.url });
    await registration.test({ url: hook.url }, stored);
    await sandbox.settled();
    const { webhooks } = adapterFor(sandbox);
    const [post, ...others] = posts as [WebhookRequest];
    expect(others).toEqual([]);
    expect(webhooks.authenticate(post, stored)).toBe('verified');
    expect(webhooks.parse(post)).toHaveLength(11);
    await hook.close();
  });

  it('needs an entry', async () => {
    expect(await failureOf(registration.test(TARGET, settings()))).toMatchObject({ code: 'invalid_request' });
  });
});

describe('a failure', () => {
  const calls = [
    ['register', (account: SendgridSettings) => registration.register(TARGET, account)],
    ['status', (account: SendgridSettings) => registration.status(TARGET, account)],
    ['unregister', (account: SendgridSettings) => registration.unregister(TARGET, account)],
    ['test', (account: SendgridSettings) => registration.test(TARGET, account)],
  ] as const;

  it.each(calls)('of %s names the scopes that the key lacks', async (_name, call) => {
    const failing = settings({ apiKey: SANDBOX_KEYS.noWebhookScope });
    const failure = await failureOf(call(failing));
    expect(failure).toMatchObject({ code: 'permission_denied', stage: 'webhook', status: 403, retryable: false });
    for (const scope of ALL_SCOPES) expect(failure.hint).toContain(scope);
  });

  it('names only the missing scopes, all of them if they cannot be read, and something else if none is missing', async () => {
    const hintTo = async (scopes: SandboxAnswer): Promise<string> => {
      sandbox.answerNext(answers.noScope, scopes);
      return (await failureOf(registration.status(TARGET, settings()))).hint;
    };
    const some = await hintTo(jsonAnswer(200, { scopes: ALL_SCOPES.slice(1) }));
    expect(ALL_SCOPES.filter((scope) => some.includes(scope))).toEqual(ALL_SCOPES.slice(0, 1));
    expect(ALL_SCOPES.every((scope) => some.includes(scope))).toBe(false);
    const unread = await hintTo(answers.serverError);
    expect(ALL_SCOPES.every((scope) => unread.includes(scope))).toBe(true);
    expect(await hintTo(jsonAnswer(200, { scopes: ALL_SCOPES }))).toContain('IP access management');
  });

  it.each<[string, string, string]>([
    ['SG.wrong', 'authentication_failed', 'authenticate'],
    [SANDBOX_KEYS.rateLimited, 'rate_limited', 'webhook'],
    [SANDBOX_KEYS.serverError, 'temporarily_unavailable', 'webhook'],
    [SANDBOX_KEYS.notJson, 'temporarily_unavailable', 'webhook'],
  ])('with the key %s is %s', async (apiKey, code, stage) => {
    for (const [, call] of calls) {
      expect(await failureOf(call(settings({ apiKey })))).toMatchObject({ code, stage });
    }
  });

  it.each<[string, SandboxAnswer[]]>([
    ['no JSON', [{ status: 200, body: '<html>' }]],
    ['null', [jsonAnswer(200, null)]],
    ['no list', [jsonAnswer(200, { webhooks: {} })]],
    ['an entry without an id', [jsonAnswer(200, { webhooks: [] }), jsonAnswer(201, {})]],
    ['an id that is a path', [jsonAnswer(200, { webhooks: [] }), jsonAnswer(201, { id: '../settings' })]],
    ['an invalid key', [jsonAnswer(200, { webhooks: [] }), jsonAnswer(201, { id: 'a' }), jsonAnswer(200, {})]],
  ])('of a response that is not SendGrid’s is reported: %s', async (_what, planned) => {
    sandbox.addForeignWebhook(FOREIGN);
    const before = await api.list();
    sandbox.answerNext(...planned);
    expect(await failureOf(registration.register(TARGET, settings()))).toMatchObject({
      code: 'invalid_response',
      stage: 'webhook',
    });
    expect(await api.list()).toEqual(before);
  });

  it('ends with its signal', async () => {
    const hanging = settings({ apiKey: SANDBOX_KEYS.hanging });
    const options = { signal: AbortSignal.timeout(100) };
    expect(await failureOf(registration.register(TARGET, hanging, options))).toMatchObject({
      code: 'timeout',
      stage: 'webhook',
    });
  });

  it('of a message keeps its text', async () => {
    const failing = settings({ apiKey: SANDBOX_KEYS.noMailScope });
    expect((await failureOf(adapterFor(sandbox).send(plainMessage(), failing))).hint).toContain('Mail Send');
  });
});
