import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RegistrationTarget } from '@score-crm/adapter-kit';
import { jsonAnswer, type SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf } from '@score-crm/adapter-kit/testing';
import type { MailgunSettings } from '@score-crm/adapter-mailgun';
import { answers, MailgunSandbox, SANDBOX_DOMAINS, SANDBOX_KEYS } from '../sandbox/index.ts';
import { adapterFor, callerOf, settings } from './support.ts';

const TARGET: RegistrationTarget = { url: 'https://crm.example/webhooks/v2/mailgun/0198' };
const MOVED = 'https://new.example/webhooks/v2/mailgun/0198';
const FOREIGN = 'https://other.example/hook';
const TYPES = 'accepted delivered opened clicked unsubscribed complained temporary_fail permanent_fail'.split(' ');
const LIST = `/v3/domains/${SANDBOX_DOMAINS.working}/webhooks`;
const CHANGE = `/v4/domains/${SANDBOX_DOMAINS.working}/webhooks`;

let sandbox: MailgunSandbox;
let registration: ReturnType<typeof adapterFor>['webhooks']['registration'];
let call: ReturnType<typeof callerOf>;

beforeEach(async () => {
  sandbox = await new MailgunSandbox({ paceMs: 1 }).start();
  ({ registration } = adapterFor(sandbox).webhooks);
  call = callerOf(sandbox);
});
afterEach(() => sandbox.close());

/** Acts as the application: registers, and stores the result. */
async function register(target = TARGET, account = settings()): Promise<{ vendorId: string; stored: MailgunSettings }> {
  const { vendorId, settings: made } = await registration.register(target, account);
  return { vendorId, stored: settings(Object.assign({}, account, made)) };
}

/** The URLs of each type that has some. */
async function listed(): Promise<Readonly<Record<string, readonly string[]>>> {
  const { webhooks } = (await call('GET', LIST)).body as { webhooks: Record<string, { urls: string[] } | null> };
  const entries = Object.entries(webhooks).flatMap(([type, entry]) =>
    entry === null ? [] : [[type, entry.urls] as const],
  );
  return Object.fromEntries(entries);
}

/** Sets up a webhook as another program would. */
async function put(method: 'POST' | 'PUT', url: string, types: readonly string[]): Promise<void> {
  const fields = new URLSearchParams({ url });
  for (const type of types) fields.append('event_types', type);
  expect((await call(method, CHANGE, fields)).status).toBe(200);
}

function all(...urls: readonly string[]): object {
  return Object.fromEntries(TYPES.map((type) => [type, urls]));
}

