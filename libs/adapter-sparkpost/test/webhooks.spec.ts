import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RegistrationTarget, WebhookRegistration, WebhookVerdict } from '@score-crm/adapter-kit';
import { failureOf, httpServer, plainMessage, webhookRequest } from '@score-crm/adapter-kit/testing';
import type { SparkpostSettings } from '@score-crm/adapter-sparkpost';
import { callApi, Inbox } from '../../../test/support/vendor-tests.ts';
import { answers, SANDBOX_KEYS, SparkpostSandbox } from '../sandbox/index.ts';
import { adapterFor, settings, WEBHOOK_PASSWORD } from './support.ts';

const EVENTS = 'injection delivery delay bounce out_of_band policy_rejection generation_rejection generation_failure'
  .concat(' spam_complaint open amp_open click amp_click list_unsubscribe link_unsubscribe')
  .split(' ');

describe('authentication', () => {
  const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });
  const own = { webhookToken: 'legacy-token-0123456789' };
  const token = own.webhookToken;
  const wrong = `${token}x`;
  const basic = (password = WEBHOOK_PASSWORD): string =>
    `Basic ${Buffer.from(`score-crm:${password}`).toString('base64')}`;

  it.each<[string, string | undefined, string | undefined, WebhookVerdict]>([
    ['only the token', token, undefined, 'verified'],
    ['only credentials', undefined, basic(), 'verified'],
    ['both', token, basic(), 'verified'],
    ['neither', undefined, undefined, 'missing'],
    ['a wrong token', wrong, basic(), 'invalid'],
    ['wrong credentials', token, basic('x'), 'invalid'],
    ['malformed credentials', token, 'Basic', 'malformed'],
  ])('of a request with %s, for a connection with a token and a password', (_what, header, authorization, verdict) => {
    const request = webhookRequest('', { headers: { 'X-MessageSystems-Webhook-Token': header, authorization } });
    expect(webhooks.authenticate(request, settings(own))).toBe(verdict);
    expect(webhooks.authenticateHead(request, settings(own))).toBe(verdict);
  });

  it('compares only what the connection has', () => {
    const request = webhookRequest('', { headers: { 'X-MessageSystems-Webhook-Token': token } });
    const bare = Object.assign(settings(), { webhookPassword: undefined });
    expect(webhooks.authenticate(request, settings())).toBe('missing');
    expect(webhooks.authenticate(request, Object.assign(settings(own), { webhookPassword: '' }))).toBe('verified');
    expect(webhooks.authenticate(request, bare)).toBe('not_configured');
  });
});

describe('the setup instructions', () => {
  it('name the console of the region, and say what to do without a password', () => {
    const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });
    const steps = webhooks.setupInstructions('https://crm.example/', settings({ region: 'eu' }));
    expect(steps.flatMap(({ value }) => value ?? [])).toEqual(['https://crm.example/', 'score-crm', WEBHOOK_PASSWORD]);
    expect(steps[0]?.text).toContain('app.eu.sparkpost.com');
    const bare = Object.assign(settings(), { webhookPassword: undefined });
    expect(JSON.stringify(webhooks.setupInstructions('https://crm.example/', bare))).toContain(
      'Set a webhook password',
    );
  });
});

describe('the deduplication key', () => {
  const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });
  const event = { type: 'delivery', event_id: '7', timestamp: '1755444161', rcpt_to: 'a@b.example' };

  function keysOf(msys: object): unknown[] {
    const parsed = webhooks.parse(webhookRequest(JSON.stringify([{ msys }])));
    return parsed.map((one) => (one.ok ? one.deduplicationKey : undefined));
  }

  it('is the type and the vendor’s id, whatever else the item contains', () => {
    expect(keysOf({ message_event: event })).toEqual([['delivery', '7']]);
    expect(keysOf({ other_class: { ...event, timestamp: '1755444999', subject: 'x' } })).toEqual([['delivery', '7']]);
    const other = { ...event, type: 'open' };
    expect(keysOf({ b: other, a: event })).toEqual(keysOf({ a: event, b: other }));
  });

  it('is the content if there is no id', () => {
    const { event_id: _id, ...bare } = event;
    const [key] = keysOf({ message_event: bare });
    expect(keysOf({ message_event: Object.fromEntries(Object.entries(bare).toReversed()) })).toEqual([key]);
    expect(keysOf({ message_event: { ...bare, rcpt_to: 'c@b.example' } })).not.toEqual([key]);
  });
});

