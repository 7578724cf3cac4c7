import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type AdapterErrorDetails,
  adapterIdentity,
  describeFields,
  type Diagnosis,
  type EmailMessage,
  HttpClient,
  OutboundPolicy,
  validateInput,
  VendorEndpoints,
} from '@score-crm/adapter-kit';
import { jsonAnswer, type SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf, httpServer, plainMessage, silentProbe, webhookRequest } from '@score-crm/adapter-kit/testing';
import { SmtpcomAdapter, SmtpcomSettings } from '@score-crm/adapter-smtpcom';
import { answers, SANDBOX_CHANNELS, SANDBOX_KEYS, SmtpcomSandbox } from '../sandbox/index.ts';
import { adapterFor, many, settings, TOKEN } from './support.ts';

const FILE = { filename: 'a.txt', content: Buffer.from('a'), contentType: 'text/plain' };
const FULL: EmailMessage = plainMessage({
  to: [
    { email: 'ada@recipient.example', name: 'Ärger, Åsa <x>' },
    { email: 'bob@recipient.example', name: '' },
  ],
  cc: [{ email: 'cc@recipient.example' }],
  bcc: [{ email: 'audit@sender.example' }],
  replyTo: [{ email: 'support@sender.example', name: 'Support' }],
  subject: 'Grüße – 你好 {{name}}',
  html: '<p>Hello Ada <img src="cid:logo"></p>',
  headers: { 'List-Unsubscribe': '<https://sender.example/u/1>', 'X-Entity-Ref-ID': '42', 'X-Lent': 'of.mail' },
  attachments: [
    { filename: 'grün.pdf', content: Buffer.from('%PDF-1.4\n'), contentType: 'application/pdf' },
    {
      filename: 'logo.png',
      content: new Uint8Array([0, 137, 80, 255]).subarray(1),
      contentType: 'image/png',
      contentId: 'logo',
    },
  ],
  metadata: { score_connection_id: 'c-1', 'with-hyphen': 'a "b" \\ c', city: 'Zürich – 東京 😀' },
});
const UNIQUE_ARGS = String.raw`{ "unique_args": { "score_connection_id": "c-1", "with-hyphen": "a \"b\" \\ c", "city": "Z\u00fcrich \u2013 \u6771\u4eac \ud83d\ude00" } }`;
/** The maximum amount of metadata. */
const LONGEST = 'x'.repeat(987 - '{ "unique_args": { "big": "" } }'.length);

let sandbox: SmtpcomSandbox;
let adapter: SmtpcomAdapter;

