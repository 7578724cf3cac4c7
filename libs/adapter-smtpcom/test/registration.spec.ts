import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpClient, OutboundPolicy, type WebhookRegistration } from '@score-crm/adapter-kit';
import type { SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf } from '@score-crm/adapter-kit/testing';
import type { SmtpcomSettings } from '@score-crm/adapter-smtpcom';
import { answers, SANDBOX_CHANNELS, SANDBOX_KEYS, SmtpcomSandbox } from '../sandbox/index.ts';
import { callbackPath } from '../src/smtpcom.registration.ts';
import { adapterFor, settings, TOKEN } from './support.ts';

const URL_ = 'https://crm.example/webhooks/v2/smtpcom/0198c6f2-7a1b-7c33-9d6e-000000000001';
const OTHER = 'https://other.example/hooks?secret=s3cr3t-of-another';
const EVENTS = 'delivered failed hard_bounced bounceback queued complained opened clicked unsubscribed'.split(' ');
const CHANNEL = SANDBOX_CHANNELS.active;
const OLD = `${URL_}?token=old`;

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

let sandbox: SmtpcomSandbox;
let requests: Request[];
/** Responses in place of those of the sandbox. */
let interfere: (request: Request, count: number) => SandboxAnswer | undefined;
let registration: WebhookRegistration<SmtpcomSettings>;

async function start(options: Parameters<typeof SmtpcomSandbox.start>[0] = {}): Promise<void> {
  sandbox = await SmtpcomSandbox.start(options);
  requests = [];
  interfere = () => undefined;
  const http = new HttpClient(new OutboundPolicy({ allowLoopback: true }));
  const request = http.request.bind(http);
  http.request = (call) => {
    const { pathname, search } = new URL(call.url);
    const seen = { method: call.method, path: pathname + search, body: JSON.stringify(call.body ?? null) };
    requests.push(seen);
    const odd = interfere(seen, requests.length);
    if (odd !== undefined) sandbox.answerNext(odd);
    return request(call);
  };
  registration = adapterFor(sandbox, http).webhooks.registration;
}

beforeEach(() => start());
afterEach(() => sandbox.close());

type Own = Partial<SmtpcomSettings>;
const register = (own: Own = {}, target: object = {}) => registration.register({ url: URL_, ...target }, settings(own));
const status = (own: Own = {}, target: object = {}) => registration.status({ url: URL_, ...target }, settings(own));
const unregister = (own: Own = {}, target: object = {}) =>
  registration.unregister({ url: URL_, ...target }, settings(own));

/** The result of `register`. */
function idOf(channel: string, url = URL_): string {
  const digest = createHash('sha256').update(new URL(url).pathname).digest('hex');
  return `${digest.slice(0, 12)} ${channel}`;
}

function addressesOf(channel: string = CHANNEL): Record<string, string> {
  const own = sandbox.webhooks.filter(({ id }) => id.startsWith(`${channel}/`));
  return Object.fromEntries(own.map(({ id, url }) => [id.split('/')[1] ?? '', url]));
}

function expected(token = TOKEN, url = URL_): Record<string, string> {
  return Object.fromEntries(EVENTS.map((event) => [event, `${url}?token=${token}&event=${event}`]));
}

/** The number of requests by method since the last call. */
function methods(): Record<string, number> {
  const all = requests.splice(0).map(({ method }) => method);
  return Object.fromEntries([...new Set(all)].map((name) => [name, all.filter((one) => one === name).length]));
}

