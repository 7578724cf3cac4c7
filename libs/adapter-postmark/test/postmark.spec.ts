import { afterEach, describe, expect, it } from '@jest/globals';
import { jsonAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf, httpServer, plainMessage, silentProbe } from '@score-crm/adapter-kit/testing';
import { PostmarkAdapter, PostmarkSettings } from '@score-crm/adapter-postmark';
import { adapterAt, settingErrors } from '../../../test/support/vendor-tests.ts';
import { answers, apiError } from '../sandbox/answers.ts';
import { PostmarkSandbox, type PostmarkSandboxOptions } from '../sandbox/postmark-sandbox.ts';

const PASSWORD = 'a-generated-password-of-32-characters';
const closed: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closed.splice(0)) await close();
});

function settings(overrides: Partial<PostmarkSettings> = {}): PostmarkSettings {
  const serverToken = 'aaaaaaaa-0000-4000-8000-5a3b9e7d1c44';
  return Object.assign(new PostmarkSettings(), { serverToken, webhookPassword: PASSWORD }, overrides);
}

async function start(options: PostmarkSandboxOptions = {}) {
  const sandbox = await new PostmarkSandbox({ paceMs: 1, ...options }).start();
  closed.push(() => sandbox.close());
  return { sandbox, adapter: adapterAt(PostmarkAdapter, 'postmark', sandbox) };
}

/** A webhook that answers with this status. */
async function webhook(status = 200) {
  const server = await httpServer((_request, response) => response.writeHead(status).end());
  closed.push(() => server.close());
  return { url: `http://127.0.0.1:${String(server.port)}/webhooks/v2/postmark/1` };
}

describe('a batch', () => {
  const to = (name: string) => plainMessage({ to: [{ email: `${name}@recipient.example` }], text: `Hello ${name}` });

  it('is one request with each message as it would be sent alone', async () => {
    const { sandbox, adapter } = await start();
    const messages = [
      plainMessage({ metadata: { tenant: 'acme' } }),
      plainMessage({ to: [{ email: 'bob@recipient.example' }], subject: 'Bye', html: '<b>Bye</b>', tags: ['bye'] }),
    ];
    await adapter.sendBatch?.(messages, settings());
    for (const message of messages) await adapter.send(message, settings());
    const [first, second, ...alone] = sandbox.mails.map(({ json }) => json);
    expect([first, second]).toEqual(alone);
    expect(second).toMatchObject({ Subject: 'Bye', HtmlBody: '<b>Bye</b>', Tag: 'bye' });
  });

  it('has the result of each message', async () => {
    const { adapter } = await start({ inactive: ['gone@recipient.example'] });
    const both = plainMessage({ to: [{ email: 'Gone@recipient.example' }, { email: 'ada@recipient.example' }] });
    const results = await adapter.sendBatch?.([to('ada'), to('gone'), both], settings());
    expect(results).toEqual([
      { result: { messageId: expect.any(String), accepted: ['ada@recipient.example'], rejected: [] } },
      { error: expect.objectContaining({ code: 'recipient_rejected', fault: 'recipient', retryable: false }) },
      {
        result: {
          messageId: expect.any(String),
          accepted: ['ada@recipient.example'],
          rejected: [expect.objectContaining({ recipient: 'Gone@recipient.example' })],
        },
      },
    ]);
  });

  it('is divided where its content is larger than a request may be', async () => {
    const { sandbox, adapter } = await start();
    const text = 'x'.repeat(4_900_000);
    const messages = Array.from({ length: 9 }, (_, index) => ({ ...to(`r${String(index)}`), text, html: text }));
    const results = await adapter.sendBatch?.(messages, settings());
    expect(results?.every((result) => 'result' in result)).toBe(true);
    expect(sandbox.mails).toHaveLength(9);
  });

  it.each([
    ['is no list', { ErrorCode: 0, Message: 'OK' }],
    ['is shorter', [{ ErrorCode: 0, MessageID: 'a' }]],
  ])('reports a response that %s', async (_what, body) => {
    const { sandbox, adapter } = await start();
    sandbox.answerNext(jsonAnswer(200, body));
    const results = await adapter.sendBatch?.([to('ada'), to('bob')], settings());
    expect(results?.map((result) => 'error' in result && result.error.code)).toEqual([
      'invalid_response',
      'invalid_response',
    ]);
  });

  it('names what Postmark said about a message', async () => {
    const { sandbox, adapter } = await start();
    const said = [{ ErrorCode: 300, Message: "Invalid 'Cc' address: 'x'." }, { ErrorCode: 405 }, 'strange'];
    sandbox.answerNext(jsonAnswer(200, said));
    const results = await adapter.sendBatch?.([to('ada'), to('bob'), to('eve')], settings());
    expect(results?.map((result) => 'error' in result && [result.error.code, result.error.pointer])).toEqual([
      ['invalid_request', '/cc'],
      ['quota_exceeded', undefined],
      ['invalid_request', undefined],
    ]);
  });
});

