import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdapterErrorDetails, describeFields, type EmailMessage, validateInput } from '@score-crm/adapter-kit';
import { jsonAnswer, type SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf, plainMessage, silentProbe, webhookRequest } from '@score-crm/adapter-kit/testing';
import { SmtpcomAdapter, SmtpcomSettings } from '@score-crm/adapter-smtpcom';
import { recipients, sendingUrls } from '../../../test/support/vendor-tests.ts';
import { answers, SANDBOX_CHANNELS, SANDBOX_KEYS, SmtpcomSandbox } from '../sandbox/index.ts';
import { adapterFor, settings, TOKEN } from './support.ts';

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
    const before = structuredClone(FULL);
    const { messageId } = await adapter.send(FULL, settings());
    expect(FULL).toEqual(before);
    const mail = sandbox.mails.at(-1);
    const text = { charset: 'UTF-8' };
    const [pdf, logo] = [{ type: 'application/pdf' }, { type: 'image/png', cid: 'logo' }];
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
          { ...pdf, disposition: 'attachment', filename: 'grün.pdf', encoding: 'base64', content: 'JVBERi0xLjQK' },
          { ...logo, disposition: 'inline', filename: 'logo.png', encoding: 'base64', content: 'iVD/' },
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
    const limits = { to: recipients(1000), subject: 's'.repeat(998), tags: [], metadata: { big: LONGEST } };
    expect((await sent(limits))?.custom_headers?.['X-SMTPAPI']).toHaveLength(987);
  });

  it('goes to the vendor’s host', async () => {
    expect(await sendingUrls(SmtpcomAdapter, settings())).toEqual(['https://api.smtp.com/v4/messages']);
  });
});

describe('an accepted message', () => {
  const ID = '42b36f27-184a-4d01-816e-601ebe4e6163';
  const message = `accepted, msg_id: ${ID}`;

  it.each<[number, object]>([
    [200, { message }],
    [200, { message: `Accepted,  MSG_ID:${ID}.` }],
    [200, { msg_id: ID, message: 'accepted, msg_id: another' }],
    [200, { msg_id: '', message }],
    [201, { message }],
    [202, { msg_id: ID }],
  ])('has its id in a response %i of %j', async (status, data) => {
    sandbox.answerNext(jsonAnswer(status, { status: 'success', data }));
    expect(await adapter.send(plainMessage(), settings())).toMatchObject({ messageId: ID });
  });

  it.each([{}, null, undefined, 'accepted', { msg_id: 5 }, { message: 'accepted' }].map((data) => ({ data })))(
    'without an id, %j, is a success: an error would lead to a second attempt',
    async ({ data }) => {
      const answer = jsonAnswer(200, { status: 'success', data });
      sandbox.answerNext(answer, answer);
      const first = await adapter.send(plainMessage(), settings());
      const second = await adapter.send(plainMessage(), settings());
      expect(first.accepted).toEqual(['ada@recipient.example']);
      expect(first.messageId).toMatch(/^untracked-/);
      expect(second.messageId).not.toBe(first.messageId);
    },
  );
});

const RESERVED = [
  'id',
  'subject',
  'rcpt_to',
  'event_label',
  'tracking_id',
  'time_finished',
  'timestamp',
  'resp_anything',
];
it.each<[string, string, Partial<EmailMessage>]>([
  ['unsupported', '/sendAt', { sendAt: new Date(Number.NaN) }],
  ['unsupported', '/replyTo/1', { replyTo: recipients(2) }],
  ['unsupported', '/attachments/1/contentType', { attachments: [FILE, { ...FILE, contentType: 'message/rfc822' }] }],
  ['unsupported', '/attachments/0/contentType', { attachments: [{ ...FILE, contentType: 'Message/RFC822; x=y' }] }],
  ...[...RESERVED, 'user_agent'].map((name): [string, string, Partial<EmailMessage>] => [
    'unsupported',
    `/metadata/${name}`,
    { metadata: { fine: 'x', [name]: 'x' } },
  ]),
  ['unsupported', '/metadata', { metadata: { big: `${LONGEST}x` } }],
  ['unsupported', '/metadata', { metadata: { big: 'ü'.repeat(170) } }],
  ['invalid_request', '/subject', { subject: 's'.repeat(999) }],
  ['invalid_request', '/headers/X-SMTPAPI', { headers: { 'X-SMTPAPI': '{"unique_args":{"a":"b"}}' } }],
  ['invalid_request', '/headers/X-SMTPCOM-Tracking-Number', { headers: { 'X-SMTPCOM-Tracking-Number': 'x' } }],
  ['message_too_large', '', { html: 'ü'.repeat(3_700_000) }],
  ['message_too_large', '', { text: 'x'.repeat(4e6), attachments: [{ ...FILE, content: Buffer.alloc(4e6) }] }],
])('a message is rejected before it is sent: %s at “%s”', async (code, pointer, overrides) => {
  const before = sandbox.requests;
  const failure = await failureOf(adapter.send(plainMessage(overrides), settings()));
  expect(failure).toMatchObject({ code, retryable: false, hint: expect.stringMatching(/^[A-Z].{10,}\.$/) });
  expect(failure.pointer ?? '').toBe(pointer);
  expect(sandbox.requests).toBe(before);
});