describe('registering', () => {
  it('creates a callback for each event, writes nothing the second time, and updates all after a new token', async () => {
    expect(await register()).toEqual({ vendorId: idOf(CHANNEL) });
    expect(addressesOf()).toEqual(expected());
    const first = requests.find(({ method }) => method === 'POST');
    expect(first?.path).toBe('/v4/callbacks/delivered');
    const address = `${URL_}?token=${TOKEN}&event=delivered`;
    expect(JSON.parse(first?.body ?? '')).toEqual({ channel: CHANNEL, medium: 'http', address });
    expect(methods()).toEqual({ GET: 9, POST: 9 });
    expect(await register({}, { vendorId: idOf(CHANNEL) })).toEqual({ vendorId: idOf(CHANNEL) });
    expect(methods()).toEqual({ GET: 9 });
    const token = TOKEN.split('').toReversed().join('');
    await register({ webhookToken: token });
    expect(methods()).toEqual({ GET: 9, PATCH: 9 });
    expect(addressesOf()).toEqual(expected(token));
  });

  it('sends the parameters in the query if JSON is not read', async () => {
    await sandbox.close();
    await start({ callbackParameters: 'query' });
    await register();
    expect(addressesOf()).toEqual(expected());
    expect(methods()).toEqual({ GET: 9, POST: 18 });
    await register({ webhookToken: 'x'.repeat(32) });
    expect(addressesOf()).toEqual(expected('x'.repeat(32)));
    await unregister();
    expect(sandbox.webhooks).toEqual([]);
  });

  it('of a channel with an unusual name stays with that channel', async () => {
    interfere = ({ method }) => (method === 'GET' ? answers.invalid({ event: 'not found' }) : answers.success({}));
    await register({ channel: 'a&channel=b #?/' });
    expect(requests[0]?.path).toBe('/v4/callbacks/delivered?channel=a%26channel%3Db+%23%3F%2F');
    expect(JSON.parse(requests.at(-1)?.body ?? '')).toMatchObject({ channel: 'a&channel=b #?/' });
  });

  it('requires a token', async () => {
    const failure = { stage: 'webhook', code: 'invalid_request', pointer: '/webhookToken' };
    expect(await failureOf(register({ webhookToken: '' }))).toMatchObject(failure);
    expect(methods()).toEqual({ GET: 9 });
  });
});

describe('callbacks of another system', () => {
  it("stop the registration before anything is written, even next to the connection's own", async () => {
    sandbox.addForeignWebhook(OLD, 'delivered');
    sandbox.addForeignWebhook(OTHER, 'opened');
    sandbox.addForeignWebhook(OTHER, 'unsubscribed');
    const failure = await failureOf(register());
    expect(failure).toMatchObject({ stage: 'webhook', code: 'webhook_conflict', retryable: false });
    expect(failure.hint).toContain('for: opened (other.example), unsubscribed (other.example).');
    expect(JSON.stringify(failure)).not.toContain('s3cr3t');
    expect(methods()).toEqual({ GET: 9 });
    expect(addressesOf()).toEqual({ delivered: OLD, opened: OTHER, unsubscribed: OTHER });
  });

  it.each([
    ['another connection', URL_.replace(/1$/, '2')],
    ['a longer path', `${URL_}/more?token=${TOKEN}`],
    ['its path in the query', `https://other.example/?x=${new URL(URL_).pathname}`],
    ['not a URL', 'nowhere'],
  ])('are all that lead elsewhere: %s', async (_what, url) => {
    sandbox.addForeignWebhook(url, 'clicked');
    expect((await failureOf(register())).code).toBe('webhook_conflict');
    await unregister();
    expect(addressesOf()).toEqual({ clicked: url });
  });

  it('of another medium are foreign too', async () => {
    const sqs = { channel: CHANNEL, event: 'queued', medium: 'sqs', address: URL_ };
    interfere = ({ path }) => (path.startsWith('/v4/callbacks/queued') ? answers.success(sqs) : undefined);
    const failure = await failureOf(register());
    expect([failure.code, failure.hint]).toEqual(['webhook_conflict', expect.stringContaining('queued (SQS)')]);
    expect(methods()).toEqual({ GET: 9 });
  });

  it('of another channel or event do not matter', async () => {
    sandbox.addForeignWebhook(OTHER, 'received');
    sandbox.addForeignWebhook(OTHER, 'opened', SANDBOX_CHANNELS.other);
    await register();
    await unregister();
    expect(sandbox.webhooks.map(({ url }) => url)).toEqual([OTHER, OTHER]);
  });
});

