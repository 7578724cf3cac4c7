import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import type { SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf, httpServer, plainMessage } from '@score-crm/adapter-kit/testing';
import { answers, SANDBOX_KEYS, SendgridSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

let sandbox: SendgridSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await SendgridSandbox.start();
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

async function failureTo(answer: SandboxAnswer): Promise<AdapterErrorDetails> {
  sandbox.answerNext(answer);
  return failureOf(adapter.send(plainMessage(), settings()));
}

const CONFIGURATION = { fault: 'configuration', retryable: false } as const;
const LATER = { fault: 'vendor', retryable: true } as const;

const CASES: readonly (readonly [string, SandboxAnswer, Partial<AdapterErrorDetails>])[] = [
  ['no key', answers.noKey, { code: 'authentication_failed', stage: 'authenticate', status: 401, ...CONFIGURATION }],
  [
    'a wrong key',
    answers.wrongKey,
    { code: 'authentication_failed', stage: 'authenticate', status: 401, ...CONFIGURATION },
  ],
  [
    'no credits',
    answers.noCredits,
    { code: 'quota_exceeded', stage: 'message', status: 401, ...LATER, reply: 'Maximum credits exceeded' },
  ],
  [
    'a missing scope',
    answers.noScope,
    { code: 'permission_denied', status: 403, ...CONFIGURATION, reply: 'access forbidden' },
  ],
  [
    'an unverified sender',
    answers.unverifiedSender,
    { code: 'sender_not_verified', stage: 'sender', fault: 'sender', retryable: false, status: 403 },
  ],
  ['an unknown path', answers.notFound, { code: 'invalid_request', status: 404, ...CONFIGURATION }],
  ['a wrong method', answers.wrongMethod, { code: 'invalid_request', status: 405, ...CONFIGURATION }],
  [
    'a message that is too large',
    answers.tooLarge,
    { code: 'message_too_large', status: 413, ...CONFIGURATION, reply: 'content too large' },
  ],
  [
    'trouble',
    answers.serverError,
    { code: 'temporarily_unavailable', status: 500, ...LATER, reply: 'internal server error' },
  ],
  ['temporary trouble', answers.unavailable, { code: 'temporarily_unavailable', status: 503, ...LATER }],
  ['no JSON', answers.notJson, { code: 'temporarily_unavailable', status: 502, ...LATER }],
  [
    'no JSON to a wrong key',
    { status: 401, body: 'no' },
    { code: 'authentication_failed', ...CONFIGURATION, reply: 'no' },
  ],
  [
    'errors of another shape',
    { status: 400, body: '{"errors":[null,5,{"message":7},"x"]}' },
    { code: 'invalid_request', retryable: false },
  ],
  [
    'errors of the wrong type',
    { status: 400, body: '{"errors":{"a":1}}' },
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

  it.each([
    ['wrong', 'authentication_failed'],
    [SANDBOX_KEYS.noCredits, 'quota_exceeded'],
    [SANDBOX_KEYS.noMailScope, 'permission_denied'],
    [SANDBOX_KEYS.unverifiedSender, 'sender_not_verified'],
    [SANDBOX_KEYS.rateLimited, 'rate_limited'],
    [SANDBOX_KEYS.serverError, 'temporarily_unavailable'],
    [SANDBOX_KEYS.unavailable, 'temporarily_unavailable'],
    [SANDBOX_KEYS.notJson, 'temporarily_unavailable'],
  ])('to the key %s is %s', async (apiKey, code) => {
    expect(await failureOf(adapter.send(plainMessage(), settings({ apiKey })))).toMatchObject({ code });
  });

  it('that does not arrive is a timeout', async () => {
    const send = adapter.send(plainMessage(), settings({ apiKey: SANDBOX_KEYS.hanging }), {
      signal: AbortSignal.timeout(200),
    });
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

describe('a rejected field', () => {
  it.each([
    ['personalizations.0.to.0.email', '/to/0/email', 'recipient', 'recipient'],
    ['personalizations.0.cc.12.name', '/cc/12/name', 'recipient', 'recipient'],
    ['personalizations.0.bcc[1].email', '/bcc/1/email', 'recipient', 'recipient'],
    ['personalizations', '/to', 'recipient', 'recipient'],
    ['personalizations.0', '/to', 'recipient', 'recipient'],
    ['personalizations.0.to', '/to', 'recipient', 'recipient'],
    ['from.email', '/from/email', 'sender', 'sender'],
    ['from', '/from', 'sender', 'sender'],
    ['reply_to.email', '/replyTo/0/email', 'message', 'sender'],
    ['reply_to_list.1.email', '/replyTo/1/email', 'message', 'sender'],
    ['subject', '/subject', 'message', 'sender'],
    ['personalizations.0.subject', '/subject', 'message', 'sender'],
    ['attachments.2.content_id', '/attachments/2/contentId', 'message', 'sender'],
    ['attachments.0.type', '/attachments/0/contentType', 'message', 'sender'],
    ['attachments.0.filename', '/attachments/0/filename', 'message', 'sender'],
    ['categories.3', '/tags/3', 'message', 'sender'],
    ['custom_args.my.key/x', '/metadata/my.key~1x', 'message', 'sender'],
    ['headers.X-A', '/headers/X-A', 'message', 'sender'],
    ['send_at', '/sendAt', 'message', 'sender'],
  ])('%s is %s', async (field, pointer, stage, fault) => {
    const failure = await failureTo(answers.invalid([{ message: 'not this', field }]));
    expect(failure).toMatchObject({ code: 'invalid_request', pointer, stage, fault, reply: 'not this', status: 400 });
  });

  it.each(['content.0.value', 'unheard_of', 'null', '', 'fromage'])('%s has no pointer', async (field) => {
    const failure = await failureTo(answers.invalid([{ message: 'not this', field }]));
    expect(failure).toMatchObject({ code: 'invalid_request', fault: 'sender', reply: 'not this' });
    expect(failure).not.toHaveProperty('pointer');
  });

  it('is the first with a pointer, and the reply has all texts', async () => {
    const failure = await failureTo(
      answers.invalid([
        { message: 'One.', field: 'content.0.value' },
        { message: 'Two.', field: 'subject' },
        { message: 'Three.', field: 'from' },
      ]),
    );
    expect(failure).toMatchObject({ pointer: '/subject', reply: 'One. Two. Three.' });
  });
});

describe('a rate limit', () => {
  const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000);

  it('reports how long to wait', async () => {
    const failure = await failureTo(answers.rateLimited(inSeconds(30)));
    expect(failure).toMatchObject({ code: 'rate_limited', fault: 'vendor', retryable: true, status: 429 });
    expect(failure.retryAfterMs).toBeGreaterThan(27_000);
    expect(failure.retryAfterMs).toBeLessThanOrEqual(31_000);
  });

  it.each<[string, Record<string, string>, number | undefined]>([
    ['of the vendor’s clock', { date: 'Sun, 17 Aug 2025 15:22:41 GMT', 'x-ratelimit-reset': '1755444191' }, 30_000],
    ['in the past', { 'x-ratelimit-reset': '1755444191' }, 0],
    ['of Retry-After only', { 'retry-after': '7' }, 7_000],
    [
      'of both: the documented one',
      { date: 'Sun, 17 Aug 2025 15:22:41 GMT', 'x-ratelimit-reset': '1755444191', 'retry-after': '7' },
      30_000,
    ],
    ['of a clock that is wrong', { 'x-ratelimit-reset': '99999999999' }, undefined],
    ['that is not a number', { 'x-ratelimit-reset': 'soon' }, undefined],
    ['that is missing', {}, undefined],
  ])('%s', async (_what, headers, retryAfterMs) => {
    const odd = await httpServer((_request, response) => {
      response.writeHead(429, headers).end('{"errors":[{"field":null,"message":"too many requests"}]}');
    });
    const failure = await failureOf(adapterFor(odd).send(plainMessage(), settings()));
    expect(failure.code).toBe('rate_limited');
    expect(failure.retryAfterMs).toBe(retryAfterMs);
    await odd.close();
  });

  it('does not apply to other statuses', async () => {
    expect(await failureTo(answers.unavailable)).not.toHaveProperty('retryAfterMs');
  });
});