describe('registering', () => {
  it('enables all events for its URL, and returns it as the id, with the account’s signing key', async () => {
    const { vendorId, stored } = await register();
    expect(vendorId).toBe(TARGET.url);
    expect(stored.webhookSigningKey).toBe(sandbox.signer.key);
    expect(await listed()).toEqual(all(TARGET.url));
    expect(await registration.status({ ...TARGET, vendorId }, stored)).toEqual({ state: 'registered' });
  });

  it('follows a changed URL', async () => {
    const { vendorId, stored } = await register();
    const moved = { url: MOVED, vendorId };
    const drift = ['Mailgun posts to a different URL.'];
    expect(await registration.status(moved, stored)).toEqual({ state: 'drifted', drift });
    expect((await register(moved)).vendorId).toBe(MOVED);
    expect(await listed()).toEqual(all(MOVED));
  });

  it('leaves one entry if the new URL was set up manually', async () => {
    const { vendorId, stored } = await register();
    await put('POST', MOVED, TYPES);
    expect(await registration.status({ url: MOVED, vendorId }, stored)).toMatchObject({
      state: 'drifted',
      drift: ['Mailgun also posts to an earlier URL.'],
    });
    await register({ url: MOVED, vendorId });
    expect(await listed()).toEqual(all(MOVED));
  });

  it('does not change one that starts like its URL, or in uppercase', async () => {
    const [longer, upper] = [`${TARGET.url}/more`, TARGET.url.toUpperCase()];
    for (const url of [longer, upper]) await put('POST', url, ['delivered', 'permanent_fail']);
    const before = await listed();
    const { vendorId, stored } = await register();
    const urls = [longer, upper, TARGET.url];
    expect(await listed()).toMatchObject({ delivered: urls, permanent_fail: urls });
    await registration.unregister({ ...TARGET, vendorId }, stored);
    expect(await listed()).toEqual(before);
  });

  it('reports if others have all places of a type of event, and changes nothing', async () => {
    for (const name of ['a', 'b', 'c']) await put('POST', `https://${name}.example/hook`, ['clicked', 'opened']);
    const before = await listed();
    const failure = await failureOf(registration.register(TARGET, settings()));
    const expected = { code: 'quota_exceeded', stage: 'webhook', fault: 'configuration', retryable: false };
    expect(failure).toMatchObject(expected);
    expect(failure.hint).toContain('opened, clicked.');
    expect(await listed()).toEqual(before);
  });

  it('moves even without a free place: the earlier URL makes room', async () => {
    const { vendorId } = await register();
    for (const name of ['a', 'b']) await put('POST', `https://${name}.example/hook`, ['opened']);
    await register({ url: MOVED, vendorId });
    expect((await listed())['opened']).toEqual(['https://a.example/hook', 'https://b.example/hook', MOVED]);
  });

  it('keeps the earlier URL if the new one is rejected', async () => {
    const { vendorId } = await register();
    await failureOf(registration.register({ url: 'ftp://crm.example/hook', vendorId }, settings()));
    expect(await listed()).toEqual(all(TARGET.url));
  });

  it('removes no URL with a comma, which may be treated as several', async () => {
    const { stored } = await register({ url: `${TARGET.url},${FOREIGN}` });
    await put('POST', FOREIGN, ['opened']);
    const failure = await failureOf(registration.unregister({ url: `${TARGET.url},${FOREIGN}` }, stored));
    expect(failure).toMatchObject({ code: 'unsupported', stage: 'webhook' });
    expect((await listed())['opened']).toContain(FOREIGN);
  });
});

describe('the signing key', () => {
  const developer = settings({ apiKey: SANDBOX_KEYS.developer });

  it('that the API key cannot read must have been entered before anything is registered', async () => {
    const failure = await failureOf(registration.register(TARGET, developer));
    expect(failure).toMatchObject({ code: 'permission_denied', stage: 'webhook', pointer: '/webhookSigningKey' });
    expect(sandbox.webhooks).toEqual([]);
    const entered = settings({ apiKey: SANDBOX_KEYS.developer, webhookSigningKey: sandbox.signer.key });
    const { stored } = await register(TARGET, entered);
    expect(stored.webhookSigningKey).toBe(sandbox.signer.key);
    expect(await registration.status(TARGET, stored)).toEqual({ state: 'registered' });
  });

  it('that does not exist is never generated, since it would affect the whole account', async () => {
    sandbox.answerNext(jsonAnswer(200, { webhooks: {} }), answers.noSigningKey);
    expect(await failureOf(registration.register(TARGET, settings()))).toMatchObject({ code: 'permission_denied' });
    expect(sandbox.requests).toBe(2);
  });

  it('that is read replaces the stored one', async () => {
    const { stored } = await register(TARGET, settings({ webhookSigningKey: 'key-of-before' }));
    expect(stored.webhookSigningKey).toBe(sandbox.signer.key);
  });
});

describe('the status', () => {
  it('is “drifted” if fewer events are enabled, and registering fixes it', async () => {
    const { vendorId, stored } = await register();
    const fewer = TYPES.filter((type) => type !== 'opened' && type !== 'complained');
    await put('PUT', TARGET.url, fewer);
    const target = { ...TARGET, vendorId };
    expect(await registration.status(target, stored)).toEqual({
      state: 'drifted',
      drift: ['Mailgun does not report these events: opened, complained.'],
    });
    await register(target);
    expect(await registration.status(target, stored)).toEqual({ state: 'registered' });
  });

  it('is “drifted” with another key than the account’s, or without one', async () => {
    await register();
    const other = await registration.status(TARGET, settings({ webhookSigningKey: 'key-of-before' }));
    expect(other).toEqual({ state: 'drifted', drift: [expect.stringContaining('different key')] });
    const none = await registration.status(TARGET, settings());
    expect(none).toEqual({ state: 'drifted', drift: [expect.stringContaining('signing key is missing')] });
  });
});

