import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Registered, RegistrationTarget } from '@score-crm/adapter-kit';
import { jsonAnswer, type SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf } from '@score-crm/adapter-kit/testing';
import type { SendgridSettings } from '@score-crm/adapter-sendgrid';
import { answers, SANDBOX_KEYS, SendgridSandbox, WebhookSigner } from '../sandbox/index.ts';
import { adapterFor, settings, settingsApi } from './support.ts';

const TARGET: RegistrationTarget = { url: 'https://crm.example/webhooks/v2/sendgrid/0198' };
const FOREIGN = 'https://other.example/hook';
const FLAGS = Object.fromEntries(
  ['enabled', 'processed', 'dropped', 'deferred', 'bounce', 'delivered', 'open', 'click', 'unsubscribe', 'spam_report']
    .concat(['group_unsubscribe', 'group_resubscribe'])
    .map((flag) => [flag, true]),
);
const SCOPES = ['create', 'read', 'update', 'delete'].map((verb) => `user.webhooks.event.settings.${verb}`);
const ALL_SCOPES = [...SCOPES, 'user.webhooks.event.test.create'];

let sandbox: SendgridSandbox;
let registration: ReturnType<typeof adapterFor>['webhooks']['registration'];
let api: ReturnType<typeof settingsApi>;

beforeEach(async () => {
  sandbox = await new SendgridSandbox({ paceMs: 1 }).start();
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
    const entry = { ...FLAGS, ...TARGET, id: vendorId, friendly_name: 'Score CRM' };
    expect(await api.list()).toMatchObject([{ ...entry, public_key: stored.webhookSigningKey }]);
  });

  it('updates an entry with exactly its URL, and keeps its name and its key', async () => {
    const id = await api.create({ ...TARGET, friendly_name: 'By hand', delivered: true });
    // A new key would invalidate the events in transit.
    const key = await api.sign(id, true);
    expect(await register()).toMatchObject({ vendorId: id, stored: { webhookSigningKey: key } });
    expect(await api.list()).toMatchObject([{ ...FLAGS, id, friendly_name: 'By hand', public_key: key }]);
  });

  it('follows a changed URL, and leaves one entry if the new URL was set up manually', async () => {
    const { vendorId, stored } = await register();
    const moved = { url: 'https://new.example/webhooks/v2/sendgrid/0198', vendorId };
    const drift = ['SendGrid posts to a different URL.'];
    expect(await registration.status(moved, stored)).toEqual({ state: 'drifted', drift });
    const id = await api.create({ url: moved.url });
    expect((await register(moved)).vendorId).toBe(id);
    expect(await api.list()).toMatchObject([{ id, url: moved.url }]);
  });

  it('does not change one that starts like its URL, or in uppercase', async () => {
    for (const url of [`${TARGET.url}/more`, TARGET.url.toUpperCase()]) sandbox.addForeignWebhook(url);
    const before = await api.list();
    const { vendorId, stored } = await register();
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
    const [other] = sandbox.webhooks;
    sandbox.answerNext(jsonAnswer(200, { webhooks: [{}] }), answers.duplicateWebhook({ id: '1', url: FOREIGN }));
    const failure = await failureOf(registration.register(TARGET, settings()));
    expect(failure).toMatchObject({ code: 'webhook_conflict', stage: 'webhook', retryable: false });
    expect(failure.hint).toContain(FOREIGN);
    expect(sandbox.webhooks).toEqual([other]);
  });

  it('reports what the plan does not allow', async () => {
    const expected = { code: 'quota_exceeded', stage: 'webhook', fault: 'configuration', retryable: false };
    for (const name of ['a', 'b', 'c', 'd', 'e']) sandbox.addForeignWebhook(`https://${name}.example/hook`);
    expect(await failureOf(registration.register(TARGET, settings()))).toMatchObject(expected);
    sandbox.answerNext(
      jsonAnswer(200, { webhooks: [{ ...TARGET, id: 'a' }] }),
      answers.invalid([{ message: 'This webhook cannot be modified based on your current billing plan.' }]),
    );
    expect(await failureOf(registration.register(TARGET, settings()))).toMatchObject(expected);
    expect(sandbox.webhooks).toHaveLength(5);
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

  it.each<[string, SandboxAnswer[]]>([
    ['no JSON', [{ status: 200, body: '<html>' }]],
    ['no list', [jsonAnswer(200, { webhooks: {} })]],
    ['an entry without an id', [jsonAnswer(200, { webhooks: [] }), jsonAnswer(201, {})]],
    ['an id that is a path', [jsonAnswer(200, { webhooks: [] }), jsonAnswer(201, { id: '../settings' })]],
    ['an invalid key', [jsonAnswer(200, { webhooks: [] }), jsonAnswer(201, { id: 'a' }), jsonAnswer(200, {})]],
  ])('reports a response that is not SendGrid’s: %s', async (_what, planned) => {
    sandbox.answerNext(...planned);
    const failure = await failureOf(registration.register(TARGET, settings()));
    expect(failure).toMatchObject({ code: 'invalid_response', stage: 'webhook' });
    expect(sandbox.webhooks).toEqual([]);
  });
});