describe('a message', () => {
  it('is sent as the documented request, with all of its members', async () => {
    const { sandbox, adapter } = await start();
    await adapter.send(
      plainMessage({
        from: { email: 'no-reply@sender.example', name: 'Sender, "Inc."' },
        to: [{ email: 'ada@recipient.example', name: 'Ada' }, { email: 'bob@recipient.example' }],
        cc: [{ email: 'cc@recipient.example' }],
        bcc: [{ email: 'audit@sender.example' }],
        replyTo: [{ email: 'help@sender.example' }, { email: 'sales@sender.example' }],
        subject: 'Welcome',
        text: 'Welcome, Ada.',
        html: '<img src="cid:logo">',
        headers: { 'X-Campaign': 'onboarding' },
        tags: ['welcome'],
        metadata: { tenant: 'acme' },
        attachments: [
          { filename: 'terms.txt', content: Buffer.from('Terms.'), contentType: 'text/plain' },
          { filename: 'logo.png', content: Buffer.from('png'), contentType: 'image/png', contentId: 'logo' },
        ],
      }),
      settings({ messageStream: 'broadcast', trackOpens: 'on', trackLinks: 'HtmlOnly' }),
    );
    expect(sandbox.mails[0]?.json).toEqual({
      From: String.raw`"Sender, \"Inc.\"" <no-reply@sender.example>`,
      To: '"Ada" <ada@recipient.example>, bob@recipient.example',
      Cc: 'cc@recipient.example',
      Bcc: 'audit@sender.example',
      ReplyTo: 'help@sender.example, sales@sender.example',
      Subject: 'Welcome',
      TextBody: 'Welcome, Ada.',
      HtmlBody: '<img src="cid:logo">',
      Tag: 'welcome',
      Metadata: { tenant: 'acme' },
      Headers: [{ Name: 'X-Campaign', Value: 'onboarding' }],
      Attachments: [
        { Name: 'terms.txt', Content: 'VGVybXMu', ContentType: 'text/plain' },
        { Name: 'logo.png', Content: 'cG5n', ContentType: 'image/png', ContentID: 'cid:logo' },
      ],
      TrackOpens: true,
      TrackLinks: 'HtmlOnly',
      MessageStream: 'broadcast',
    });
  });

  it('leaves tracking to the server, unless the settings say otherwise', async () => {
    const { sandbox, adapter } = await start();
    await adapter.send(plainMessage(), settings());
    expect(Object.keys(sandbox.mails[0]?.json ?? {}).join()).not.toContain('Track');
  });

  it('reports the recipients to whom Postmark no longer sends as rejected, and the others as accepted', async () => {
    const { adapter } = await start({ inactive: ['gone@recipient.example', 'spam@recipient.example'] });
    const to = ['ada', 'Gone', 'spam'].map((name) => ({ email: `${name}@recipient.example` }));
    const result = await adapter.send(plainMessage({ to }), settings());
    expect(result.accepted).toEqual(['ada@recipient.example']);
    expect(result.rejected.map(({ recipient, error }) => [recipient, error.code, error.retryable])).toEqual([
      ['Gone@recipient.example', 'recipient_rejected', false],
      ['spam@recipient.example', 'recipient_rejected', false],
    ]);
    const failure = await failureOf(adapter.send(plainMessage({ to: to.slice(1) }), settings()));
    expect(failure).toMatchObject({ code: 'recipient_rejected', fault: 'recipient', retryable: false });
    expect(failure.hint).toContain('Other recipients may have received the message');
  });

  it('is accepted if the response has an id and no error code, and not without an id', async () => {
    const { sandbox, adapter } = await start();
    sandbox.answerNext(jsonAnswer(200, { MessageID: 'id-1', Message: 'Message accepted, but delayed.' }));
    expect(await adapter.send(plainMessage(), settings())).toMatchObject({ messageId: 'id-1', rejected: [] });
    sandbox.answerNext(jsonAnswer(200, { ErrorCode: 0, Message: 'OK' }));
    expect(await failureOf(adapter.send(plainMessage(), settings()))).toMatchObject({ code: 'invalid_response' });
  });

  it.each([
    ['/attachments/0/filename', { attachments: [{ filename: 'a.EXE', content: Buffer.of(0), contentType: 'a/b' }] }],
    ['/html', { html: 'x'.repeat(5_000_001) }],
    ['/text', { text: 'é'.repeat(2_500_001) }],
    ['/metadata/Tenant', { metadata: { tenant: 'a', Tenant: 'b' } }],
    ['/metadata', { metadata: Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`key${String(at)}`, 'x'])) }],
    ['/metadata/a-name-of-21-letters!', { metadata: { 'a-name-of-21-letters!': 'x' } }],
    ['/metadata/long', { metadata: { long: 'x'.repeat(81) } }],
    ['/tags', { tags: ['one', 'two'] }],
    ['/headers/X-PM-Bounce-Type', { headers: { 'X-PM-Bounce-Type': 'HardBounce' } }],
    ['/subject', { subject: 'x'.repeat(2001) }],
    ['/sendAt', { sendAt: new Date('2030-01-01') }],
  ])('is refused at %s before anything is sent', async (pointer, members) => {
    const { sandbox, adapter } = await start();
    expect(await failureOf(adapter.send(plainMessage(members), settings()))).toMatchObject({ pointer });
    expect(sandbox.requests).toBe(0);
  });
});

