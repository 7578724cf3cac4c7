import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import { jsonAnswer, type SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf, httpServer, plainMessage } from '@score-crm/adapter-kit/testing';
import { answers, MailgunSandbox, SANDBOX_DOMAINS, SANDBOX_KEYS } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const DOMAIN = SANDBOX_DOMAINS.working;

let sandbox: MailgunSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await MailgunSandbox.start();
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

async function failureTo(answer: SandboxAnswer): Promise<AdapterErrorDetails> {
  sandbox.answerNext(answer);
  return failureOf(adapter.send(plainMessage(), settings()));
}

const CONFIGURATION = { fault: 'configuration', retryable: false } as const;
const LATER = { fault: 'vendor', retryable: true } as const;
const WRONG_KEY = { code: 'authentication_failed', stage: 'authenticate', status: 401, ...CONFIGURATION } as const;

const CASES: readonly (readonly [string, SandboxAnswer, Partial<AdapterErrorDetails>])[] = [
  ['a wrong key', answers.forbidden, { ...WRONG_KEY, reply: 'Forbidden' }],
  ['a wrong key, in JSON', jsonAnswer(401, 'Forbidden'), { ...WRONG_KEY, reply: 'Forbidden' }],
  ['a wrong key elsewhere', answers.wrongKey, { ...WRONG_KEY, reply: 'Invalid private key' }],
  [
    'a role without permission',
    answers.noPermission,
    { code: 'permission_denied', status: 403, stage: 'message', ...CONFIGURATION },
  ],
  [
    'an unverified domain',
    answers.unverified(DOMAIN),
    { code: 'sender_not_verified', stage: 'sender', fault: 'sender', retryable: false, status: 400 },
  ],
  [
    'an unauthorized recipient',
    answers.notAuthorized(DOMAIN),
    { code: 'recipient_rejected', stage: 'recipient', status: 403, ...CONFIGURATION },
  ],
  ['a disabled account', answers.disabled(DOMAIN), { code: 'permission_denied', stage: 'message', ...CONFIGURATION }],
  ['an account that is not activated', answers.notActivated(DOMAIN), { code: 'permission_denied', ...CONFIGURATION }],
  ['a limit that is used up', answers.recipientLimit(DOMAIN), { code: 'quota_exceeded', status: 400, ...LATER }],
  [
    'an account on probation',
    jsonAnswer(400, { message: `Domain ${DOMAIN} is not allowed to send: You are sending too fast.` }),
    { code: 'quota_exceeded', ...LATER },
  ],
  [
    'a failure without a cause',
    answers.paymentRequired,
    { code: 'message_rejected', fault: 'vendor', retryable: false, status: 402 },
  ],
  [
    'an unknown domain',
    answers.domainNotFound(DOMAIN),
    { code: 'sender_not_verified', stage: 'sender', status: 404, ...CONFIGURATION },
  ],
  ['an unknown path', answers.notFound, { code: 'invalid_request', status: 404, ...CONFIGURATION }],
  ['a message that is too large', answers.tooLarge, { code: 'message_too_large', status: 413, ...CONFIGURATION }],
  [
    'trouble',
    answers.serverError,
    { code: 'temporarily_unavailable', status: 500, ...LATER, reply: 'Internal Server Error' },
  ],
  ['temporary trouble', answers.unavailable, { code: 'temporarily_unavailable', status: 503, ...LATER }],
  ['no JSON', answers.notJson, { code: 'temporarily_unavailable', status: 502, ...LATER }],
  ['a redirect', answers.redirect('http://127.0.0.1:1/'), { code: 'invalid_response', ...CONFIGURATION }],
  [
    'text of another shape',
    { status: 400, body: '{"message":{"a":1}}' },
    { code: 'invalid_request', retryable: false },
  ],
  ['null', { status: 400, body: 'null' }, { code: 'invalid_request', retryable: false }],
  ['nothing', { status: 400 }, { code: 'invalid_request', retryable: false }],
  ['a connection that breaks', 'hang up', { code: 'connection_closed', fault: 'network', retryable: true }],
];

