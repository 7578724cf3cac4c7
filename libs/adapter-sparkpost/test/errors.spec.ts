import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import type { SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf, httpServer, plainMessage } from '@score-crm/adapter-kit/testing';
import { answers, SANDBOX_KEYS, SparkpostSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

let sandbox: SparkpostSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await SparkpostSandbox.start();
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

async function failureTo(answer: SandboxAnswer): Promise<AdapterErrorDetails> {
  sandbox.answerNext(answer);
  return failureOf(adapter.send(plainMessage(), settings()));
}

const CONFIGURATION = { fault: 'configuration', retryable: false } as const;
const LATER = { fault: 'vendor', retryable: true } as const;
const SENDER = { stage: 'sender', fault: 'sender', retryable: false, pointer: '/from/email' } as const;

const CASES: readonly (readonly [string, SandboxAnswer, Partial<AdapterErrorDetails>])[] = [
  ['an unverified sender', answers.unverifiedSender, { code: 'sender_not_verified', status: 400, ...SENDER }],
  ['a blocked sender', answers.blockedSender, { code: 'sender_rejected', status: 400, ...SENDER }],
  ['a sender without a name', error(400, '2008'), { code: 'sender_rejected', ...SENDER }],
  [
    'no valid recipients',
    answers.noRecipients,
    { code: 'recipient_rejected', stage: 'recipient', fault: 'recipient', retryable: false, pointer: '/to' },
  ],
  ['a rejected message', answers.generationRejected, { code: 'message_rejected', fault: 'sender', retryable: false }],
  ['a message that cannot be generated', error(400, '1901'), { code: 'message_rejected', fault: 'sender' }],
  ['busy servers', answers.busy, { code: 'temporarily_unavailable', status: 400, ...LATER }],
  ['no JSON', answers.badJson, { code: 'invalid_request', fault: 'sender', retryable: false, status: 400 }],
  [
    'a wrong key',
    answers.unauthorized,
    { code: 'authentication_failed', stage: 'authenticate', status: 401, ...CONFIGURATION, reply: 'Unauthorized.' },
  ],
  ['a wrong customer', error(401, '1303'), { code: 'authentication_failed', stage: 'authenticate' }],
  ['a missing permission', answers.forbidden, { code: 'permission_denied', status: 403, ...CONFIGURATION }],
  ['a plan without it', error(403, '1601'), { code: 'permission_denied', ...CONFIGURATION }],
  ['an unknown path', answers.notFound, { code: 'invalid_request', status: 404, ...CONFIGURATION }],
  ['a wrong method', answers.wrongMethod, { code: 'invalid_request', status: 405, ...CONFIGURATION }],
  ['a conflict', error(409, '1602'), { code: 'invalid_request', status: 409, retryable: false }],
  ['too much', answers.tooLarge, { code: 'message_too_large', status: 413, ...CONFIGURATION }],
  ['another type', answers.wrongType, { code: 'invalid_request', status: 415, retryable: false }],
  ['the hourly limit', answers.hourlyLimit, { code: 'quota_exceeded', status: 420, ...LATER }],
  ['the daily limit', answers.dailyLimit, { code: 'quota_exceeded', status: 420, ...LATER }],
  ['the monthly limit', answers.monthlyLimit, { code: 'quota_exceeded', status: 420, ...LATER }],
  ['the test limit', answers.testLimit, { code: 'quota_exceeded', status: 420, fault: 'vendor', retryable: false }],
  ['another limit', error(420), { code: 'quota_exceeded', status: 420, stage: 'message', ...LATER }],
  ['too large data', error(422, '2002'), { code: 'message_too_large', ...CONFIGURATION }],
  ['a template error', error(422, '3000'), { code: 'invalid_request', fault: 'sender', retryable: false, status: 422 }],
  ['a rate limit', answers.tooManyRequests, { code: 'rate_limited', status: 429, ...LATER, retryAfterMs: 5_000 }],
  ['trouble', answers.serverError, { code: 'temporarily_unavailable', status: 500, ...LATER }],
  ['temporary trouble', answers.unavailable, { code: 'temporarily_unavailable', status: 503, ...LATER }],
  ['a gateway', answers.notJson, { code: 'temporarily_unavailable', status: 502, ...LATER }],
  ['no JSON to a wrong key', { status: 401, body: 'no' }, { code: 'authentication_failed', reply: 'no' }],
  ['another shape', { status: 400, body: '{"errors":[null,5,{"message":7},"x"]}' }, { code: 'invalid_request' }],
  [
    'one error without a list',
    { status: 400, body: '{"errors":{"message":"Invalid domain","code":7001}}' },
    { code: 'sender_not_verified', reply: 'Invalid domain' },
  ],
  [
    'errors of the wrong type',
    { status: 400, body: '{"errors":"no"}' },
    { code: 'invalid_request', reply: '{"errors":"no"}' },
  ],
  ['null', { status: 400, body: 'null' }, { code: 'invalid_request', retryable: false }],
  ['nothing', { status: 400 }, { code: 'invalid_request', retryable: false }],
  ['a connection that breaks', 'hang up', { code: 'connection_closed', fault: 'network', retryable: true }],
];

function error(status: number, code?: string): SandboxAnswer {
  return { status, body: JSON.stringify({ errors: [{ message: 'As documented', code }] }) };
}

describe('an answer', () => {
  it.each(CASES)('%s is mapped specifically', async (_what, answer, expected) => {
    const failure = await failureTo(answer);
    expect(failure).toMatchObject(expected);
    expect(failure.hint).toMatch(/^[A-Z].{20,}\.$/);
  });

  it('to a wrong key mentions the region', async () => {
    expect((await failureTo(answers.unauthorized)).hint).toMatch(/region.*US, EU and Enterprise/);
  });

  it('to a key that cannot send names the permission', async () => {
    expect((await failureTo(answers.forbidden)).hint).toContain('“Transmissions: Read/Write”');
  });

  it('contains the vendor’s text, message and description', async () => {
    const failure = await failureTo(
      answers.invalid([
        { message: 'One', description: 'of the first' },
        { message: 'Two', code: '1300' },
      ]),
    );
    expect(failure.reply).toBe('One: of the first Two');
  });

  it.each([
    ['wrong', 'authentication_failed'],
    [SANDBOX_KEYS.noTransmissions, 'permission_denied'],
    [SANDBOX_KEYS.suspended, 'permission_denied'],
    [SANDBOX_KEYS.hourlyLimit, 'quota_exceeded'],
    [SANDBOX_KEYS.unverifiedSender, 'sender_not_verified'],
    [SANDBOX_KEYS.blockedSender, 'sender_rejected'],
    [SANDBOX_KEYS.noRecipients, 'recipient_rejected'],
    [SANDBOX_KEYS.generationRejected, 'message_rejected'],
    [SANDBOX_KEYS.rateLimited, 'rate_limited'],
    [SANDBOX_KEYS.serverError, 'temporarily_unavailable'],
    [SANDBOX_KEYS.unavailable, 'temporarily_unavailable'],
    [SANDBOX_KEYS.notJson, 'temporarily_unavailable'],
    [SANDBOX_KEYS.signInPage, 'invalid_response'],
  ])('to the key %s is %s', async (apiKey, code) => {
    expect(await failureOf(adapter.send(plainMessage(), settings({ apiKey })))).toMatchObject({ code });
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

  it('can report how long to wait', async () => {
    expect(await failureTo({ status: 429, headers: { 'retry-after': '7' } })).toMatchObject({ retryAfterMs: 7_000 });
    expect(await failureTo(answers.unavailable)).not.toHaveProperty('retryAfterMs');
  });
});

describe('the sandbox causes each failure', () => {
  it('by a change of the settings', async () => {
    for (const [code, change] of Object.entries(sandbox.failures)) {
      const send = adapter.send(plainMessage(), settings(change), { signal: AbortSignal.timeout(500) });
      expect([code, (await failureOf(send)).code]).toEqual([code, code]);
    }
  });
});

describe('a rejected member', () => {
  it.each([
    ['address.email is required for each recipient', '/to', 'recipient', 'recipient'],
    ['invalid recipient address.email: nobody', '/to', 'recipient', 'recipient'],
    ["'recipients' is required", '/to', 'recipient', 'recipient'],
    ['content.from is a required field', '/from', 'sender', 'sender'],
    ["'content.subject' is required", '/subject', 'message', 'sender'],
    ['content.reply_to is no address', '/replyTo', 'message', 'sender'],
    ['content.headers must be an object', '/headers', 'message', 'sender'],
    ['content.attachments[0].data is no base64', '/attachments', 'message', 'sender'],
    ['content.inline_images[0].name is required', '/attachments', 'message', 'sender'],
    ['At least one of content.html and content.text is required', '/html', 'message', 'sender'],
    ['metadata must be an object', '/metadata', 'message', 'sender'],
    ['tags must be an array', '/tags', 'message', 'sender'],
    ['start_time is in the wrong format', '/sendAt', 'message', 'sender'],
  ])('%s: %s', async (description, pointer, stage, fault) => {
    const failure = await failureTo(
      answers.invalid([{ message: 'invalid data format/type', description, code: '1300' }]),
    );
    expect(failure).toMatchObject({ code: 'invalid_request', pointer, stage, fault, status: 422 });
  });

  it.each(['campaign_id is too long', 'something else', ''])('%j has no pointer', async (message) => {
    const failure = await failureTo(answers.invalid([{ message, code: '1300' }]));
    expect(failure).toMatchObject({ code: 'invalid_request', fault: 'sender', stage: 'message' });
    expect(failure).not.toHaveProperty('pointer');
  });
});