describe('an error', () => {
  it.each([
    [answers.wrongToken, { code: 'authentication_failed', stage: 'authenticate' }],
    [apiError(300, "Invalid 'To' address: 'ada@localhost'."), { code: 'invalid_request', pointer: '/to' }],
    [apiError(300, "Error parsing 'Cc': Illegal email domain '+'."), { fault: 'recipient', pointer: '/cc' }],
    [apiError(300, "Invalid 'From' address: 'x'."), { fault: 'sender', stage: 'sender', pointer: '/from' }],
    [apiError(300, "Invalid 'ReplyTo' address: 'x'."), { fault: 'sender', pointer: '/replyTo' }],
    [apiError(300, 'Neither text nor HTML.'), { code: 'invalid_request', fault: 'sender' }],
    [apiError(400, 'No signature.'), { code: 'sender_not_verified', stage: 'sender', pointer: '/from' }],
    // Codes that look like the status of another error.
    [apiError(401, 'Not confirmed.'), { code: 'sender_not_verified', fault: 'sender' }],
    [apiError(403, 'Invalid field.'), { code: 'invalid_request' }],
    [apiError(413, 'Not approved.'), { code: 'permission_denied', fault: 'configuration' }],
    [apiError(422, 'Server invalid.'), { code: 'permission_denied' }],
    [answers.noCredits, { code: 'quota_exceeded', retryable: false }],
    [apiError(411, 'Attachment type.'), { code: 'message_rejected', fault: 'sender', pointer: '/attachments' }],
    [answers.pending, { code: 'permission_denied', fault: 'configuration', stage: 'message' }],
    [apiError(1235, 'No stream.'), { code: 'invalid_request', pointer: '/messageStream' }],
    [apiError(1236, 'Inbound.'), { code: 'invalid_request', pointer: '/messageStream' }],
    // The pages and the table name different statuses.
    [apiError(1480, 'IP.', 403), { code: 'permission_denied', fault: 'configuration' }],
    [apiError(1480, 'IP.', 422), { code: 'permission_denied', fault: 'configuration' }],
    [answers.firewall, { code: 'permission_denied', fault: 'vendor', retryable: false }],
    [answers.tooLarge, { code: 'message_too_large' }],
    [answers.rateLimited, { code: 'rate_limited', retryable: true }],
    [answers.serverError, { code: 'temporarily_unavailable', retryable: true }],
    [answers.maintenance, { code: 'temporarily_unavailable', retryable: true }],
  ])('is understood by Postmark’s code, or else by its status: %j', async (answer, expected) => {
    const { sandbox, adapter } = await start();
    sandbox.answerNext(answer);
    expect(await failureOf(adapter.send(plainMessage(), settings()))).toMatchObject(expected);
  });
});

