import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RegistrationTarget, WebhookRegistration } from '@score-crm/adapter-kit';
import { errorOf, failureOf, httpServer } from '@score-crm/adapter-kit/testing';
import type { SparkpostSettings } from '@score-crm/adapter-sparkpost';
import { answers, SANDBOX_KEYS, SparkpostSandbox } from '../sandbox/index.ts';
import { adapterFor, Inbox, settings, WEBHOOK_PASSWORD } from './support.ts';

const EVENTS = [
  'injection',
  'delivery',
  'delay',
  'bounce',
  'out_of_band',
  'policy_rejection',
  'generation_rejection',
  'generation_failure',
  'spam_complaint',
  'open',
  'amp_open',
  'click',
  'amp_click',
  'list_unsubscribe',
  'link_unsubscribe',
];

let sandbox: SparkpostSandbox;
let inbox: Inbox;
let registration: WebhookRegistration<SparkpostSettings>;
let webhooks: ReturnType<typeof adapterFor>['webhooks'];
let target: RegistrationTarget;

beforeEach(async () => {
  sandbox = await SparkpostSandbox.start({ paceMs: 1 });
  inbox = await Inbox.open();
  ({ webhooks } = adapterFor(sandbox));
  registration = webhooks.registration;
  target = { url: inbox.url() };
});
afterEach(async () => {
  await sandbox.close();
  await inbox.close();
});