describe('an answer', () => {
  it.each(CASES)('%s is mapped specifically', async (_what, answer, expected) => {
    const failure = await failureTo(answer);
    expect(failure).toMatchObject(expected);
    expect(failure.hint).toMatch(/^[A-Z].{20,}\.$/);
  });

  it.each<[string, string]>([
    ['wrong', 'authentication_failed'],
    [SANDBOX_KEYS.analyst, 'permission_denied'],
    [SANDBOX_KEYS.limited, 'quota_exceeded'],
    [SANDBOX_KEYS.rateLimited, 'rate_limited'],
    [SANDBOX_KEYS.serverError, 'temporarily_unavailable'],
    [SANDBOX_KEYS.unavailable, 'temporarily_unavailable'],
    [SANDBOX_KEYS.notJson, 'temporarily_unavailable'],
  ])('to the key %s is %s', async (apiKey, code) => {
    expect(await failureOf(adapter.send(plainMessage(), settings({ apiKey })))).toMatchObject({ code });
  });

  it.each<[string, string]>([
    [SANDBOX_DOMAINS.unverified, 'sender_not_verified'],
    [SANDBOX_DOMAINS.disabled, 'permission_denied'],
    [SANDBOX_DOMAINS.sandbox, 'recipient_rejected'],
    ['unheard-of.example', 'sender_not_verified'],
  ])('for the domain %s is %s', async (domain, code) => {
    expect(await failureOf(adapter.send(plainMessage(), settings({ domain })))).toMatchObject({ code });
  });

  it('for another domain than that of a sending key is a wrong key', async () => {
    const other = settings({ apiKey: SANDBOX_KEYS.sending, domain: SANDBOX_DOMAINS.sandbox });
    expect(await failureOf(adapter.send(plainMessage(), other))).toMatchObject(WRONG_KEY);
  });

  it('that does not arrive is a timeout', async () => {
    const hanging = settings({ apiKey: SANDBOX_KEYS.hanging });
    const send = adapter.send(plainMessage(), hanging, { signal: AbortSignal.timeout(200) });
    expect(await failureOf(send)).toMatchObject({ code: 'timeout', fault: 'network', retryable: true });
  });

  it('that is not HTTP is an invalid response', async () => {
    const odd = await httpServer((request) => request.socket.end('220 mail.example ESMTP\r\n'));
    expect(await failureOf(adapterFor(odd).send(plainMessage(), settings()))).toMatchObject({
      code: 'invalid_response',
    });
    await odd.close();
  });
});

describe('a rejected parameter', () => {
  it.each([
    ['to parameter is not a valid address. please check documentation', '/to', 'recipient', 'recipient'],
    ["'cc' parameter is not a valid address. please check documentation", '/cc', 'recipient', 'recipient'],
    ['bcc parameter is not a valid address', '/bcc', 'recipient', 'recipient'],
    ['Too many recipients; max is 1000', '/to', 'recipient', 'recipient'],
    ['from parameter is missing', '/from', 'sender', 'sender'],
    ['subject parameter is missing', '/subject', 'message', 'sender'],
    [
      "Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified",
      '/text',
      'message',
      'sender',
    ],
    ["'attachment' parameter is not a file", '/attachments', 'message', 'sender'],
    ['tomorrow is not an RFC-2822 compliant date', '/sendAt', 'message', 'sender'],
    ['invalid delivery time format', '/sendAt', 'message', 'sender'],
    ['Header name must be pure ASCII: x', '/headers', 'message', 'sender'],
    ['o:tag: a message may have 10 tags', '/tags', 'message', 'sender'],
  ])('“%s” has the pointer %s', async (words, pointer, stage, fault) => {
    const failure = await failureTo(answers.invalid(words));
    expect(failure).toMatchObject({ code: 'invalid_request', pointer, stage, fault, reply: words, status: 400 });
  });

  it.each(['unable to parse request: unexpected EOF', 'Something about tomatoes parameter', ''])(
    '“%s” has no pointer',
    async (words) => {
      const failure = await failureTo(answers.invalid(words));
      expect(failure).toMatchObject({ code: 'invalid_request', fault: 'sender' });
      expect(failure).not.toHaveProperty('pointer');
    },
  );
});

describe('a rate limit', () => {
  const limit = (words: string, status = 429): SandboxAnswer =>
    jsonAnswer(status, { message: `Domain ${DOMAIN} is not allowed to send: ${words}` });

  it('reports how long to wait, in seconds or by the time', async () => {
    expect(await failureTo(answers.rateLimitedFor(DOMAIN, 120))).toMatchObject({
      code: 'rate_limited',
      ...LATER,
      status: 429,
      retryAfterMs: 120_000,
    });
    const failure = await failureTo(answers.rateLimited(DOMAIN, new Date(Date.now() + 30_000)));
    expect(failure.code).toBe('rate_limited');
    expect(failure.retryAfterMs).toBeGreaterThan(26_000);
    expect(failure.retryAfterMs).toBeLessThanOrEqual(30_000);
  });

  it.each<[string, SandboxAnswer, number | undefined]>([
    ['in the past', limit('request limit exceeded, try again after Mon, 20 Dec 2021 20:33:21 UTC'), 0],
    [
      'of a clock that is wrong',
      limit('request limit exceeded, try again after Mon, 20 Dec 2221 20:33:21 UTC'),
      undefined,
    ],
    ['without a time', limit('request limit exceeded, try again after a while'), undefined],
    ['under another status', limit('recipient limit exceeded, try again after 7 seconds', 420), 7_000],
    ['of Retry-After only', { status: 429, headers: { 'retry-after': '7' } }, 7_000],
    ['that is missing', { status: 429 }, undefined],
  ])('%s', async (_what, answer, retryAfterMs) => {
    const failure = await failureTo(answer);
    expect(failure).toMatchObject({ code: 'rate_limited', ...LATER });
    expect(failure.retryAfterMs).toBe(retryAfterMs);
  });
});