describe('the status', () => {
  it('describes the differences', async () => {
    await register();
    sandbox.addForeignWebhook(OTHER, 'opened');
    sandbox.addForeignWebhook(OLD, 'failed');
    sandbox.addForeignWebhook(`${URL_}?token=${TOKEN}`, 'queued');
    sandbox.webhooks.splice(EVENTS.indexOf('clicked'), 1);
    const drift = [
      'SMTP.com has no callback for: clicked.',
      'Another system has the callback for: opened.',
      'SMTP.com posts to an earlier URL of this connection for: failed, queued.',
    ];
    expect(await status()).toEqual({ state: 'drifted', drift });
    expect((await status({ webhookToken: 'x'.repeat(32) })).drift).toContain(
      'SMTP.com posts to an earlier URL of this connection for: delivered, failed, hard_bounced, bounceback, queued, complained, unsubscribed.',
    );
  });

  const TIMES = [
    { code: 200, msg: 'OK', time: 'Wed, 11 Aug 2021 14:26:20 -0000' },
    { code: '204', msg: 'OK', time: 1_628_691_990 },
    { code: 500, msg: 'No', time: 'Wed, 11 Aug 2021 14:26:20 -0500' },
    { code: 0, msg: 'No', time: 'soon' },
    null,
  ];
  it.each<[string, SandboxAnswer, object]>([
    [
      'times of both kinds',
      answers.success({ items: TIMES }),
      { lastDeliveredAt: '2021-08-11T14:26:30.000Z', lastFailedAt: '2021-08-11T19:26:20.000Z' },
    ],
    ['other data', answers.success([]), {}],
    ['trouble', answers.serverError, {}],
  ])('is returned with a log of %s', async (_what, log, times) => {
    await register();
    interfere = ({ path }) => (path.startsWith('/v4/callbacks/log') ? log : undefined);
    expect(await status()).toEqual({ state: 'registered', ...times });
    expect(requests.at(-1)?.path).toBe(`/v4/callbacks/log?channel=${CHANNEL}&limit=20`);
  });

  it('has beside it the log of the channel, which fails if the vendor does', async () => {
    const log = (own: Own = {}) => registration.log?.({ url: URL_ }, settings(own)) ?? Promise.resolve([]);
    expect(await failureOf(log())).toMatchObject({ stage: 'webhook', code: 'invalid_request' });
    await register();
    interfere = ({ path }) => (path.startsWith('/v4/callbacks/log') ? answers.success({ items: TIMES }) : undefined);
    expect(await log()).toEqual([
      { at: '2021-08-11T19:26:20.000Z', delivered: false, status: 500, message: 'No' },
      { at: '2021-08-11T14:26:30.000Z', delivered: true, status: 204, message: 'OK' },
      { at: '2021-08-11T14:26:20.000Z', delivered: true, status: 200, message: 'OK' },
    ]);
    interfere = ({ path }) => (path.startsWith('/v4/callbacks/log') ? answers.serverError : undefined);
    expect(await failureOf(log())).toMatchObject({ stage: 'webhook', fault: 'vendor' });
  });

  it('reads a callback that is among items', async () => {
    await register();
    interfere = ({ path }) => {
      const event = /callbacks\/(\w+)\?/.exec(path)?.[1] ?? '';
      const own = { channel: CHANNEL, event, medium: 'http', address: expected()[event] };
      const [other, wrong] = [{ channel: SANDBOX_CHANNELS.other }, { event: 'other' }];
      return event === 'log'
        ? undefined
        : answers.success({ items: [{ ...own, ...other, address: OTHER }, own, { ...own, ...wrong, address: OTHER }] });
    };
    expect(await status()).toEqual({ state: 'registered' });
  });
});

describe('unregistering', () => {
  it('removes its own, keeps the others, and needs no token', async () => {
    await register();
    sandbox.addForeignWebhook(OTHER, 'opened');
    sandbox.addForeignWebhook(OLD, 'failed');
    await unregister({ webhookToken: '' });
    expect(addressesOf()).toEqual({ opened: OTHER });
    methods();
    await unregister();
    expect(methods()).toEqual({ GET: 9 });
  });

  it('sends the channel in both ways, and never requests all callbacks', async () => {
    await register();
    await unregister();
    const removals = requests.filter(({ method }) => method === 'DELETE');
    expect(removals.map(({ path, body }) => [path, JSON.parse(body) as unknown])).toEqual(
      EVENTS.map((event) => [`/v4/callbacks/${event}?channel=${CHANNEL}`, { channel: CHANNEL }]),
    );
    expect(requests.some(({ path }) => /\/callbacks\/?(?:\?|$)/.test(path))).toBe(false);
  });

  it.each(['', undefined, '../', '__proto__', 'log'])('has no path for %j', (event) => {
    expect(() => callbackPath(event as 'opened')).toThrow(TypeError);
  });

  it('of a callback that is already gone succeeds, as of a channel', async () => {
    await register();
    interfere = ({ method, path }) => {
      if (method === 'DELETE' && path.includes('/opened')) {
        const opened = sandbox.webhooks.findIndex(({ event }) => event === 'opened');
        sandbox.webhooks.splice(opened, 1);
      }
      return undefined;
    };
    await unregister();
    expect(sandbox.webhooks).toEqual([]);
    await unregister({ channel: 'no_such_channel' });
  });

  it('that the vendor rejects fails', async () => {
    await register();
    interfere = ({ method }) => (method === 'DELETE' ? answers.invalid({ event: 'in use' }) : undefined);
    const failure = { stage: 'webhook', code: 'invalid_request', reply: 'event: in use' };
    expect(await failureOf(unregister())).toMatchObject(failure);
    expect(Object.keys(addressesOf())).toHaveLength(9);
  });
});