describe('registration', () => {
  let sandbox: SparkpostSandbox;
  let inbox: Inbox;
  let registration: WebhookRegistration<SparkpostSettings>;
  let target: RegistrationTarget;

  beforeEach(async () => {
    sandbox = await SparkpostSandbox.start({ paceMs: 1 });
    inbox = await Inbox.open();
    ({ registration } = adapterFor(sandbox).webhooks);
    target = { url: inbox.url() };
  });
  afterEach(async () => {
    await sandbox.close();
    await inbox.close();
  });

  /** Calls the vendor's API as another client would. */
  async function change(id: string, body: object): Promise<void> {
    const path = `${sandbox.url}/api/v1/webhooks/${id}`;
    expect((await callApi(path, 'PUT', body, { authorization: SANDBOX_KEYS.working })).status).toBe(200);
  }

  it('creates an entry with the events, the login and a name that fits into the console', async () => {
    const { vendorId } = await registration.register(target, settings());
    const json = {
      name: 'Score CRM 000000000001',
      target: target.url,
      events: EVENTS,
      active: true,
      auth_type: 'basic',
      auth_credentials: { username: 'score-crm', password: WEBHOOK_PASSWORD },
    };
    expect(sandbox.webhooks).toMatchObject([{ id: vendorId, url: target.url, json }]);
    expect(inbox.posts.map(({ body }) => body.toString())).toEqual(['[{"msys":{}}]']);
  });

  it('finds its entry by exactly its URL, and keeps the one it registered', async () => {
    const similar = [`${target.url}/`, `${target.url}?a=b`, target.url.slice(0, -1), target.url.toUpperCase()];
    for (const url of similar) sandbox.addForeignWebhook(url);
    const before = sandbox.webhooks.map(({ url }) => url);
    const { vendorId } = await registration.register(target, settings());
    sandbox.addForeignWebhook(target.url);
    expect(await registration.register({ ...target, vendorId }, settings())).toEqual({ vendorId });
    expect(sandbox.webhooks.map(({ url }) => url)).toEqual([...before, target.url]);
    await registration.unregister(target, settings());
    expect(sandbox.webhooks.map(({ url }) => url)).toEqual(before);
  });

  it.each([503, 204])('needs a URL that responds with 200, not %i', async (status) => {
    inbox.status = status;
    const failure = await failureOf(registration.register(target, settings()));
    const expected = { code: 'webhook_unreachable', stage: 'webhook', fault: 'configuration', status: 400 };
    expect(failure).toMatchObject(expected);
    expect(failure.hint).toContain(`the status ${String(status)}`);
    expect(sandbox.webhooks).toEqual([]);
  });

  it('needs a URL that responds, and that SparkPost posts to', async () => {
    const closed = { url: 'http://127.0.0.1:1/hook' };
    const unreachable = await failureOf(registration.register(closed, settings()));
    expect(unreachable).toMatchObject({ code: 'webhook_unreachable', hint: expect.stringContaining('no response') });
    const failure = await failureOf(registration.register({ url: 'http://crm.example/hook' }, settings()));
    const hint = 'SparkPost rejected the webhook. Read its reply.';
    expect(failure).toMatchObject({ code: 'invalid_request', stage: 'webhook', fault: 'configuration', hint });
    expect(failure).not.toHaveProperty('pointer');
  });

  it('needs a password, since nothing else would authenticate the requests', async () => {
    const bare = Object.assign(settings(), { webhookPassword: undefined });
    const failure = await failureOf(registration.register(target, bare));
    expect(failure).toMatchObject({ code: 'invalid_request', stage: 'webhook', pointer: '/webhookPassword' });
    expect(sandbox.webhooks).toEqual([]);
    await registration.register(target, settings());
    expect(await registration.status(target, bare)).toMatchObject({ state: 'drifted' });
  });

  const LOGIN = 'SparkPost does not use this connection’s webhook username and password.';

  it.each<[string, object, string]>([
    ['the URL', { target: 'ELSEWHERE' }, 'SparkPost posts to a different URL.'],
    ['the active state', { active: false }, 'The webhook is disabled at SparkPost.'],
    ['the events', { events: EVENTS.slice(2) }, 'SparkPost does not report these events: injection, delivery.'],
    ['the authentication', { auth_type: 'none' }, LOGIN],
    ['the user', { auth_credentials: { username: 'x', password: WEBHOOK_PASSWORD } }, LOGIN],
    ['the password', { auth_credentials: { username: 'score-crm', password: 'changed' } }, LOGIN],
  ])('reports drift of %s, and mends it', async (_what, body, words) => {
    const { vendorId } = await registration.register(target, settings());
    await change(vendorId, JSON.parse(JSON.stringify(body).replace('ELSEWHERE', inbox.url('elsewhere'))) as object);
    const own = { ...target, vendorId };
    expect(await registration.status(own, settings())).toMatchObject({ state: 'drifted', drift: [words] });
    expect(await registration.register(own, settings())).toEqual({ vendorId });
    expect(await registration.status(own, settings())).toMatchObject({ state: 'registered' });
  });

  it('accepts additional events, or another name', async () => {
    const { vendorId } = await registration.register(target, settings());
    await change(vendorId, { name: 'Ours', events: [...EVENTS, 'initial_open', 'relay_delivery'].toReversed() });
    expect(await registration.status(target, settings())).toMatchObject({ state: 'registered' });
  });

  it('reports when SparkPost last posted, and its test makes it post', async () => {
    await registration.register(target, settings());
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/);
    expect(await registration.status(target, settings())).toEqual({ state: 'registered', lastDeliveredAt: time });
    await registration.test?.(target, settings());
    expect(inbox.posts).toHaveLength(2);
    inbox.status = 401;
    const failure = await failureOf(registration.test?.(target, settings()) ?? Promise.resolve());
    expect(failure).toMatchObject({ code: 'webhook_unreachable', hint: expect.stringContaining('401') });
    expect(await registration.status(target, settings())).toMatchObject({ lastFailedAt: time });
  });

  it('reads entries of any shape', async () => {
    const odd = [null, 5, 'x', {}, { id: 5 }, { id: '' }, { id: '..', target: target.url }];
    sandbox.answerNext(answers.results([...odd, { id: 'a', target: 5, events: 'x', auth_credentials: null }]));
    expect(await registration.status(target, settings())).toEqual({ state: 'not_registered' });
    sandbox.answerNext(answers.results([{ id: 'a', target: target.url, last_successful: 'never', last_failure: 5 }]));
    const missing = `SparkPost does not report these events: ${EVENTS.join(', ')}.`;
    expect(await registration.status(target, settings())).toEqual({ state: 'drifted', drift: [missing, LOGIN] });
  });

  it('returns the batches that SparkPost had to repeat, from its log', async () => {
    await registration.register(target, settings());
    const send = () => adapterFor(sandbox).send(plainMessage(), settings());
    inbox.nextStatuses.push(503);
    await send();
    await sandbox.settled();
    inbox.status = 401;
    await send();
    await sandbox.settled();
    const log = (await registration.log?.(target, settings())) ?? [];
    const common = { at: expect.stringMatching(/Z$/), durationMs: expect.any(Number) };
    const id = expect.stringMatching(/^[\da-f]{32}$/);
    // The newest one first. The first batch was repeated once, the others of its message were not.
    expect(log[0]).toEqual({ ...common, delivered: false, status: 401, attempts: expect.any(Number), requestId: id });
    expect(log.at(-1)).toEqual({ ...common, delivered: true, status: 200, attempts: 2, requestId: id });
    expect(log.filter(({ delivered }) => delivered)).toHaveLength(1);
  });

  it('reads a log of any shape, and asks for it as documented', async () => {
    const { vendorId } = await registration.register(target, settings());
    const paths: string[] = [];
    const at = '2026-07-30T21:38:08.000Z';
    const documented = {
      batch_id: '13c6',
      ts: at,
      attempts: 2,
      failure_code: '400',
      response_code: '400',
      latency: 210,
    };
    const odd = [null, 5, {}, { ts: 'soon' }, { ts: at, attempts: 'x', response_code: null, latency: -1 }];
    const entries = sandbox.webhooks.map(({ id, url }) => ({ id, target: url }));
    const vendor = await httpServer(({ url = '' }, response) => {
      paths.push(url);
      const results = url.includes('/batch-status') ? [...odd, documented] : entries;
      response.end(JSON.stringify({ results }));
    });
    const log = await adapterFor(vendor).webhooks.registration.log?.({ ...target, vendorId }, settings());
    await vendor.close();
    expect(paths.at(-1)).toBe(`/api/v1/webhooks/${vendorId}/batch-status?limit=100`);
    expect(log).toEqual([
      { at, delivered: false },
      { at, delivered: false, status: 400, attempts: 2, durationMs: 210, requestId: '13c6' },
    ]);
  });

  it('without its permission names it', async () => {
    const failure = await failureOf(registration.status(target, settings({ apiKey: SANDBOX_KEYS.onlyTransmissions })));
    expect(failure).toMatchObject({ code: 'permission_denied', stage: 'webhook', fault: 'configuration' });
    expect(failure.hint).toContain('“Event Webhooks: Read/Write”');
  });

  it('keeps ids within one segment of the path', async () => {
    const paths: string[] = [];
    const vendor = await httpServer(({ method = '', url = '' }, response) => {
      paths.push(`${method} ${url}`);
      response.end(JSON.stringify({ results: [{ id: '../account?x=#/é', target: target.url }] }));
    });
    await adapterFor(vendor).webhooks.registration.unregister(target, settings());
    await vendor.close();
    expect(paths.at(-1)).toBe('DELETE /api/v1/webhooks/..%2Faccount%3Fx%3D%23%2F%C3%A9');
  });
});