describe('the settings', () => {
  it.each([
    ['/serverToken', { serverToken: 'POSTMARK_API_TEST' }],
    ['/serverToken', { serverToken: 'a token' }],
    ['/messageStream', { messageStream: 'Outbound' }],
    ['/messageStream', { messageStream: `a${'b'.repeat(30)}` }],
  ])('refuse at %s: %j', (pointer, members) => {
    const errors = settingErrors(PostmarkSettings, { serverToken: 'token', ...members });
    expect(errors).toEqual([expect.stringMatching(`^${pointer} `)]);
  });
});

describe('a connection test', () => {
  const from = (email: string) => silentProbe({ from: { email } });

  it('names a stream that cannot send', async () => {
    const { adapter } = await start();
    for (const messageStream of ['inbound', 'old', 'nope']) {
      const { error } = await adapter.diagnose(settings({ messageStream }), silentProbe());
      expect(error).toMatchObject({ code: 'invalid_request', pointer: '/messageStream' });
    }
  });

  it('refuses a sandbox server, which delivers nothing', async () => {
    const { adapter } = await start();
    const sandboxServer = settings({ serverToken: '11111111-0000-4000-8000-5a3b9e7d1c44' });
    const { ok, checks, error } = await adapter.diagnose(sandboxServer, silentProbe());
    expect([ok, checks.authentication, checks.sendPermission]).toEqual([false, 'passed', 'failed']);
    expect(error?.hint).toContain('sandbox server');
  });

  it('does not take a response of the firewall for a known token', async () => {
    const { sandbox, adapter } = await start();
    sandbox.answerNext(answers.firewall);
    expect((await adapter.diagnose(settings(), silentProbe())).checks.authentication).not.toBe('passed');
  });

  it.each([
    ['no-reply@sender.example', 'passed'],
    ['ada@confirmed.example', 'passed'],
    ['bob@confirmed.example', 'failed'],
    ['no-reply@new.example', 'failed'],
    ['no-reply@mail.sender.example', 'skipped'],
  ])('with a token of the account, the sender %s %s', async (sender, status) => {
    const { sandbox, adapter } = await start({ verifiedSenders: ['@sender.example', 'ada@confirmed.example'] });
    const { accountToken } = sandbox.settings;
    const { stages, sent } = await adapter.diagnose(settings({ accountToken }), from(sender));
    expect(stages.find(({ stage }) => stage === 'sender')?.status).toBe(status);
    expect([sent, sandbox.mails.length]).toEqual([undefined, 0]);
  });

  it('skips the sender without a token of the account, and says why', async () => {
    const { adapter } = await start();
    const { stages } = await adapter.diagnose(settings(), from('no-reply@elsewhere.example'));
    expect(stages.find(({ stage }) => stage === 'sender')).toMatchObject({
      status: 'skipped',
      detail: expect.stringContaining('token of the account'),
    });
  });
});