/** Calls the vendor's API as another client would. */
async function change(id: string, body: object): Promise<void> {
  const response = await fetch(`${sandbox.url}/api/v1/webhooks/${id}`, {
    method: 'PUT',
    headers: { authorization: SANDBOX_KEYS.working, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}

describe('registering', () => {
  it('creates an entry with the events, the login and a name that fits into the console', async () => {
    const registered = await registration.register(target, settings());
    expect(sandbox.webhooks).toMatchObject([
      {
        id: registered.vendorId,
        url: target.url,
        json: {
          name: 'Score CRM 000000000001',
          target: target.url,
          events: EVENTS,
          active: true,
          auth_type: 'basic',
          auth_credentials: { username: 'score-crm', password: WEBHOOK_PASSWORD },
        },
      },
    ]);
  });

  it('receives its test, authenticated and without an event, before it returns', async () => {
    await registration.register(target, settings());
    const [ping, ...more] = inbox.posts;
    expect(more).toEqual([]);
    expect(ping?.body.toString()).toBe('[{"msys":{}}]');
    expect(ping && webhooks.authenticate(ping, settings())).toBe('verified');
    expect(ping && webhooks.parse(ping)).toEqual([]);
  });

  it('twice leaves one entry', async () => {
    const first = await registration.register(target, settings());
    const again = await registration.register({ ...target, vendorId: first.vendorId }, settings());
    const forgotten = await registration.register(target, settings());
    expect([again.vendorId, forgotten.vendorId]).toEqual([first.vendorId, first.vendorId]);
    expect(sandbox.webhooks).toHaveLength(1);
  });

  it('updates an entry that has drifted', async () => {
    const { vendorId } = await registration.register(target, settings());
    const moved = { url: inbox.url('moved-000000000002'), vendorId };
    await change(vendorId, { active: false, events: ['bounce'], auth_type: 'none' });
    const renewed = settings({ webhookPassword: 'another-webhook-password' });
    expect(await registration.register(moved, renewed)).toEqual({ vendorId });
    expect(sandbox.webhooks).toMatchObject([
      {
        id: vendorId,
        json: {
          target: moved.url,
          active: true,
          events: EVENTS,
          auth_credentials: { password: 'another-webhook-password' },
        },
      },
    ]);
    expect(await registration.status(moved, renewed)).toMatchObject({ state: 'registered' });
  });

  it('creates a new entry if the registered one is missing', async () => {
    const { vendorId } = await registration.register({ ...target, vendorId: 'gone' }, settings());
    expect(sandbox.webhooks.map(({ id }) => id)).toEqual([vendorId]);
  });

  it('does not touch those of others', async () => {
    const similar = [`${target.url}/`, `${target.url}?a=b`, target.url.slice(0, -1), target.url.toUpperCase()];
    for (const url of similar) sandbox.addForeignWebhook(url);
    const before = sandbox.webhooks;
    const { vendorId } = await registration.register(target, settings());
    await registration.register({ ...target, vendorId }, settings());
    expect(await registration.status(target, settings())).toMatchObject({ state: 'registered' });
    await registration.unregister({ ...target, vendorId }, settings());
    await registration.unregister({ ...target, vendorId }, settings());
    expect(sandbox.webhooks).toEqual(before);
  });

  it('needs a URL that responds with 200', async () => {
    inbox.status = 503;
    const failure = await failureOf(registration.register(target, settings()));
    expect(failure).toMatchObject({
      code: 'webhook_unreachable',
      stage: 'webhook',
      fault: 'configuration',
      status: 400,
    });
    expect(failure.hint).toContain('503');
    expect(sandbox.webhooks).toEqual([]);
    inbox.status = 204;
    expect(await failureOf(registration.register(target, settings()))).toMatchObject({ code: 'webhook_unreachable' });
  });

  it('needs a URL that responds', async () => {
    await inbox.close();
    const failure = await failureOf(registration.register(target, settings()));
    expect(failure).toMatchObject({ code: 'webhook_unreachable', stage: 'webhook' });
    expect(failure.hint).toContain('no response');
    inbox = await Inbox.open();
  });

  it('needs a URL that SparkPost posts to', async () => {
    const failure = await failureOf(registration.register({ url: 'http://crm.example/hook' }, settings()));
    expect(failure).toMatchObject({ code: 'invalid_request', stage: 'webhook', fault: 'configuration', status: 422 });
    expect(failure.hint).toBe('SparkPost rejected the webhook. Read its reply.');
    expect(failure).not.toHaveProperty('pointer');
  });

  it.each([undefined, ''])(
    'needs a password (%p), since nothing else would authenticate the requests',
    async (webhookPassword) => {
      const before = sandbox.requests;
      const bare = Object.assign(settings(), { webhookPassword });
      const failure = await failureOf(registration.register(target, bare));
      expect(failure).toMatchObject({ code: 'invalid_request', stage: 'webhook', pointer: '/webhookPassword' });
      expect(sandbox.requests).toBe(before);
    },
  );
});

describe('the status', () => {
  it('of a connection without a password reports that the entry uses another login', async () => {
    await registration.register(target, settings());
    const bare = settings();
    delete bare.webhookPassword;
    const status = await registration.status(target, bare);
    expect(status).toMatchObject({
      state: 'drifted',
      drift: [expect.stringContaining('does not use this connection’s webhook username and password')],
    });
  });

  it("is that of the vendor's entry", async () => {
    expect(await registration.status(target, settings())).toEqual({ state: 'not_registered' });
    const { vendorId } = await registration.register(target, settings());
    const status = await registration.status({ ...target, vendorId }, settings());
    expect(status).toEqual({
      state: 'registered',
      lastDeliveredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/),
    });
    inbox.status = 500;
    await errorOf(registration.test?.(target, settings()) ?? Promise.resolve());
    expect(await registration.status(target, settings())).toHaveProperty('lastFailedAt');
  });

  it.each<[string, object, string]>([
    ['the URL', { target: 'ELSEWHERE' }, 'SparkPost posts to a different URL.'],
    ['the active state', { active: false }, 'The webhook is disabled at SparkPost.'],
    ['the events', { events: EVENTS.slice(2) }, 'SparkPost does not report these events: injection, delivery.'],
    ['the authentication', { auth_type: 'none' }, 'does not use this connection’s webhook username and password'],
    [
      'the user',
      { auth_credentials: { username: 'x', password: WEBHOOK_PASSWORD } },
      'does not use this connection’s webhook username and password',
    ],
    [
      'the password',
      { auth_credentials: { username: 'score-crm', password: 'changed' } },
      'does not use this connection’s webhook username and password',
    ],
  ])('reports drift of %s', async (_what, body, words) => {
    const { vendorId } = await registration.register(target, settings());
    const elsewhere = JSON.parse(JSON.stringify(body).replace('ELSEWHERE', inbox.url('elsewhere'))) as object;
    await change(vendorId, elsewhere);
    const status = await registration.status({ ...target, vendorId }, settings());
    expect(status).toMatchObject({ state: 'drifted', drift: [expect.stringContaining(words)] });
    expect(JSON.stringify(status)).not.toContain(WEBHOOK_PASSWORD);
  });

  it('accepts additional events, or another name', async () => {
    const { vendorId } = await registration.register(target, settings());
    await change(vendorId, { name: 'Ours', events: [...EVENTS, 'initial_open', 'relay_delivery'].toReversed() });
    expect(await registration.status(target, settings())).toMatchObject({ state: 'registered' });
  });

  it('is parsed in any shape', async () => {
    const entries = [null, 5, 'x', {}, { id: 5 }, { id: '' }, { id: '..', target: target.url }];
    for (const odd of entries) {
      sandbox.answerNext(answers.results([odd, { id: 'a', target: 5, events: 'x', auth_credentials: null }]));
      expect(await registration.status(target, settings())).toEqual({ state: 'not_registered' });
    }
    const bare = { id: 'a', target: target.url, last_successful: 'never', last_failure: 5 };
    sandbox.answerNext(answers.results([bare]));
    expect(await registration.status(target, settings())).toEqual({
      state: 'drifted',
      drift: [
        `SparkPost does not report these events: ${EVENTS.join(', ')}.`,
        expect.stringContaining('does not use this connection’s webhook username and password'),
      ],
    });
  });

  it.each(['', '<html>', 'null', '{}', '{"results":{}}'])('of the response %j is not from SparkPost', async (body) => {
    sandbox.answerNext({ status: 200, body });
    const failure = await failureOf(registration.status(target, settings()));
    expect(failure).toMatchObject({ code: 'invalid_response', stage: 'webhook', retryable: false });
  });
});

describe('unregistering', () => {
  it('removes its entry, by its id or by its URL', async () => {
    const { vendorId } = await registration.register(target, settings());
    await registration.unregister({ url: 'https://elsewhere.example', vendorId }, settings());
    expect(sandbox.webhooks).toEqual([]);
    await registration.register(target, settings());
    await registration.unregister(target, settings());
    expect(sandbox.webhooks).toEqual([]);
  });

  it('succeeds if there is none, or another client was faster', async () => {
    await registration.unregister(target, settings());
    sandbox.answerNext(answers.results([{ id: 'a b/c?d', target: target.url }]));
    await registration.unregister(target, settings());
  });

  it('fails if the vendor fails', async () => {
    await registration.register(target, settings());
    sandbox.answerNext(answers.results([{ id: 'a', target: target.url }]), answers.serverError);
    const failure = await failureOf(registration.unregister(target, settings()));
    expect(failure).toMatchObject({ code: 'temporarily_unavailable', stage: 'webhook', retryable: true });
  });
});

describe('the test', () => {
  const test = async (): Promise<void> => registration.test?.(target, settings());

  it('makes the vendor post a request without an event', async () => {
    await registration.register(target, settings());
    inbox.posts.length = 0;
    await test();
    expect(inbox.posts.map((post) => [webhooks.authenticate(post, settings()), webhooks.parse(post)])).toEqual([
      ['verified', []],
    ]);
  });

  it('fails if it does not arrive, and if there is no entry', async () => {
    expect(await failureOf(test())).toMatchObject({ code: 'invalid_request', stage: 'webhook' });
    await registration.register(target, settings());
    inbox.status = 401;
    const failure = await failureOf(test());
    expect(failure).toMatchObject({ code: 'webhook_unreachable', stage: 'webhook' });
    expect(failure.hint).toContain('401');
  });
});

describe('a call', () => {
  const calls: [string, (own: SparkpostSettings) => Promise<unknown>][] = [
    ['register', (own) => registration.register(target, own)],
    ['status', (own) => registration.status(target, own)],
    ['unregister', (own) => registration.unregister(target, own)],
    ['test', async (own) => registration.test?.(target, own)],
  ];

  it.each(calls)('to %s without the permission names it', async (_name, call) => {
    const failure = await failureOf(call(settings({ apiKey: SANDBOX_KEYS.onlyTransmissions })));
    expect(failure).toMatchObject({ code: 'permission_denied', stage: 'webhook', fault: 'configuration', status: 403 });
    expect(failure.hint).toContain('“Event Webhooks: Read/Write”');
  });

  it.each(calls)('to %s fails as the vendor does', async (_name, call) => {
    for (const [apiKey, code, stage] of [
      ['0'.repeat(40), 'authentication_failed', 'authenticate'],
      [SANDBOX_KEYS.rateLimited, 'rate_limited', 'webhook'],
      [SANDBOX_KEYS.unavailable, 'temporarily_unavailable', 'webhook'],
      [SANDBOX_KEYS.signInPage, 'invalid_response', 'webhook'],
    ] as const) {
      expect(await failureOf(call(settings({ apiKey })))).toMatchObject({ code, stage });
    }
  });

  it('ends with its signal', async () => {
    const hanging = settings({ apiKey: SANDBOX_KEYS.hanging });
    const status = registration.status(target, hanging, { signal: AbortSignal.timeout(100) });
    expect(await failureOf(status)).toMatchObject({ code: 'timeout', stage: 'webhook' });
  });

  it('keeps ids within one segment of the path', async () => {
    const paths: string[] = [];
    const vendor = await httpServer((request, response) => {
      paths.push(`${String(request.method)} ${String(request.url)}`);
      const results = request.method === 'GET' ? [{ id: '../account?x=#/é', target: target.url }] : { id: 'x' };
      response.writeHead(200).end(JSON.stringify({ results }));
    });
    const other = adapterFor(vendor).webhooks.registration;
    await other.register(target, settings());
    await other.test?.(target, settings());
    await other.unregister(target, settings());
    const path = '/api/v1/webhooks/..%2Faccount%3Fx%3D%23%2F%C3%A9';
    expect(paths.filter((line) => !line.startsWith('GET'))).toEqual([
      `PUT ${path}`,
      `POST ${path}/validate`,
      `DELETE ${path}`,
    ]);
    await vendor.close();
  });
});