describe('a failure', () => {
  it('with a sending key names what such a key lacks', async () => {
    for (const call of ['register', 'status', 'unregister'] as const) {
      const failure = await failureOf(registration[call](TARGET, settings({ apiKey: SANDBOX_KEYS.sending })));
      expect(failure).toMatchObject({ code: 'permission_denied', stage: 'webhook', status: 401, retryable: false });
      expect(failure.hint).toContain('Webhooks: Read/Write');
    }
  });

  it('of a read-only role is reported on writing', async () => {
    const analyst = settings({ apiKey: SANDBOX_KEYS.analyst, webhookSigningKey: sandbox.signer.key });
    expect(await registration.status(TARGET, analyst)).toEqual({ state: 'not_registered' });
    const failure = await failureOf(registration.register(TARGET, analyst));
    expect(failure).toMatchObject({ code: 'permission_denied', stage: 'webhook', status: 403 });
    expect(failure.hint).toContain('Admin or Developer');
  });

  it('of an unknown domain concerns the domain', async () => {
    const failure = await failureOf(registration.status(TARGET, settings({ domain: 'unheard-of.example' })));
    expect(failure).toMatchObject({ code: 'sender_not_verified', stage: 'sender' });
  });

  it.each<[string, SandboxAnswer]>([
    ['no JSON', { status: 200, body: '<html>' }],
    ['a list', jsonAnswer(200, { webhooks: [] })],
    ['Mailgun’s greeting', answers.greeting],
  ])('of a response that is not Mailgun’s is reported: %s', async (_what, answer) => {
    sandbox.addForeignWebhook(FOREIGN);
    sandbox.answerNext(answer);
    const failure = await failureOf(registration.register(TARGET, settings()));
    expect(failure).toMatchObject({ code: 'invalid_response', stage: 'webhook' });
    expect(await listed()).toEqual(all(FOREIGN));
  });

  it('of an entry that disappears in between can be retried', async () => {
    await put('POST', TARGET.url, ['opened']);
    const before = await call('GET', LIST);
    await call('DELETE', `${CHANGE}?url=${encodeURIComponent(TARGET.url)}`);
    sandbox.answerNext(jsonAnswer(200, before.body));
    expect(await failureOf(registration.register(TARGET, settings()))).toMatchObject({ status: 404, retryable: true });
  });
});

describe('the sandbox', () => {
  const fields = (url: string, ...types: readonly string[]): URLSearchParams =>
    new URLSearchParams([['url', url], ...types.map((type) => ['event_types', type] as [string, string])]);

  it('creates a webhook once, updates it completely, and removes several by commas', async () => {
    await put('POST', FOREIGN, ['opened', 'clicked']);
    expect((await call('POST', CHANGE, fields(FOREIGN, 'clicked'))).status).toBe(400);
    await put('PUT', FOREIGN, ['accepted']);
    await put('POST', MOVED, ['accepted']);
    expect(await listed()).toEqual({ accepted: [FOREIGN, MOVED] });
    await call('DELETE', `${CHANGE}?url=${encodeURIComponent(`${FOREIGN},${MOVED}`)}`);
    expect(await listed()).toEqual({});
    expect((await call('PUT', CHANGE, fields(FOREIGN, 'accepted'))).status).toBe(404);
  });

  it.each<[string, string, URLSearchParams | string | undefined, number]>([
    ['POST', CHANGE, fields('ftp://crm.example', 'opened'), 400],
    ['POST', CHANGE, fields(FOREIGN), 400],
    ['POST', CHANGE, fields(FOREIGN, 'failed'), 400],
    ['POST', CHANGE, '{}', 400],
    ['DELETE', CHANGE, undefined, 400],
    ['PATCH', CHANGE, undefined, 404],
    ['PUT', LIST, undefined, 404],
  ])('rejects %s %s', async (method, path, body, status) => {
    expect((await call(method, path, body)).status).toBe(status);
    expect(sandbox.webhooks).toEqual([]);
  });
});
