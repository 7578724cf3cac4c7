import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import { jsonAnswer, type SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf, plainMessage } from '@score-crm/adapter-kit/testing';
import { answers, SmtpcomSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

let sandbox: SmtpcomSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await SmtpcomSandbox.start({ verifiedSenders: ['@sender.example'] });
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

async function failureTo(answer: SandboxAnswer): Promise<AdapterErrorDetails> {
  sandbox.answerNext(answer);
  return failureOf(adapter.send(plainMessage(), settings()));
}

const CONFIGURATION = { fault: 'configuration', retryable: false } as const;
const LATER = { fault: 'vendor', retryable: true } as const;
const REFUSED = { code: 'invalid_request', fault: 'sender', retryable: false } as const;
const CHANNEL = { code: 'invalid_request', pointer: '/channel', ...CONFIGURATION } as const;

const CASES: readonly (readonly [string, SandboxAnswer, Partial<AdapterErrorDetails>])[] = [
  [
    'a wrong key',
    answers.wrongKey,
    { code: 'authentication_failed', stage: 'authenticate', status: 401, ...CONFIGURATION, reply: 'api_key: invalid' },
  ],
  [
    'a wrong key without JSON',
    { status: 401, body: 'no' },
    { code: 'authentication_failed', ...CONFIGURATION, reply: 'no' },
  ],
  ['a key without permission', answers.forbidden, { code: 'permission_denied', status: 403, ...CONFIGURATION }],
  ['an unknown path', answers.notFound, { code: 'invalid_request', status: 404, ...CONFIGURATION }],
  ['too large a message', { status: 413 }, { code: 'message_too_large', status: 413, ...CONFIGURATION }],
  [
    'a blank channel',
    answers.invalid({ channel: 'could not be blank' }),
    { ...CHANNEL, reply: 'channel: could not be blank' },
  ],
  ['a channel, in a flat form', answers.invalidFlat({ channel: 'invalid' }), { ...CHANNEL, reply: 'channel: invalid' }],
  [
    'a channel, in a list',
    answers.invalid({ channel: ['invalid', 'unknown'] }),
    { ...CHANNEL, reply: 'channel: invalid; channel: unknown' },
  ],
  [
    'the quota',
    answers.invalid({ channel: 'monthly quota exceeded' }),
    { code: 'quota_exceeded', status: 400, ...LATER, reply: 'channel: monthly quota exceeded' },
  ],
  [
    'a rejection as a success',
    jsonAnswer(200, { status: 'fail', data: { errors: { subject: 'too long' } } }),
    { ...REFUSED, status: 200, pointer: '/subject' },
  ],
  [
    'trouble as a success',
    jsonAnswer(200, { status: 'error', message: 'try later' }),
    { code: 'temporarily_unavailable', ...LATER, reply: 'try later' },
  ],
  ['trouble', answers.serverError, { code: 'temporarily_unavailable', status: 500, ...LATER, reply: 'internal error' }],
  [
    'a gateway',
    answers.notJson,
    { code: 'temporarily_unavailable', status: 502, ...LATER, reply: '<html><h1>502 Bad Gateway</h1></html>' },
  ],
  ['too many requests', answers.rateLimited, { code: 'rate_limited', status: 429, ...LATER, retryAfterMs: 30_000 }],
  ['errors that are text', answers.invalid('no' as never), { ...REFUSED, reply: 'no' }],
  ['data that are text', jsonAnswer(400, { status: 'fail', data: 'no' }), { ...REFUSED, reply: 'no' }],
  [
    'a list of errors',
    jsonAnswer(400, { status: 'fail', data: { errors: ['one', 'two'] } }),
    { ...REFUSED, reply: 'one; two' },
  ],
  [
    'errors of no text',
    jsonAnswer(400, { status: 'fail', data: { errors: { a: 1, b: null, c: '', d: {} } } }),
    REFUSED,
  ],
  ['null', { status: 400, body: 'null' }, { ...REFUSED, reply: 'null' }],
  ['nothing', { status: 400 }, REFUSED],
  ['a connection that breaks', 'hang up', { code: 'connection_closed', fault: 'network', retryable: true }],
];

describe('an answer', () => {
  it.each(CASES)('%s is mapped specifically', async (_what, answer, expected) => {
    const failure = await failureTo(answer);
    expect(failure).toMatchObject(expected);
    expect(failure.hint).toMatch(/^[A-Z].{20,}\.$/);
  });

  it('of great depth is parsed as far as possible', async () => {
    const deep = `${'{"a":'.repeat(50_000)}"x"${'}'.repeat(50_000)}`;
    expect(await failureTo({ status: 400, body: `{"status":"fail","data":${deep}}` })).toMatchObject(REFUSED);
  });
});

describe('a rejected field', () => {
  it.each([
    ['recipients.to.0.address', '/to/0/email', 'recipient', 'recipient'],
    ['recipients.cc[12].address', '/cc/12/email', 'recipient', 'recipient'],
    ['recipients.bcc.1.name', '/bcc/1/name', 'recipient', 'recipient'],
    ['recipients.to', '/to', 'recipient', 'recipient'],
    ['recipients', '/to', 'recipient', 'recipient'],
    ['to', '/to', 'recipient', 'recipient'],
    ['originator.from.address', '/from/email', 'sender', 'sender'],
    ['originator.from', '/from', 'sender', 'sender'],
    ['originator', '/from', 'sender', 'sender'],
    ['from', '/from', 'sender', 'sender'],
    ['originator.reply_to.address', '/replyTo/0/email', 'message', 'sender'],
    ['reply_to', '/replyTo/0', 'message', 'sender'],
    ['subject', '/subject', 'message', 'sender'],
    ['body.attachments.2.cid', '/attachments/2/contentId', 'message', 'sender'],
    ['body.attachments.0.type', '/attachments/0/contentType', 'message', 'sender'],
    ['body.attachments.0.content', '/attachments/0/content', 'message', 'sender'],
    ['custom_headers.X-A.b/c', '/headers/X-A.b~1c', 'message', 'sender'],
    ['custom_headers.X-SMTPAPI', '/metadata', 'message', 'sender'],
  ])('%s is %s', async (field, pointer, stage, fault) => {
    const failure = await failureTo(answers.invalid({ [field]: 'could not be blank' }));
    const reply = `${field}: could not be blank`;
    expect(failure).toMatchObject({ code: 'invalid_request', pointer, stage, fault, reply, status: 400 });
  });

  it.each(['body.parts.0.content', 'unheard_of', '', 'fromage', 'subjects'])('%s has no pointer', async (field) => {
    const failure = await failureTo(answers.invalid({ [field]: 'not this' }));
    expect(failure).toMatchObject(REFUSED);
    expect(failure).not.toHaveProperty('pointer');
  });

  it('can be named by nested objects', async () => {
    const nested = { recipients: { to: [{ address: 'invalid' }, { address: ['invalid'] }] } };
    expect(await failureTo(answers.invalid(nested))).toMatchObject({
      pointer: '/to/0/email',
      reply: 'recipients.to.0.address: invalid; recipients.to.1.address: invalid',
    });
  });

  it('is the first with a pointer, and the reply has all texts', async () => {
    const failure = await failureTo(
      answers.invalid({ 'body.parts': 'One.', subject: 'Two.', 'originator.from': 'Three.' }),
    );
    expect(failure).toMatchObject({
      pointer: '/subject',
      reply: 'body.parts: One.; subject: Two.; originator.from: Three.',
    });
  });
});

describe('a sender that is not allowed', () => {
  it.each([
    { originator: 'domain is not verified' },
    { 'originator.from': 'not allowed for this channel' },
    { from: 'unregistered domain' },
    { originator: { from: { address: 'is not authorized' } } },
  ])('%j is an unverified one', async (errors) => {
    expect(await failureTo(answers.invalid(errors))).toMatchObject({
      code: 'sender_not_verified',
      stage: 'sender',
      fault: 'sender',
      retryable: false,
    });
  });

  it('is rejected by the sandbox', async () => {
    const send = adapter.send(plainMessage({ from: { email: 'x@other.example' } }), settings());
    expect(await failureOf(send)).toMatchObject({ code: 'sender_not_verified', pointer: '/from' });
  });

  it('is not any other rejection that mentions a domain', async () => {
    const failure = await failureTo(answers.invalid({ 'recipients.to.0.address': 'domain is not allowed' }));
    expect(failure).toMatchObject({ code: 'invalid_request', stage: 'recipient' });
  });
});