describe('a response', () => {
  const configured = { fault: 'configuration', retryable: false } as const;
  const later = { fault: 'vendor', retryable: true } as const;
  const refused = { code: 'invalid_request', fault: 'sender', retryable: false } as const;
  const channel = { code: 'invalid_request', pointer: '/channel', ...configured } as const;
  const wrongKey = { code: 'authentication_failed', stage: 'authenticate', status: 401, ...configured } as const;
  const unavailable = { code: 'temporarily_unavailable', ...later } as const;
  const quota = { code: 'quota_exceeded', status: 400, ...later, reply: 'channel: monthly quota exceeded' } as const;
  const unverified = { code: 'sender_not_verified', stage: 'sender', fault: 'sender', retryable: false } as const;
  const nested = { pointer: '/to/0/email', reply: 'recipients.to.0.address: no; recipients.to.1.address: no' };
  const several = { pointer: '/subject', reply: 'body.parts: 1.; subject: 2.; originator.from: 3.' };
  const text = 'could not be blank';
  const failed = (data: unknown, status = 400) => jsonAnswer(status, { status: 'fail', data });
  const DEEP = `${'{"a":'.repeat(50_000)}"x"${'}'.repeat(50_000)}`;

  const STAGES: Record<string, string> = { to: 'recipient', cc: 'recipient', bcc: 'recipient', from: 'sender' };

  // The conformance suite checks the general meaning of each status.
  it.each<[string, SandboxAnswer, Partial<AdapterErrorDetails>]>([
    ['a wrong key', answers.wrongKey, { ...wrongKey, reply: 'api_key: invalid' }],
    ['a forbidden key', answers.forbidden, { code: 'permission_denied', stage: 'message', status: 403, ...configured }],
    ['a blank channel', answers.invalid({ channel: text }), { ...channel, reply: `channel: ${text}` }],
    ['a flat form', answers.invalidFlat({ channel: 'no' }), { ...channel, reply: 'channel: no' }],
    ['a list', answers.invalid({ channel: ['no', 'x'] }), { ...channel, reply: 'channel: no; channel: x' }],
    ['the quota', answers.invalid({ channel: 'monthly quota exceeded' }), quota],
    ['a failure with 200', failed({ errors: { subject: 'x' } }, 200), { ...refused, status: 200, pointer: '/subject' }],
    ['trouble with 200', jsonAnswer(200, { status: 'error', message: 'x' }), { ...unavailable, reply: 'x' }],
    ['another status', jsonAnswer(200, { status: 'ok', data: { msg_id: 'x' } }), { code: 'invalid_response' }],
    ['no content', { status: 204 }, { code: 'invalid_response', retryable: false, status: 204 }],
    ['errors that are text', failed({ errors: 'no' }), { ...refused, reply: 'no' }],
    ['data that are text', failed('no'), { ...refused, reply: 'no' }],
    ['a list of errors', failed({ errors: ['one', 'two'] }), { ...refused, reply: 'one; two' }],
    ['errors of no text', failed({ errors: { a: 1, b: null, c: '', d: {} } }), refused],
    ['great depth', { status: 400, body: `{"status":"fail","data":${DEEP}}` }, refused],
    ['an unverified domain', answers.invalid({ originator: 'domain is not verified' }), unverified],
    ['a sender not allowed', answers.invalid({ 'originator.from': 'not allowed for this channel' }), unverified],
    ['an unregistered sender', answers.invalid({ from: 'unregistered domain' }), unverified],
    ['a nested sender', answers.invalid({ originator: { from: { address: 'is not authorized' } } }), unverified],
    ['a recipient', answers.invalid({ 'recipients.to.0.address': 'domain is not allowed' }), { stage: 'recipient' }],
    ['nested objects', answers.invalid({ recipients: { to: [{ address: 'no' }, { address: ['no'] }] } }), nested],
    ['several fields', answers.invalid({ 'body.parts': '1.', subject: '2.', 'originator.from': '3.' }), several],
  ])('with %s is mapped specifically', async (_what, answer, expected) => {
    const failure = await failureTo(answer);
    expect(failure).toMatchObject({ ...expected, hint: expect.stringMatching(/^[A-Z].{20,}\.$/) });
  });

  it.each<[string, string | undefined]>([
    ['recipients.to.0.address', '/to/0/email'],
    ['recipients.cc[12].address', '/cc/12/email'],
    ['recipients.bcc.1.name', '/bcc/1/name'],
    ['recipients', '/to'],
    ['to', '/to'],
    ['originator.from.address', '/from/email'],
    ['originator', '/from'],
    ['from', '/from'],
    ['originator.reply_to.address', '/replyTo/0/email'],
    ['subject', '/subject'],
    ['body.attachments.2.cid', '/attachments/2/contentId'],
    ['body.attachments.0.type', '/attachments/0/contentType'],
    ['body.attachments.0.content', '/attachments/0/content'],
    ['custom_headers.X-A.b/c', '/headers/X-A.b~1c'],
    ['custom_headers.X-SMTPAPI', '/metadata'],
    ['body.parts.0.content', undefined],
    ['', undefined],
    ['fromage', undefined],
  ])('that rejects %j points to %s', async (field, pointer) => {
    const failure = await failureTo(answers.invalid({ [field]: text }));
    const reply = field === '' ? expect.stringContaining(text) : `${field}: ${text}`;
    const stage = STAGES[pointer?.split('/')[1] ?? ''] ?? 'message';
    const fault = stage === 'recipient' ? 'recipient' : 'sender';
    expect(failure).toMatchObject({ code: 'invalid_request', stage, fault, reply, status: 400, retryable: false });
    expect(failure.pointer).toBe(pointer);
  });
});