beforeAll(async () => {
  sandbox = await SmtpcomSandbox.start({ verifiedSenders: ['@sender.example'], paceMs: 1 });
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

async function sent(message: Partial<EmailMessage>) {
  await adapter.send(plainMessage(message), settings());
  return sandbox.mails.at(-1)?.json;
}

async function failureTo(answer: SandboxAnswer): Promise<AdapterErrorDetails> {
  sandbox.answerNext(answer);
  return failureOf(adapter.send(plainMessage(), settings()));
}

describe('a message', () => {
  it('is sent as the documented request, with all of its members, and has the id of its events', async () => {
    const { messageId } = await adapter.send(FULL, settings());
    const mail = sandbox.mails.at(-1);
    const text = { charset: 'UTF-8' };
    const file = { encoding: 'base64' };
    expect(mail?.json).toEqual({
      channel: 'acme_transactional',
      recipients: {
        to: [{ name: 'Ärger, Åsa <x>', address: 'ada@recipient.example' }, { address: 'bob@recipient.example' }],
        cc: [{ address: 'cc@recipient.example' }],
        bcc: [{ address: 'audit@sender.example' }],
      },
      originator: {
        from: { name: 'Acme', address: 'no-reply@sender.example' },
        reply_to: { name: 'Support', address: 'support@sender.example' },
      },
      custom_headers: { ...FULL.headers, 'X-SMTPAPI': UNIQUE_ARGS },
      subject: 'Grüße – 你好 {{name}}',
      body: {
        parts: [
          { ...text, type: 'text/plain', content: 'Hello Ada' },
          { ...text, type: 'text/html', content: FULL.html },
        ],
        attachments: [
          {
            ...file,
            type: 'application/pdf',
            disposition: 'attachment',
            filename: 'grün.pdf',
            content: 'JVBERi0xLjQK',
          },
          { ...file, type: 'image/png', disposition: 'inline', filename: 'logo.png', cid: 'logo', content: 'iVD/' },
        ],
      },
    });
    expect(mail?.headers).toMatchObject({ 'x-smtpcom-api': SANDBOX_KEYS.working, 'content-type': 'application/json' });
    expect(mail?.headers).not.toHaveProperty('authorization');
    expect(mail?.headers).not.toHaveProperty('list-unsubscribe');
    expect(messageId).toBe(mail?.messageId);
    const items = sandbox.itemsOf(messageId).map(({ item }) => item);
    const parsed = adapter.webhooks.parse(webhookRequest(JSON.stringify(items)));
    expect(parsed).toHaveLength(4 * 3);
    for (const one of parsed) expect(one).toMatchObject({ ok: true, event: { messageId, metadata: FULL.metadata } });
  });

  it('contains nothing that was not given', async () => {
    const none = { cc: [], bcc: [], replyTo: [], headers: {}, attachments: [], tags: [], metadata: {} };
    expect(await sent({ ...none, text: '', html: '<p>x</p>' })).toEqual({
      channel: 'acme_transactional',
      recipients: { to: [{ address: 'ada@recipient.example' }] },
      originator: { from: { name: 'Acme', address: 'no-reply@sender.example' } },
      subject: 'Welcome',
      body: { parts: [{ type: 'text/html', charset: 'UTF-8', content: '<p>x</p>' }] },
    });
  });

  it('can be as large as SMTP.com allows, its attachments in lines', async () => {
    const content = Buffer.alloc(7_200_000, 'x');
    const lines = (await sent({ attachments: [{ ...FILE, content }] }))?.body.attachments?.[0]?.['content'] ?? '';
    expect(lines).toMatch(/^[\w+/]{76}\r\n[\w+/]{76}\r\n/);
    expect(Buffer.from(lines, 'base64').equals(content)).toBe(true);
    const limits = { to: many(1000), subject: 's'.repeat(998), tags: [], metadata: { big: LONGEST } };
    expect((await sent(limits))?.custom_headers?.['X-SMTPAPI']).toHaveLength(987);
  });

  it('is not modified', async () => {
    const given = plainMessage({ headers: { 'X-A': 'b' }, metadata: { a: 'b' } });
    const before = structuredClone(given);
    await adapter.send(given, settings());
    expect(given).toEqual(before);
  });

  it('uses the right keys and channels when several are sent concurrently', async () => {
    const accounts: readonly (readonly [Partial<SmtpcomSettings>, string])[] = [
      [{}, 'acme_transactional'],
      [{ channel: SANDBOX_CHANNELS.other }, 'acme_newsletter'],
      [{ apiKey: SANDBOX_KEYS.noQuota }, 'quota_exceeded'],
      [{ apiKey: 'e'.repeat(40) }, 'authentication_failed'],
      [{ channel: 'no_such_channel' }, 'invalid_request'],
      // It is distinguished from an unknown one only if its own data are read.
      [{ channel: SANDBOX_CHANNELS.canceled }, 'invalid_request'],
    ];
    const all = [...accounts, ...accounts, ...accounts];
    const outcomes = await Promise.all(
      all.map(([overrides]) =>
        adapter.send(plainMessage(), settings(overrides)).then(
          ({ messageId }) => sandbox.mails.find((mail) => mail.messageId === messageId)?.json.channel,
          (error: { details: AdapterErrorDetails }) => error.details.code,
        ),
      ),
    );
    expect(outcomes).toEqual(all.map(([, outcome]) => outcome));
  });

  it('goes to the vendor’s host', async () => {
    const urls: string[] = [];
    const http = new HttpClient(new OutboundPolicy());
    http.request = ({ url }) => Promise.reject(new TypeError(String(urls.push(String(url)))));
    await new SmtpcomAdapter(http, new VendorEndpoints()).send(plainMessage(), settings()).catch(() => undefined);
    expect(urls).toEqual(['https://api.smtp.com/v4/messages']);
  });
});

describe('an accepted message', () => {
  const ID = '42b36f27-184a-4d01-816e-601ebe4e6163';
  const message = `accepted, msg_id: ${ID}`;

  it.each<[string, object, number]>([
    ['in a sentence', { message }, 200],
    ['in a sentence of other spacing', { message: `Accepted,  MSG_ID:${ID}.` }, 200],
    ['in a field', { msg_id: ID }, 200],
    ['in both', { msg_id: ID, message: 'accepted, msg_id: another' }, 200],
    ['in a sentence with an empty field', { msg_id: '', message }, 200],
    ['with 201', { message }, 201],
    ['with 202', { msg_id: ID }, 202],
  ])('returns its id %s', async (_where, data, status) => {
    sandbox.answerNext(jsonAnswer(status, { status: 'success', data }));
    expect(await adapter.send(plainMessage(), settings())).toMatchObject({ messageId: ID });
  });

  it.each([[{}], [null], [undefined], ['accepted'], [{ msg_id: 5 }], [{ message: 'accepted' }]])(
    'without an id, %j, is a success: an error would lead to a second attempt',
    async (data) => {
      const answer = jsonAnswer(200, { status: 'success', data });
      sandbox.answerNext(answer, answer);
      const first = await adapter.send(plainMessage(), settings());
      const second = await adapter.send(plainMessage(), settings());
      expect(first.accepted).toEqual(['ada@recipient.example']);
      expect(first.messageId).toMatch(/^untracked-/);
      expect(second.messageId).not.toBe(first.messageId);
    },
  );

  it.each([
    [200, '<html>Sign in</html>'],
    [202, '{}'],
    [200, '{"status":"ok","data":{"msg_id":"x"}}'],
    [204, ''],
  ])('%i with the body %j is not from SMTP.com', async (status, body) => {
    expect(await failureTo({ status, body })).toMatchObject({ code: 'invalid_response', retryable: false, status });
  });
});

describe('before anything is sent', () => {
  type Rejected = [string | undefined, Partial<EmailMessage>, Partial<AdapterErrorDetails>];
  const unsupported: Partial<AdapterErrorDetails> = { code: 'unsupported', stage: 'message' };
  const invalid: Partial<AdapterErrorDetails> = { code: 'invalid_request' };
  const tooLarge: Partial<AdapterErrorDetails> = { code: 'message_too_large', fault: 'configuration' };
  const RESERVED = ['id', 'subject', 'rcpt_to', 'event_label', 'tracking_id', 'time_finished', 'timestamp'].concat([
    'resp_anything',
    'user_agent',
  ]);

  it.each<Rejected>([
    ['/sendAt', { sendAt: new Date(0) }, unsupported],
    ['/sendAt', { sendAt: new Date(Number.NaN) }, unsupported],
    ['/replyTo/1', { replyTo: many(2) }, unsupported],
    ['/attachments/1/contentType', { attachments: [FILE, { ...FILE, contentType: 'message/rfc822' }] }, unsupported],
    ['/attachments/0/contentType', { attachments: [{ ...FILE, contentType: 'Message/RFC822; x=y' }] }, unsupported],
    ...RESERVED.map((name): Rejected => [`/metadata/${name}`, { metadata: { fine: 'x', [name]: 'x' } }, unsupported]),
    ['/metadata', { metadata: { big: `${LONGEST}x` } }, unsupported],
    ['/metadata', { metadata: { big: 'ü'.repeat(170) } }, unsupported],
    ['/to', { to: many(999), cc: [{ email: 'c@b.example' }], bcc: [{ email: 'd@b.example' }] }, invalid],
    ['/subject', { subject: 's'.repeat(999) }, invalid],
    ['/headers/X-SMTPAPI', { headers: { 'X-SMTPAPI': '{"unique_args":{"a":"b"}}' } }, invalid],
    ['/headers/X-SMTPCOM-Tracking-Number', { headers: { 'X-SMTPCOM-Tracking-Number': 'x' } }, invalid],
    [undefined, { attachments: [{ ...FILE, content: Buffer.alloc(7_400_000) }] }, tooLarge],
    [undefined, { html: 'ü'.repeat(3_700_000) }, tooLarge],
    [undefined, { text: 'x'.repeat(4e6), attachments: [{ ...FILE, content: Buffer.alloc(4e6) }] }, tooLarge],
  ])('%s is rejected', async (pointer, overrides, details) => {
    const before = sandbox.requests;
    const failure = await failureOf(adapter.send(plainMessage(overrides), settings()));
    expect(failure).toMatchObject({ ...details, retryable: false, hint: expect.stringMatching(/^[A-Z].{10,}\.$/) });
    expect(failure.pointer).toBe(pointer);
    expect(sandbox.requests).toBe(before);
  });
});

describe('an answer', () => {
  const configured = { fault: 'configuration', retryable: false } as const;
  const later = { fault: 'vendor', retryable: true } as const;
  const refused = { code: 'invalid_request', fault: 'sender', retryable: false } as const;
  const channel = { code: 'invalid_request', pointer: '/channel', ...configured } as const;
  const wrongKey = { code: 'authentication_failed', stage: 'authenticate', status: 401, ...configured } as const;
  const unavailable = { code: 'temporarily_unavailable', ...later } as const;
  const unverified = { code: 'sender_not_verified', stage: 'sender', fault: 'sender', retryable: false } as const;
  const text = 'could not be blank';
  const failed = (data: unknown, status = 400) => jsonAnswer(status, { status: 'fail', data });
  const DEEP = `${'{"a":'.repeat(50_000)}"x"${'}'.repeat(50_000)}`;

  it.each<[string, SandboxAnswer, Partial<AdapterErrorDetails>]>([
    ['a wrong key', answers.wrongKey, { ...wrongKey, reply: 'api_key: invalid' }],
    ['a wrong key without JSON', { status: 401, body: 'no' }, { ...wrongKey, reply: 'no' }],
    ['a forbidden key', answers.forbidden, { code: 'permission_denied', status: 403, ...configured }],
    ['an unknown path', answers.notFound, { code: 'invalid_request', status: 404, ...configured }],
    ['too large a message', { status: 413 }, { code: 'message_too_large', status: 413, ...configured }],
    ['a blank channel', answers.invalid({ channel: text }), { ...channel, reply: `channel: ${text}` }],
    ['a flat form', answers.invalidFlat({ channel: 'no' }), { ...channel, reply: 'channel: no' }],
    ['a list', answers.invalid({ channel: ['no', 'x'] }), { ...channel, reply: 'channel: no; channel: x' }],
    [
      'the quota',
      answers.invalid({ channel: 'monthly quota exceeded' }),
      { code: 'quota_exceeded', status: 400, ...later, reply: 'channel: monthly quota exceeded' },
    ],
    ['a failure with 200', failed({ errors: { subject: 'x' } }, 200), { ...refused, status: 200, pointer: '/subject' }],
    ['trouble with 200', jsonAnswer(200, { status: 'error', message: 'x' }), { ...unavailable, reply: 'x' }],
    ['trouble', answers.serverError, { ...unavailable, status: 500, reply: 'internal error' }],
    ['a gateway', answers.notJson, { ...unavailable, status: 502, reply: '<html><h1>502 Bad Gateway</h1></html>' }],
    ['many requests', answers.rateLimited, { code: 'rate_limited', status: 429, ...later, retryAfterMs: 30_000 }],
    ['errors that are text', failed({ errors: 'no' }), { ...refused, reply: 'no' }],
    ['data that are text', failed('no'), { ...refused, reply: 'no' }],
    ['a list of errors', failed({ errors: ['one', 'two'] }), { ...refused, reply: 'one; two' }],
    ['errors of no text', failed({ errors: { a: 1, b: null, c: '', d: {} } }), refused],
    ['great depth', { status: 400, body: `{"status":"fail","data":${DEEP}}` }, refused],
    ['null', { status: 400, body: 'null' }, { ...refused, reply: 'null' }],
    ['nothing', { status: 400 }, refused],
    ['a broken connection', 'hang up', { code: 'connection_closed', fault: 'network', retryable: true }],
    ['an unverified domain', answers.invalid({ originator: 'domain is not verified' }), unverified],
    ['a sender not allowed', answers.invalid({ 'originator.from': 'not allowed for this channel' }), unverified],
    ['an unregistered sender', answers.invalid({ from: 'unregistered domain' }), unverified],
    ['a nested sender', answers.invalid({ originator: { from: { address: 'is not authorized' } } }), unverified],
    [
      'a recipient’s domain',
      answers.invalid({ 'recipients.to.0.address': 'domain is not allowed' }),
      { code: 'invalid_request', stage: 'recipient' },
    ],
    [
      'nested objects',
      answers.invalid({ recipients: { to: [{ address: 'no' }, { address: ['no'] }] } }),
      { pointer: '/to/0/email', reply: 'recipients.to.0.address: no; recipients.to.1.address: no' },
    ],
    [
      'several fields',
      answers.invalid({ 'body.parts': 'One.', subject: 'Two.', 'originator.from': 'Three.' }),
      { pointer: '/subject', reply: 'body.parts: One.; subject: Two.; originator.from: Three.' },
    ],
  ])('with %s is mapped specifically', async (_what, answer, expected) => {
    const failure = await failureTo(answer);
    expect(failure).toMatchObject({ ...expected, hint: expect.stringMatching(/^[A-Z].{20,}\.$/) });
  });

  it.each<[string, string | undefined, string]>([
    ['recipients.to.0.address', '/to/0/email', 'recipient'],
    ['recipients.cc[12].address', '/cc/12/email', 'recipient'],
    ['recipients.bcc.1.name', '/bcc/1/name', 'recipient'],
    ['recipients.to', '/to', 'recipient'],
    ['recipients', '/to', 'recipient'],
    ['to', '/to', 'recipient'],
    ['originator.from.address', '/from/email', 'sender'],
    ['originator.from', '/from', 'sender'],
    ['originator', '/from', 'sender'],
    ['from', '/from', 'sender'],
    ['originator.reply_to.address', '/replyTo/0/email', 'message'],
    ['reply_to', '/replyTo/0', 'message'],
    ['subject', '/subject', 'message'],
    ['body.attachments.2.cid', '/attachments/2/contentId', 'message'],
    ['body.attachments.0.type', '/attachments/0/contentType', 'message'],
    ['body.attachments.0.content', '/attachments/0/content', 'message'],
    ['custom_headers.X-A.b/c', '/headers/X-A.b~1c', 'message'],
    ['custom_headers.X-SMTPAPI', '/metadata', 'message'],
    ['body.parts.0.content', undefined, 'message'],
    ['unheard_of', undefined, 'message'],
    ['', undefined, 'message'],
    ['fromage', undefined, 'message'],
    ['subjects', undefined, 'message'],
  ])('that rejects %j points to %s', async (field, pointer, stage) => {
    const failure = await failureTo(answers.invalid({ [field]: text }));
    const reply = field === '' ? expect.stringContaining(text) : `${field}: ${text}`;
    const fault = stage === 'recipient' ? 'recipient' : 'sender';
    expect(failure).toMatchObject({ code: 'invalid_request', stage, fault, reply, status: 400, retryable: false });
    expect(failure.pointer).toBe(pointer);
  });
});

describe('a test', () => {
  const skipped = { authentication: 'skipped', sendPermission: 'skipped', fromAddress: 'skipped' };
  const reached = { connectivity: 'passed', ...skipped };
  const passed = { connectivity: 'passed', authentication: 'passed', sendPermission: 'passed', fromAddress: 'passed' };
  const mayNotSend = { ...passed, sendPermission: 'failed', fromAddress: 'skipped' };
  const fromFailed = { ...passed, fromAddress: 'failed' };
  const TO = { to: ['ada@recipient.example'] };
  const ACTIVE = answers.success({ status: 'active' });
  const stagesOf = ({ stages }: Diagnosis) => stages.map(({ stage, status }) => `${stage} ${status}`).join(', ');

  it('without recipients checks key and channel', async () => {
    const diagnosis = await adapter.diagnose(settings(), silentProbe());
    expect(diagnosis).toMatchObject({ ok: true, checks: { ...passed, fromAddress: 'skipped' }, warnings: [] });
    expect(stagesOf(diagnosis)).toBe(
      'connect passed, tls skipped, authenticate passed, sender skipped, recipient skipped, message skipped',
    );
  });

  it.each<[string, unknown]>([
    ['without a name', { status: 'active', quota: 5 }],
    [
      'among others',
      {
        items: [
          { name: 'x', status: 'canceled' },
          { name: 'acme_transactional', status: 'active' },
        ],
      },
    ],
    ['in another case', { name: 'acme_transactional', status: 'Active' }],
    ['without a status', { name: 'acme_transactional' }],
  ])('reads a channel %s', async (_how, data) => {
    sandbox.answerNext(ACTIVE, answers.success(data as object));
    expect(await adapter.diagnose(settings(), silentProbe())).toMatchObject({ ok: true });
  });

  it.each<[string, SandboxAnswer]>([
    ['404', answers.notFound],
    ['400', answers.invalid({ name: 'not found' })],
    ['the data of another', answers.success({ name: 'Acme_Transactional', status: 'active' })],
    ['others', answers.success({ items: [{ name: 'another', status: 'active' }] })],
    ['no channels', answers.success({ items: [] })],
    ['no data', answers.success({})],
    ['odd data', answers.success({ items: [null, 5, 'acme_transactional'] })],
  ])('detects by %s that there is no such channel', async (_what, answer) => {
    sandbox.answerNext(ACTIVE, answer);
    const error = { code: 'invalid_request', fault: 'configuration', pointer: '/channel' };
    const diagnosis = await adapter.diagnose(settings(), silentProbe(TO));
    expect(diagnosis).toMatchObject({ ok: false, error, checks: mayNotSend });
  });

  it.each(['a/b', '../account', 'a?b#c', 'a%2fb', 'Ünï 1'])('reads exactly the channel %j', async (channel) => {
    const paths: string[] = [];
    const odd = await httpServer(({ url = '' }, response) => {
      paths.push(url);
      response.end(JSON.stringify({ status: 'success', data: { name: channel, status: 'active' } }));
    });
    expect(await adapterFor(odd).diagnose(settings({ channel }), silentProbe())).toMatchObject({ ok: true });
    expect(paths).toEqual(['/v4/account/', `/v4/channels/${encodeURIComponent(channel)}`]);
    await odd.close();
  });

  it.each<[string, Partial<SmtpcomSettings>, string, object]>([
    ['a wrong key', { apiKey: 'e'.repeat(40) }, 'authentication_failed', { ...reached, authentication: 'failed' }],
    ['a key without permission', { apiKey: SANDBOX_KEYS.forbidden }, 'permission_denied', mayNotSend],
    ['a canceled channel', { channel: SANDBOX_CHANNELS.canceled }, 'permission_denied', mayNotSend],
    ['an unknown channel', { channel: 'acme_Transactional' }, 'invalid_request', mayNotSend],
    ['no quota', { apiKey: SANDBOX_KEYS.noQuota }, 'quota_exceeded', mayNotSend],
    ['an unverified sender', { apiKey: SANDBOX_KEYS.unverifiedSender }, 'sender_not_verified', fromFailed],
    ['too many calls', { apiKey: SANDBOX_KEYS.rateLimited }, 'rate_limited', reached],
    ['trouble', { apiKey: SANDBOX_KEYS.serverError }, 'temporarily_unavailable', reached],
    ['a gateway', { apiKey: SANDBOX_KEYS.notJson }, 'temporarily_unavailable', reached],
  ])('detects %s', async (_what, changes, code, checks) => {
    const { error, ...rest } = await adapter.diagnose(settings(changes), silentProbe(TO));
    expect(rest).toMatchObject({ ok: false, checks });
    expect(error?.code).toBe(code);
    const failed = rest.stages.filter(({ status }) => status === 'failed');
    expect(failed).toEqual([{ stage: error?.stage, status: 'failed' }]);
  });

  const denied = (reply: string) => ({ code: 'permission_denied', reply });
  const body = 'no response of SMTP.com';
  it.each<[string, readonly SandboxAnswer[], object, object]>([
    ['an inactive account', [answers.success({ status: 'suspended' })], denied('suspended'), mayNotSend],
    ['a status that is the key', [answers.success({ status: SANDBOX_KEYS.working })], denied('[redacted]'), mayNotSend],
    ['no JSON', [{ status: 200, body }], { code: 'invalid_response' }, reached],
    ['other JSON', [jsonAnswer(200, { account: 'active' })], { code: 'invalid_response' }, reached],
    ['null', [jsonAnswer(200, null)], { code: 'invalid_response' }, reached],
    ['a redirect', [{ status: 302, headers: { location: '/' } }], { code: 'invalid_response' }, reached],
    ['trouble after the key', [ACTIVE, answers.serverError], {}, { ...passed, ...skipped, authentication: 'passed' }],
    ['trouble after the channel', [ACTIVE, ACTIVE, answers.serverError], {}, { ...passed, fromAddress: 'skipped' }],
  ])('reports %s, and keeps earlier results', async (_what, planned, error, checks) => {
    sandbox.answerNext(...planned);
    expect(await adapter.diagnose(settings(), silentProbe(TO))).toMatchObject({ ok: false, error, checks });
  });

  it('reports a sender that the sandbox rejects', async () => {
    const probe = silentProbe({ ...TO, from: { email: 'x@other.example' } });
    const error = { code: 'sender_not_verified', stage: 'sender', fault: 'sender', pointer: '/from' };
    expect(await adapter.diagnose(settings(), probe)).toMatchObject({ ok: false, checks: fromFailed, error });
  });
});

it.each([{ channelShape: 'object' }, { channelShape: 'items' }, { channelShape: 'list', acceptance: 'id' }] as const)(
  'works with responses of the form %j',
  async (options) => {
    const other = await SmtpcomSandbox.start(options);
    const { sent: mail, ok } = await adapterFor(other).diagnose(settings(), silentProbe({ to: ['ada@b.example'] }));
    expect([ok, mail?.messageId]).toEqual([true, other.mails[0]?.messageId]);
    const canceled = settings({ channel: SANDBOX_CHANNELS.canceled });
    const { error } = await adapterFor(other).diagnose(canceled, silentProbe());
    expect(error).toMatchObject({ code: 'permission_denied', reply: 'canceled' });
    await other.close();
  },
);

describe('the settings', () => {
  const apiKey = '5a0f3c2b1d4e6f708192a3b4c5d6e7f809123456';

  it.each<[object, string[]]>([
    [{}, []],
    [{ apiKey: `Bearer ${apiKey}` }, ['/apiKey invalid']],
    [{ apiKey: `bearer:${apiKey}` }, ['/apiKey invalid']],
    [{ apiKey: `X-SMTPCOM-API: ${apiKey}` }, ['/apiKey invalid']],
    [{ apiKey: ` ${apiKey}` }, ['/apiKey invalid']],
    [{ apiKey: 'ключ' }, ['/apiKey invalid']],
    [{ apiKey: `${apiKey}\r\nX: y` }, ['/apiKey control_character']],
    [{ apiKey: 'x'.repeat(513) }, ['/apiKey too_long']],
    ...['Acme news / Ünï.1', 'a', '.a'].map((channel) => [{ channel }, []] as [object, string[]]),
    ...['acme ', ' acme', '.', '..'].map((channel) => [{ channel }, ['/channel invalid']] as [object, string[]]),
    [{ channel: 'x'.repeat(201) }, ['/channel too_long']],
    [{ webhookToken: TOKEN }, []],
    [{ webhookToken: 'x'.repeat(31) }, ['/webhookToken too_short']],
    [{ webhookToken: `${TOKEN}&event=x` }, ['/webhookToken invalid']],
    [{ webhookToken: `${TOKEN}%41` }, ['/webhookToken invalid']],
    [{ webhookSigningKey: 'sixteen letters!' }, []],
    [{ webhookSigningKey: 'short' }, ['/webhookSigningKey too_short']],
  ])('%j', (changes, expected) => {
    const result = validateInput(SmtpcomSettings, { apiKey, channel: 'acme_transactional', ...changes });
    const errors = result.ok ? [] : result.errors;
    expect(errors.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual(expected);
    const wrongKey = errors.find(({ code, pointer }) => `${pointer} ${code}` === '/apiKey invalid');
    expect(wrongKey?.message ?? '').toMatch(/^(?:API key must be only the key, without “Bearer”.*)?$/);
  });

  it('bind the key to the channel, and webhook secrets to nothing', () => {
    const flags = ['secret', 'bindsSecret', 'inboundOnly', 'generated', 'advanced', 'required'] as const;
    const fields = describeFields(SmtpcomSettings);
    const named = flags.map((flag) => [flag, fields.filter((one) => one[flag] === true).map(({ name }) => name)]);
    expect(Object.fromEntries(named)).toEqual({
      secret: ['apiKey', 'webhookToken', 'webhookSigningKey'],
      bindsSecret: ['channel'],
      inboundOnly: ['webhookToken', 'webhookSigningKey'],
      generated: ['webhookToken'],
      advanced: ['webhookSigningKey'],
      required: ['apiKey', 'channel'],
    });
  });
});

it('declares its identity and capabilities', () => {
  expect(adapterIdentity(SmtpcomAdapter)).toMatchObject({ vendor: 'smtpcom', displayName: 'SMTP.com' });
  const present = { attachments: true, inlineImages: true, customHeaders: true, metadata: true };
  const limits = { maxRecipients: 1000, maxMessageBytes: 10_000_000 };
  const absent = { tags: false, scheduling: false };
  expect(adapter.capabilities).toMatchObject({ webhooks: 'shared-secret', ...limits, ...present, ...absent });
  expect(Reflect.getMetadata('design:paramtypes', SmtpcomAdapter)).toEqual([HttpClient, VendorEndpoints]);
});