describe('a path that was changed', () => {
  const moved = { url: 'https://crm.example/mail/webhooks/v2/smtpcom/0198c6f2-7a1b-7c33-9d6e-000000000001' };

  it('is recognized by what was returned', async () => {
    const { vendorId } = await register();
    expect(await status({}, { ...moved, vendorId })).toMatchObject({ state: 'drifted' });
    expect(await register({}, { ...moved, vendorId })).toEqual({ vendorId: idOf(CHANNEL, moved.url) });
    expect(addressesOf()).toEqual(expected(TOKEN, moved.url));
    await unregister({}, { vendorId: idOf(CHANNEL, moved.url) });
    expect(sandbox.webhooks).toEqual([]);
  });

  it('is foreign without it', async () => {
    await register();
    expect((await failureOf(register({}, moved))).code).toBe('webhook_conflict');
    expect(await status({}, moved)).toEqual({ state: 'not_registered' });
    await unregister({}, moved);
    expect(addressesOf()).toEqual(expected());
  });

  it.each([CHANNEL, `${'f'.repeat(12)} ..`])('is not recognized by %j', async (vendorId) => {
    sandbox.addForeignWebhook(OTHER);
    await status({}, { vendorId });
    await unregister({}, { vendorId });
    expect(addressesOf()).toEqual({ opened: OTHER });
  });
});

describe('a channel that was changed', () => {
  const other = { channel: SANDBOX_CHANNELS.other };

  it('is reported, and unregistered by the next registration', async () => {
    const { vendorId } = await register();
    const { state, drift } = await status(other, { vendorId });
    expect([state, drift?.[0]]).toEqual(['drifted', 'The webhook is registered for the channel “acme_transactional”.']);
    expect(await register(other, { vendorId })).toEqual({ vendorId: idOf(other.channel) });
    expect(addressesOf()).toEqual({});
    expect(addressesOf(other.channel)).toEqual(expected());
    expect(await status(other, { vendorId: idOf(other.channel) })).toEqual({ state: 'registered' });
  });

  it('is unregistered too', async () => {
    const { vendorId } = await register();
    await unregister(other, { vendorId });
    expect(sandbox.webhooks).toEqual([]);
  });

  it('that the key cannot access is ignored', async () => {
    for (const refusal of [answers.forbidden, answers.invalid({ channel: 'invalid' }), answers.notFound]) {
      interfere = ({ path }) => (path.includes('=elsewhere') ? refusal : undefined);
      expect(await register(other, { vendorId: idOf('elsewhere') })).toEqual({ vendorId: idOf(other.channel) });
    }
    interfere = ({ path }) => (path.includes('=elsewhere') ? 'hang up' : undefined);
    expect((await failureOf(register(other, { vendorId: idOf('elsewhere') }))).code).toBe('connection_closed');
  });
});

describe('a failure', () => {
  const stage = 'webhook';
  it('of an unknown channel names the channel', async () => {
    const details = { stage, code: 'invalid_request', fault: 'configuration', pointer: '/channel' };
    for (const call of [register, status]) {
      expect(await failureOf(call({ channel: 'no_such_channel' }))).toMatchObject(details);
    }
  });

  it('of a rejected URL is an error of the configuration', async () => {
    interfere = ({ method }) => (method === 'POST' ? answers.invalid({ address: 'invalid' }) : undefined);
    const failure = await failureOf(register());
    const details = { stage, code: 'invalid_request', fault: 'configuration', reply: 'address: invalid' };
    expect(failure).toMatchObject(details);
    expect(failure.hint).toContain('HTTPS');
  });

  it('that names a foreign callback does not disclose the key', async () => {
    sandbox.addForeignWebhook(`https://${TOKEN}.example/${SANDBOX_KEYS.working}`, 'opened');
    expect(JSON.stringify(await failureOf(register()))).not.toContain(SANDBOX_KEYS.working);
  });
});