describe('the registration', () => {
  it('fails if the response has no list of webhooks', async () => {
    const { sandbox, adapter } = await start();
    sandbox.answerNext(jsonAnswer(200, {}));
    const failure = await failureOf(adapter.webhooks.registration.status(await webhook(), settings()));
    expect(failure).toMatchObject({ stage: 'webhook', code: 'invalid_response' });
  });

  it('reports a webhook that Postmark could not verify, and creates none', async () => {
    const { sandbox, adapter } = await start();
    const registration = adapter.webhooks.registration;
    const failure = await failureOf(registration.register(await webhook(401), settings()));
    expect(failure).toMatchObject({ code: 'webhook_unreachable', stage: 'webhook' });
    expect(sandbox.webhooks).toEqual([]);
  });

  it('moves to another message stream, whose webhook is a new one', async () => {
    const { sandbox, adapter } = await start();
    const { registration } = adapter.webhooks;
    const target = await webhook();
    const { vendorId } = await registration.register(target, settings());
    const moved = settings({ messageStream: 'broadcast' });
    const status = await registration.status({ ...target, vendorId }, moved);
    expect(status).toMatchObject({ state: 'drifted', drift: [expect.stringContaining('“outbound”')] });
    await registration.register({ ...target, vendorId }, moved);
    expect(sandbox.webhooks.map(({ json }) => json.MessageStream)).toEqual(['broadcast']);
  });

  it.each([
    [{ Triggers: { Open: { Enabled: false } } }, 'Postmark does not report these events'],
    [{ HttpAuth: { Username: 'score-crm', Password: 'another' } }, 'different password'],
    [{ Triggers: { Open: { Enabled: true, PostFirstOpenOnly: true } } }, 'only the first open'],
    [{ Status: 'unverified' }, 'could not verify'],
  ])('notices what was changed at Postmark: %j', async (change, sentence) => {
    const { sandbox, adapter } = await start();
    const { registration } = adapter.webhooks;
    const target = await webhook();
    const { vendorId } = await registration.register(target, settings());
    const [entry] = sandbox.webhooks;
    if (entry !== undefined) sandbox.webhooks[0] = { ...entry, json: { ...entry.json, ...change } };
    const { state, drift = [] } = await registration.status({ ...target, vendorId }, settings());
    expect([state, drift.join(' ')]).toEqual(['drifted', expect.stringContaining(sentence)]);
  });

  it('works with the older API, which verifies nothing and has no test', async () => {
    const { adapter } = await start({ isOlder: true });
    const { registration } = adapter.webhooks;
    const target = await webhook(500);
    const { vendorId } = await registration.register(target, settings());
    expect(await registration.status({ ...target, vendorId }, settings())).toEqual({ state: 'registered' });
    const failure = await failureOf(registration.test?.({ ...target, vendorId }, settings()) ?? Promise.resolve());
    expect(failure).toMatchObject({ status: 404, stage: 'webhook' });
  });

  it('has Postmark post test events', async () => {
    const { adapter } = await start();
    const { registration } = adapter.webhooks;
    const target = await webhook();
    const { vendorId } = await registration.register(target, settings());
    await expect(registration.test?.({ ...target, vendorId }, settings())).resolves.toBeUndefined();
  });
});

describe('the setup by hand', () => {
  it('shows the user name and the password to enter', () => {
    const adapter = adapterAt(PostmarkAdapter, 'postmark', { url: 'http://127.0.0.1:1' });
    const values = adapter.webhooks
      .setupInstructions('https://crm.example/hook', settings())
      .flatMap(({ value }) => value ?? []);
    expect(values).toEqual(['https://crm.example/hook', 'score-crm', PASSWORD]);
  });
});