describe('a test', () => {
  const skipped = { authentication: 'skipped', sendPermission: 'skipped', fromAddress: 'skipped' };
  const reached = { connectivity: 'passed', ...skipped };
  const passed = { connectivity: 'passed', authentication: 'passed', sendPermission: 'passed', fromAddress: 'passed' };
  const noLogin = { ...reached, authentication: 'failed' };
  const mayNotSend = { ...passed, sendPermission: 'failed', fromAddress: 'skipped' };
  const fromFailed = { ...passed, fromAddress: 'failed' };
  const TO = { to: ['ada@recipient.example'] };
  const ACTIVE = answers.success({ status: 'active' });
  const CHANNEL = SANDBOX_CHANNELS.active;

  it.each<[string, object]>([
    ['without a name', { status: 'active', quota: 5 }],
    [
      'among others',
      {
        items: [
          { name: 'x', status: 'canceled' },
          { name: CHANNEL, status: 'active' },
        ],
      },
    ],
    ['in another case', { name: CHANNEL, status: 'Active' }],
    ['without a status', { name: CHANNEL }],
  ])('without recipients checks key and channel, a channel %s too', async (_how, data) => {
    sandbox.answerNext(ACTIVE, answers.success(data));
    const checks = { ...passed, fromAddress: 'skipped' };
    expect(await adapter.diagnose(settings(), silentProbe())).toMatchObject({ ok: true, checks, warnings: [] });
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

  const KEY = SANDBOX_KEYS.working;
  const denied = (reply: string) => ({ code: 'permission_denied', reply });
  it.each<[string, Partial<SmtpcomSettings>, readonly SandboxAnswer[], object, object]>([
    ['a wrong key', { apiKey: 'e'.repeat(40) }, [], { stage: 'authenticate' }, noLogin],
    ['a key without permission', { apiKey: SANDBOX_KEYS.forbidden }, [], { stage: 'message' }, mayNotSend],
    ['a canceled channel', { channel: SANDBOX_CHANNELS.canceled }, [], denied('canceled'), mayNotSend],
    ['no quota', { apiKey: SANDBOX_KEYS.noQuota }, [], { code: 'quota_exceeded', stage: 'message' }, mayNotSend],
    ['an unverified sender', { apiKey: SANDBOX_KEYS.unverifiedSender }, [], { stage: 'sender' }, fromFailed],
    ['trouble', { apiKey: SANDBOX_KEYS.serverError }, [], { code: 'temporarily_unavailable' }, reached],
    ['an inactive account', {}, [answers.success({ status: 'suspended' })], denied('suspended'), mayNotSend],
    ['a status that is the key', {}, [answers.success({ status: KEY })], denied('[redacted]'), mayNotSend],
    ['other JSON', {}, [jsonAnswer(200, { account: 'active' })], { code: 'invalid_response' }, reached],
    ['trouble after the key', {}, [ACTIVE, answers.serverError], {}, { ...reached, authentication: 'passed' }],
    ['trouble after the channel', {}, [ACTIVE, ACTIVE, answers.serverError], {}, { ...passed, fromAddress: 'skipped' }],
  ])('reports %s, and keeps earlier results', async (_what, changes, planned, error, checks) => {
    sandbox.answerNext(...planned);
    const diagnosis = await adapter.diagnose(settings(changes), silentProbe(TO));
    expect(diagnosis).toMatchObject({ ok: false, error, checks });
    const failed = diagnosis.stages.filter(({ status }) => status === 'failed');
    expect(failed).toEqual([{ stage: diagnosis.error?.stage, status: 'failed' }]);
  });

  it('reports a sender that the sandbox rejects', async () => {
    const probe = silentProbe({ ...TO, from: { email: 'x@other.example' } });
    const error = { code: 'sender_not_verified', stage: 'sender', fault: 'sender', pointer: '/from' };
    expect(await adapter.diagnose(settings(), probe)).toMatchObject({ ok: false, checks: fromFailed, error });
  });
});

it.each([{ channelShape: 'object' }, { channelShape: 'items' }, { channelShape: 'list', acceptance: 'id' }] as const)(
  'the adapter works with responses of the form %j',
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
    [{ apiKey: `Bearer ${apiKey}` }, ['/apiKey invalid']],
    [{ apiKey: `X-SMTPCOM-API: ${apiKey}` }, ['/apiKey invalid']],
    [{ apiKey: 'ключ' }, ['/apiKey invalid']],
    [{ apiKey: `${apiKey}\r\nX: y` }, ['/apiKey control_character']],
    [{ apiKey: 'x'.repeat(513) }, ['/apiKey too_long']],
    ...['Acme news / Ünï.1', 'a', '.a'].map((channel): [object, string[]] => [{ channel }, []]),
    ...['acme ', ' acme', '.', '..'].map((channel): [object, string[]] => [{ channel }, ['/channel invalid']]),
    [{ channel: 'x'.repeat(201) }, ['/channel too_long']],
    [{ webhookToken: TOKEN, webhookSigningKey: 'sixteen letters!' }, []],
    [{ webhookToken: 'x'.repeat(31) }, ['/webhookToken too_short']],
    [{ webhookToken: `${TOKEN}%41` }, ['/webhookToken invalid']],
    [{ webhookSigningKey: 'short' }, ['/webhookSigningKey too_short']],
  ])('%j', (changes, expected) => {
    const result = validateInput(SmtpcomSettings, { apiKey, channel: 'acme_transactional', ...changes });
    const errors = result.ok ? [] : result.errors;
    expect(errors.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual(expected);
    const { message = '' } = errors.find(({ code, pointer }) => `${pointer} ${code}` === '/apiKey invalid') ?? {};
    expect(message).toMatch(/^(?:API key must be only the key, without “Bearer”.*)?$/);
  });

  it('bind the key to the channel, and webhook secrets to nothing', () => {
    const flags = ['secret', 'bindsSecret', 'inboundOnly', 'generated', 'advanced', 'required'] as const;
    const fields = describeFields(SmtpcomSettings);
    expect(fields.map((one) => [one.name, ...flags.filter((flag) => one[flag] === true)].join(' '))).toEqual([
      'apiKey secret required',
      'channel bindsSecret required',
      'webhookToken secret inboundOnly generated',
      'webhookSigningKey secret inboundOnly advanced',
    ]);
  });
});
