import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdapterErrorDetails, type Diagnosis, type EmailMessage } from '@score-crm/adapter-kit';
import type { SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf, plainMessage, silentProbe } from '@score-crm/adapter-kit/testing';
import { SparkpostAdapter, SparkpostSettings } from '@score-crm/adapter-sparkpost';
import { sendingUrls, settingErrors } from '../../../test/support/vendor-tests.ts';
import { answers, SANDBOX_KEYS, SparkpostSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

let sandbox: SparkpostSandbox;
let adapter: SparkpostAdapter;

beforeAll(async () => {
  sandbox = await SparkpostSandbox.start({ verifiedSenders: ['@sender.example', 'info@second.example'] });
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

async function sent(overrides: Partial<EmailMessage> = {}, own: Partial<SparkpostSettings> = {}) {
  await adapter.send(plainMessage(overrides), settings(own));
  const mail = sandbox.mails.at(-1);
  if (mail === undefined) throw new Error('Nothing was sent.');
  return mail;
}

describe('a batch', () => {
  const to = (name: string, more: Partial<EmailMessage> = {}): EmailMessage =>
    plainMessage({ to: [{ email: `${name}@recipient.example`, name }], ...more });

  it('is one transmission, with recipients and metadata of each message', async () => {
    const before = sandbox.mails.length;
    const messages = [
      to('ada', { metadata: { myOrder: '1' }, tags: ['spring'] }),
      to('bob', { metadata: { myOrder: '2' }, tags: ['spring'], bcc: [{ email: 'audit@sender.example' }] }),
    ];
    const results = await adapter.sendBatch?.(messages, settings());
    const [first, second, ...others] = sandbox.mails.slice(before);
    expect(others).toEqual([]);
    const id = first?.messageId;
    expect(results).toEqual([
      { result: { messageId: id, accepted: ['ada@recipient.example'], rejected: [] } },
      { result: { messageId: id, accepted: ['bob@recipient.example', 'audit@sender.example'], rejected: [] } },
    ]);
    const bob = { header_to: '"bob" <bob@recipient.example>' };
    expect(second?.json).toMatchObject({
      recipients: [
        { address: { email: 'ada@recipient.example' }, tags: ['spring'], metadata: { myOrder: '1' } },
        { address: { email: 'bob@recipient.example', ...bob }, tags: ['spring'], metadata: { myOrder: '2' } },
        { address: { email: 'audit@sender.example', ...bob }, metadata: { myOrder: '2' } },
      ],
    });
    expect(second?.json.metadata).toBeUndefined();
  });

  it('has the rejected recipients of each message', async () => {
    const invalid = plainMessage({ to: [{ email: 'x@nowhere.invalid' }] });
    const partly = plainMessage({ to: [{ email: 'ada@recipient.example' }, { email: 'y@nowhere.invalid' }] });
    const results = await adapter.sendBatch?.([invalid, to('bob'), partly], settings());
    expect(results).toEqual([
      { error: expect.objectContaining({ code: 'recipient_rejected', pointer: '/to' }) },
      { result: expect.objectContaining({ accepted: ['bob@recipient.example'], rejected: [] }) },
      {
        result: expect.objectContaining({
          accepted: ['ada@recipient.example'],
          rejected: [expect.objectContaining({ recipient: 'y@nowhere.invalid' })],
        }),
      },
    ]);
  });

  it.each<[string, Partial<EmailMessage>]>([
    ['subject', { subject: 'Bye' }],
    ['headers', { headers: { 'X-Campaign': 'spring' } }],
    ['cc', { cc: [{ email: 'carl@recipient.example' }] }],
    ['from', { from: { email: 'info@second.example' } }],
    ['attachments', { attachments: [{ filename: 'a', contentType: 'text/plain', content: Buffer.from('a') }] }],
  ])('is divided by what a transmission has once: %s', (_what, more) => {
    const [plain, ada, bob] = [to('ada'), to('ada', more), to('bob', more)].map((one) => adapter.batchKey?.(one));
    expect(ada).not.toBe(plain);
    expect(ada).toBe(bob);
  });

  it('is not divided if the sender is at fault', async () => {
    sandbox.answerNext(answers.unverifiedSender);
    const results = await adapter.sendBatch?.([to('ada'), to('bob')], settings());
    expect(results?.map((result) => 'error' in result && result.error.code)).toEqual([
      'sender_not_verified',
      'sender_not_verified',
    ]);
  });
});

describe('the settings', () => {
  const key = { apiKey: '14ac5499cfdd2bb2859e4476d2e5b1d2bad079bf' };
  const enterprise = { ...key, region: 'enterprise', baseUrl: 'https://acme.api.e.sparkpost.com' };

  it.each<[object, string[]]>([
    [{ apiKey: 'any text is accepted' }, ['/apiKey invalid']],
    [{ apiKey: 'ключ' }, ['/apiKey invalid']],
    [{ ...key, region: 'eu' }, []],
    [{ ...key, region: 'enterprise' }, ['/baseUrl required']],
    [enterprise, []],
    [{ ...enterprise, baseUrl: 'https://acme.example:8443/api/v1' }, []],
    [{ ...enterprise, baseUrl: 'https://acme.example/api/v1/' }, []],
    [{ ...enterprise, baseUrl: 'http://acme.example' }, ['/baseUrl invalid']],
    [{ ...enterprise, baseUrl: 'https://acme.example/other' }, ['/baseUrl invalid']],
    [{ ...enterprise, baseUrl: 'https://acme.example/?a=b' }, ['/baseUrl invalid']],
    [{ ...enterprise, baseUrl: 'https://acme.example/#a' }, ['/baseUrl invalid']],
    [{ ...enterprise, baseUrl: 'https://user:pass@acme.example' }, ['/baseUrl invalid']],
    [{ ...key, webhookUsername: 'a:b' }, ['/webhookUsername invalid']],
    [{ ...key, webhookUsername: 'a b' }, ['/webhookUsername invalid']],
    [{ ...key, webhookPassword: 'abc:def+/=~' }, []],
    [{ ...key, webhookPassword: 'seven77' }, ['/webhookPassword too_short']],
    [{ ...key, webhookPassword: 'pass wörd with more' }, ['/webhookPassword invalid']],
    [{ ...key, webhookToken: 'short' }, ['/webhookToken too_short']],
  ])('%j', (input, expected) => {
    expect(settingErrors(SparkpostSettings, input)).toEqual(expected);
  });

  it('select the host', async () => {
    const accounts = [
      { region: 'us' },
      { region: 'eu' },
      { region: 'enterprise', baseUrl: 'https://acme.example/api/v1/' },
    ] as const;
    expect(await sendingUrls(SparkpostAdapter, ...accounts.map((own) => settings(own)))).toEqual([
      'https://api.sparkpost.com/api/v1/transmissions',
      'https://api.eu.sparkpost.com/api/v1/transmissions',
      'https://acme.example/api/v1/transmissions',
    ]);
  });

  it.each([undefined, '', 'https://acme.example/elsewhere'])(
    'of an Enterprise account with the base URL %p cause an error without a request',
    async (baseUrl) => {
      const before = sandbox.requests;
      const own = Object.assign(settings({ region: 'enterprise' }), { baseUrl });
      const expected = { code: 'invalid_request', stage: 'settings', pointer: '/baseUrl' };
      expect(await failureOf(adapter.send(plainMessage(), own))).toMatchObject(expected);
      expect(await adapter.diagnose(own, silentProbe())).toMatchObject({ ok: false, error: expected });
      expect(sandbox.requests).toBe(before);
    },
  );
});

describe('a message', () => {
  // Whole seconds, since the vendor has no others.
  const sendAt = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_123);

  it('is sent as the documented request, with all of its members', async () => {
    const { json, headers } = await sent({
      to: [{ email: 'ada@recipient.example', name: 'Ärger, "A" <x>' }, { email: 'bob@recipient.example' }],
      cc: [{ email: 'cc@recipient.example', name: 'C. C.' }],
      bcc: [{ email: 'audit@sender.example', name: 'Audit' }],
      replyTo: [{ email: 'support@sender.example', name: 'Support' }, { email: 'sales@sender.example' }],
      subject: 'Grüße – 你好 {name}',
      text: 'Hello {{name}}',
      html: '<p>Hello {{{name}}}</p>',
      headers: { 'X-Entity-Ref-ID': '42' },
      attachments: [
        { filename: 'grün.pdf', content: Buffer.from('%PDF-1.4\n'), contentType: 'application/pdf' },
        { filename: 'a.png', content: Buffer.from([137, 80, 255]), contentType: 'image/png', contentId: 'logo' },
      ],
      tags: ['welcome', 'onboarding', 'welcome'],
      metadata: { score_message_id: 'm-1' },
      sendAt,
    });
    const header_to = '=?UTF-8?B?w4RyZ2VyLCAiQSIgPHg+?= <ada@recipient.example>, bob@recipient.example';
    const tags = ['welcome', 'onboarding'];
    const recipients = ['ada@recipient', 'bob@recipient', 'cc@recipient', 'audit@sender'].map((to) => `${to}.example`);
    expect(json).toEqual({
      options: { perform_substitutions: false, start_time: sendAt.toISOString().replace(/\.\d{3}Z$/, '+00:00') },
      metadata: { score_message_id: 'm-1' },
      recipients: recipients.map((email) => ({ address: { email, header_to }, tags })),
      content: {
        from: { email: 'no-reply@sender.example', name: 'Acme' },
        reply_to: '"Support" <support@sender.example>, sales@sender.example',
        subject: 'Grüße – 你好 {name}',
        text: 'Hello {{name}}',
        html: '<p>Hello {{{name}}}</p>',
        headers: { 'X-Entity-Ref-ID': '42', CC: '"C. C." <cc@recipient.example>' },
        attachments: [{ name: 'grün.pdf', type: 'application/pdf', data: 'JVBERi0xLjQK' }],
        inline_images: [{ name: 'logo', type: 'image/png', data: 'iVD/' }],
      },
    });
    expect(headers).toMatchObject({ authorization: SANDBOX_KEYS.working, 'content-type': 'application/json' });
  });

  it('contains nothing that was not given, so that the account’s settings apply', async () => {
    expect((await sent({ cc: [], replyTo: [], headers: {}, attachments: [], tags: [], metadata: {} })).json).toEqual({
      options: { perform_substitutions: false },
      recipients: [{ address: { email: 'ada@recipient.example' } }],
      content: { from: { email: 'no-reply@sender.example', name: 'Acme' }, subject: 'Welcome', text: 'Hello Ada' },
    });
  });

  it.each([
    ['{{name}}', '{{opening_braces}}name}}'],
    ['Hello {{{name}}}, {{ x }}', 'Hello {{opening_braces}}{name}}}, {{opening_braces}} x }}'],
    ['{{opening_braces}}', '{{opening_braces}}opening_braces}}'],
    ['{ a } }}', '{ a } }}'],
  ])('can have %j in a header: nothing is executed', async (literal, escaped) => {
    const mailbox = { email: 'c@recipient.example', name: literal };
    const { json, subject } = await sent({
      from: { email: 'no-reply@sender.example', name: literal },
      cc: [mailbox],
      replyTo: [mailbox],
      subject: literal,
      headers: { 'X-A': literal },
    });
    expect(subject).toBe(literal);
    expect(json.content).toMatchObject({
      from: { name: escaped },
      reply_to: `"${escaped}" <c@recipient.example>`,
      subject: escaped,
      headers: { 'X-A': escaped, CC: `"${escaped}" <c@recipient.example>` },
    });
    expect(json.substitution_data).toEqual(escaped === literal ? undefined : { opening_braces: '{{' });
  });

  it('with a past time is sent immediately', async () => {
    expect((await sent({ sendAt: new Date(1_700_000_000_000) })).json.options).not.toHaveProperty('start_time');
  });

  it('of a connection for transactional mail can have its own List-Unsubscribe', async () => {
    const headers = {
      'List-Unsubscribe': '<https://sender.example/u/1>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    };
    const { json } = await sent({ headers }, { transactional: true });
    expect(json).toMatchObject({ options: { transactional: true }, content: { headers } });
  });

  const file = { filename: 'a.txt', content: Buffer.from('a'), contentType: 'text/plain' };

  it.each<[string, string, Partial<EmailMessage>]>([
    ['unsupported', '/tags', { tags: Array.from({ length: 11 }, (_, index) => `t${String(index)}`) }],
    ['unsupported', '/metadata', { metadata: { big: 'ü'.repeat(500) } }],
    ['unsupported', '/sendAt', { sendAt: new Date(sendAt.getTime() + 72 * 3_600_000) }],
    ['unsupported', '/attachments/0/filename', { attachments: [{ ...file, filename: 'ü'.repeat(128) }] }],
    ['unsupported', '/attachments/0/contentId', { attachments: [{ ...file, contentId: 'x'.repeat(256) }] }],
    ['invalid_request', '/attachments/0/content', { attachments: [{ ...file, content: new Uint8Array() }] }],
    ['unsupported', '/headers/List-Unsubscribe', { headers: { 'List-Unsubscribe': '<https://sender.example/u>' } }],
    ['unsupported', '/headers/list-unsubscribe-post', { headers: { 'list-unsubscribe-post': 'x' } }],
    ['unsupported', '/from/email', { from: { email: '{{x}}@sender.example' } }],
    ['unsupported', '/to/0/name', { to: [{ email: 'c@b.example', name: '{{name}}' }] }],
    ['unsupported', '/to/0/email', { to: [{ email: '{{x}}@b.example' }] }],
    ['unsupported', '/cc/0/email', { cc: [{ email: '{{x}}@b.example' }] }],
    ['unsupported', '/bcc/0/email', { bcc: [{ email: '{{x}}@b.example' }] }],
    ['unsupported', '/replyTo/0/email', { replyTo: [{ email: '{{x}}@b.example' }] }],
    ['unsupported', '/headers/X-{{a}}', { headers: { 'X-{{a}}': 'b' } }],
  ])('is %s if SparkPost would drop or change %s', async (code, pointer, overrides) => {
    const before = sandbox.requests;
    expect(await failureOf(adapter.send(plainMessage(overrides), settings()))).toMatchObject({ code, pointer });
    expect(sandbox.requests).toBe(before);
  });

  it('is too large if the To line of each recipient makes it so', async () => {
    const name = 'A long name '.repeat(4);
    const to = Array.from({ length: 1000 }, (_, index) => ({ email: `r${String(index)}@recipient.example`, name }));
    const failure = await failureOf(adapter.send(plainMessage({ to }), settings()));
    expect(failure.code).toBe('message_too_large');
    expect(failure.hint).toContain('Remove some recipients.');
  });
});

describe('recipients that SparkPost rejects', () => {
  const to = [{ email: 'ada@recipient.example' }, { email: 'bob@nodot.invalid' }, { email: 'cleo@recipient.example' }];

  it('are listed, and the others are accepted', async () => {
    const result = await adapter.send(plainMessage({ to }), settings());
    const reply = 'invalid data format/type: invalid recipient address.email: bob@nodot.invalid';
    expect(result).toMatchObject({
      messageId: sandbox.mails.at(-1)?.messageId,
      accepted: ['ada@recipient.example', 'cleo@recipient.example'],
      rejected: [{ recipient: 'bob@nodot.invalid', error: { code: 'recipient_rejected', fault: 'recipient', reply } }],
    });
  });

  it('are an error if they are all', async () => {
    sandbox.answerNext(answers.transmission('1', 0, [{ message: `no to ${SANDBOX_KEYS.working}` }]));
    const failure = await failureOf(adapter.send(plainMessage(), settings()));
    expect(failure).toMatchObject({ code: 'recipient_rejected', stage: 'recipient', pointer: '/to' });
    expect(failure.reply).toMatch(/^no to (?!.*5a11d0b0)/);
  });

  it.each([
    ['none of them is', ['address.email is required for each recipient'], 1, []],
    ['only some of them are', ['bob@nodot.invalid', 'one more'], 2, ['bob@nodot.invalid']],
  ])('may be any other if %s named: none is reported as accepted', async (_what, words, count, named) => {
    const faults = words.map((message) => ({ message }));
    sandbox.answerNext(answers.transmission('17', 3 - count, faults));
    const { messageId, accepted, rejected } = await adapter.send(plainMessage({ to }), settings());
    expect([messageId, accepted, rejected.length]).toEqual(['17', [], 3]);
    const known = rejected.filter(({ error }) => error.code === 'recipient_rejected');
    expect(known.map(({ recipient }) => recipient)).toEqual(named);
    const doubtful = rejected.filter(({ error }) => error.code === 'unexpected');
    for (const { error } of doubtful) expect(error.hint).toContain(`${String(count)} of 3`);
    expect(doubtful).toHaveLength(3 - named.length);
  });
});

describe('the response to a message', () => {
  const usual = { total_rejected_recipients: 0, total_accepted_recipients: 1 };

  it.each<[string, object, string | RegExp]>([
    ['with other members', { results: { ...usual, id: 'an-id', more: 1 }, more: 2 }, 'an-id'],
    ['without counts', { results: { id: 'an-id' } }, 'an-id'],
    ['with invalid counts', { results: { id: 'an-id', total_accepted_recipients: 'all' } }, 'an-id'],
    // An error would lead to a second attempt.
    ['without an id', { results: usual }, /^untracked-/],
    ['with an id that lost its digits', { results: { ...usual, id: Number('11668787484950529') } }, /^untracked-/],
  ])('%s is a success', async (_what, body, id) => {
    sandbox.answerNext({ status: 200, body: JSON.stringify(body) });
    const result = await adapter.send(plainMessage(), settings());
    expect(result).toMatchObject({ accepted: ['ada@recipient.example'], rejected: [] });
    expect(result.messageId).toMatch(id);
  });

  it.each(['{"results":null}', '{"results":[]}', '{"id":"1"}'])('%s is not from SparkPost', async (body) => {
    sandbox.answerNext({ status: 200, body });
    const hint = expect.stringContaining('so the message may not have been sent');
    expect(await failureOf(adapter.send(plainMessage(), settings()))).toMatchObject({ code: 'invalid_response', hint });
  });
});

describe('an error', () => {
  const CONFIGURATION = { fault: 'configuration', retryable: false } as const;
  const LATER = { code: 'quota_exceeded', stage: 'message', fault: 'vendor', retryable: true } as const;
  const SENDER = { stage: 'sender', fault: 'sender', retryable: false, pointer: '/from/email' } as const;
  const ONE = '{"errors":{"message":"Invalid domain","code":7001}}';
  const error = (status: number, code?: string): SandboxAnswer => {
    return { status, body: JSON.stringify({ errors: [{ message: 'As documented', code }] }) };
  };

  async function failureTo(answer: SandboxAnswer): Promise<AdapterErrorDetails> {
    sandbox.answerNext(answer);
    return failureOf(adapter.send(plainMessage(), settings()));
  }

  it.each<[string, SandboxAnswer, Partial<AdapterErrorDetails>]>([
    ['an unverified sender', answers.unverifiedSender, { code: 'sender_not_verified', status: 400, ...SENDER }],
    ['a blocked sender', answers.blockedSender, { code: 'sender_rejected', ...SENDER }],
    ['a sender without a name', error(400, '2008'), { code: 'sender_rejected', ...SENDER }],
    ['no valid recipients', answers.noRecipients, { code: 'recipient_rejected', stage: 'recipient', pointer: '/to' }],
    ['a rejected message', answers.generationRejected, { code: 'message_rejected', fault: 'sender', retryable: false }],
    ['a message that cannot be generated', error(400, '1901'), { code: 'message_rejected', fault: 'sender' }],
    ['busy servers', answers.busy, { code: 'temporarily_unavailable', status: 400, fault: 'vendor', retryable: true }],
    ['a missing permission', answers.forbidden, { code: 'permission_denied', stage: 'message', ...CONFIGURATION }],
    ['the hourly limit', answers.hourlyLimit, LATER],
    ['the daily limit', answers.dailyLimit, LATER],
    ['the monthly limit', answers.monthlyLimit, LATER],
    ['the test limit', answers.testLimit, { ...LATER, retryable: false }],
    ['another limit', error(420), LATER],
    ['too many data', error(422, '2002'), { code: 'message_too_large', ...CONFIGURATION }],
    ['too many metadata', error(422, '2007'), { code: 'message_too_large', ...CONFIGURATION }],
    ['a rate limit', answers.tooManyRequests, { code: 'rate_limited', retryAfterMs: 5_000 }],
    ['a time to wait', { status: 429, headers: { 'retry-after': '7' } }, { retryAfterMs: 7_000 }],
    ['one error without a list', { status: 400, body: ONE }, { code: 'sender_not_verified', reply: 'Invalid domain' }],
  ])('%s is mapped specifically', async (_what, answer, expected) => {
    const failure = await failureTo(answer);
    expect(failure).toMatchObject(expected);
    expect(failure.hint).toMatch(/^[A-Z].{20,}\.$/);
  });

  it('names the region, or the missing permission', async () => {
    expect((await failureTo(answers.unauthorized)).hint).toMatch(/region.*US, EU and Enterprise/);
    expect((await failureTo(answers.forbidden)).hint).toContain('“Transmissions: Read/Write”');
  });

  it('contains the vendor’s texts', async () => {
    const faults = [{ message: 'One', description: 'of the first' }, { message: 'Two' }];
    expect((await failureTo(answers.invalid(faults))).reply).toBe('One: of the first Two');
  });

  it.each([
    ['invalid recipient address.email: nobody', { pointer: '/to', stage: 'recipient', fault: 'recipient' }],
    ["'recipients' is required", { pointer: '/to', stage: 'recipient', fault: 'recipient' }],
    ['content.from is a required field', { pointer: '/from', stage: 'sender', fault: 'sender' }],
    ["'content.subject' is required", { pointer: '/subject', stage: 'message', fault: 'sender' }],
    ['content.reply_to is no address', { pointer: '/replyTo' }],
    ['content.headers must be an object', { pointer: '/headers' }],
    ['content.attachments[0].data is no base64', { pointer: '/attachments' }],
    ['content.inline_images[0].name is required', { pointer: '/attachments' }],
    ['At least one of content.html and content.text is required', { pointer: '/html' }],
    ['metadata must be an object', { pointer: '/metadata' }],
    ['tags must be an array', { pointer: '/tags' }],
    ['start_time is in the wrong format', { pointer: '/sendAt' }],
    ['campaign_id is too long', { stage: 'message', fault: 'sender' }],
  ])('about a member names it: %s', async (description, expected) => {
    const message = 'invalid data format/type';
    const failure = await failureTo(answers.invalid([{ message, description, code: '1300' }]));
    expect(failure).toMatchObject({ code: 'invalid_request', status: 422, ...expected });
    expect(failure.pointer).toBe('pointer' in expected ? expected.pointer : undefined);
  });
});

describe('a connection test', () => {
  const PASSED = { connectivity: 'passed', authentication: 'passed', sendPermission: 'passed', fromAddress: 'passed' };
  const SKIPPED = { authentication: 'skipped', sendPermission: 'skipped', fromAddress: 'skipped' };
  // Only a message shows that a key can send.
  const UNSENT = { ...PASSED, sendPermission: 'skipped' };
  const to = ['ada@recipient.example', 'bob@recipient.example'];
  const tested = (own: Partial<SparkpostSettings>, probe: Parameters<typeof silentProbe>[0] = {}): Promise<Diagnosis> =>
    adapter.diagnose(settings(own), silentProbe(probe));

  it('checks the account and the sender’s domain', async () => {
    expect(await tested({})).toMatchObject({ ok: true, checks: UNSENT });
    expect(await tested({}, { from: { email: 'x@Second.Example' } })).toMatchObject({ ok: true, checks: UNSENT });
  });

  it('accepts a key that can only send', async () => {
    const silent = await tested({ apiKey: SANDBOX_KEYS.onlyTransmissions });
    expect(silent).toMatchObject({ ok: true, checks: { ...UNSENT, fromAddress: 'skipped' } });
    const detail = 'the key cannot read the sending domains';
    expect(silent.stages).toContainEqual({ stage: 'sender', status: 'skipped', detail });
    const sending = await tested({ apiKey: SANDBOX_KEYS.onlyTransmissions }, { to });
    expect(sending).toMatchObject({ ok: true, checks: PASSED, sent: { accepted: to } });
  });

  it.each([
    ['x@unverified.example', 'sender_not_verified', 'not verified'],
    ['x@blocked.example', 'sender_rejected', 'blocked'],
    ['x@elsewhere.example', 'sender_not_verified', 'not a sending domain'],
    ['x@sub.sender.example', 'sender_not_verified', 'not a sending domain'],
  ])('reports that %s cannot send: %s', async (email, code, words) => {
    const diagnosis = await tested({}, { from: { email } });
    const error = { code, stage: 'sender', fault: 'sender', pointer: '/from/email' };
    expect(diagnosis).toMatchObject({ ok: false, checks: { ...UNSENT, fromAddress: 'failed' }, error });
    expect(diagnosis.error?.hint).toContain(words);
  });

  it.each([{ results: null }, { results: [null, 5, { domain: 5 }] }])(
    'treats the list %j as one without the domain',
    async (list) => {
      sandbox.answerNext(answers.results({ status: 'active' }), { status: 200, body: JSON.stringify(list) });
      expect(await tested({})).toMatchObject({ error: { code: 'sender_not_verified' } });
    },
  );

  it('of an inactive account fails without sending', async () => {
    const before = sandbox.mails.length;
    const diagnosis = await tested({ apiKey: SANDBOX_KEYS.suspended }, { to });
    expect(diagnosis.error).toMatchObject({ code: 'permission_denied', stage: 'message', reply: 'suspended' });
    expect(diagnosis.checks).toMatchObject({ authentication: 'passed', sendPermission: 'failed' });
    expect(sandbox.mails).toHaveLength(before);
  });

  it('does not repeat a secret that SparkPost returns as the status', async () => {
    sandbox.answerNext(answers.results({ status: SANDBOX_KEYS.working }));
    const { error } = await tested({});
    expect(error?.code).toBe('permission_denied');
    expect(JSON.stringify(error)).not.toContain(SANDBOX_KEYS.working);
  });

  it.each(['{"results":{"status":5}}', '{"status":"active"}'])(
    'of the account %s is not from SparkPost',
    async (body) => {
      sandbox.answerNext({ status: 200, body });
      expect(await tested({})).toMatchObject({ ok: false, error: { code: 'invalid_response' }, checks: SKIPPED });
    },
  );
});