describe('the status', () => {
  const signAgain = async (id: string) => [await api.sign(id, false), await api.sign(id, true)];

  it.each<[string, (id: string) => Promise<unknown>, string]>([
    ['disabled', (id) => api.update(id, { ...FLAGS, ...TARGET, enabled: false }), 'disabled at SendGrid'],
    ['enabled for fewer events', (id) => api.update(id, { ...FLAGS, ...TARGET, open: false }), 'these events: open.'],
    ['no longer signed', (id) => api.sign(id, false), 'Signed Event Webhook is disabled'],
    ['signed with a new key', signAgain, 'different key than the stored one'],
  ])('is “drifted” if it was %s, and registering fixes it', async (_what, change, sentence) => {
    const { vendorId, stored } = await register();
    const target = { ...TARGET, vendorId };
    await change(vendorId);
    const drift = [expect.stringContaining(sentence)];
    expect(await registration.status(target, stored)).toEqual({ state: 'drifted', drift });
    const { settings: made } = await registration.register(target, stored);
    expect(await registration.status(target, settings(made))).toEqual({ state: 'registered' });
  });

  it('accepts the stored key in PEM armor, and no other', async () => {
    const { stored } = await register();
    const armored = `-----BEGIN PUBLIC KEY----- ${stored.webhookSigningKey} -----END PUBLIC KEY-----`;
    const states = [{}, { webhookSigningKey: new WebhookSigner().publicKey }, { webhookSigningKey: armored }].map(
      async (key) => (await registration.status(TARGET, settings(key))).state,
    );
    expect(await Promise.all(states)).toEqual(['drifted', 'drifted', 'registered']);
  });
});

describe('unregistering', () => {
  it('succeeds if the entry disappears in between', async () => {
    const { stored } = await register();
    const listed = await api.list();
    await registration.unregister(TARGET, stored);
    sandbox.answerNext(jsonAnswer(200, { webhooks: listed }));
    await registration.unregister(TARGET, stored);
  });
});

describe('a missing permission', () => {
  it('is reported with the scopes that the key lacks', async () => {
    const account = settings({ apiKey: SANDBOX_KEYS.noWebhookScope });
    for (const call of ['register', 'status', 'unregister', 'test'] as const) {
      const failure = await failureOf(Promise.resolve(registration[call]?.(TARGET, account)));
      expect(failure).toMatchObject({ code: 'permission_denied', stage: 'webhook', status: 403, retryable: false });
      for (const scope of ALL_SCOPES) expect(failure.hint).toContain(scope);
    }
  });

  it('is reported with the missing scopes only, all if they cannot be read, and otherwise without', async () => {
    const hintTo = async (scopes: SandboxAnswer): Promise<string> => {
      sandbox.answerNext(answers.noScope, scopes);
      return (await failureOf(registration.status(TARGET, settings()))).hint;
    };
    const named = (hint: string): readonly string[] => ALL_SCOPES.filter((scope) => hint.includes(scope));
    expect(named(await hintTo(jsonAnswer(200, { scopes: ALL_SCOPES.slice(1) })))).toEqual(ALL_SCOPES.slice(0, 1));
    expect(named(await hintTo(answers.serverError))).toEqual(ALL_SCOPES);
    expect(await hintTo(jsonAnswer(200, { scopes: ALL_SCOPES }))).toContain('IP access management');
  });
});
