import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdapterErrorDetails, type Diagnosis, type EmailMessage, validateInput } from '@score-crm/adapter-kit';
import type { SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf, httpServer, plainMessage, silentProbe } from '@score-crm/adapter-kit/testing';
import { SendgridAdapter, SendgridSettings } from '@score-crm/adapter-sendgrid';
import { recipients, sendingUrls, settingErrors } from '../../../test/support/vendor-tests.ts';
import { answers, SANDBOX_KEYS, SendgridSandbox, WebhookSigner } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const FILE = { filename: 'a.txt', content: Buffer.from('a'), contentType: 'text/plain' };
const { publicKey } = new WebhookSigner();

let sandbox: SendgridSandbox;
let adapter: SendgridAdapter;

beforeAll(async () => {
  sandbox = await new SendgridSandbox({ verifiedSenders: ['@sender.example'] }).start();
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

function hours(count: number): Date {
  return new Date(Date.now() + count * 3_600_000);
}

async function failureTo(answer: SandboxAnswer): Promise<AdapterErrorDetails> {
  sandbox.answerNext(answer);
  return failureOf(adapter.send(plainMessage(), settings()));
}

describe('the settings', () => {
  it.each<[object, string[]]>([
    [{ apiKey: 'any text is accepted' }, ['/apiKey invalid']],
    [{ apiKey: 'ключ' }, ['/apiKey invalid']],
    [{ apiKey: 'no-prefix' }, []],
    [{ apiKey: 'SG.a\r\nX: y' }, ['/apiKey control_character']],
    [{ apiKey: 'x'.repeat(513) }, ['/apiKey too_long']],
    [{ apiKey: 'SG.key', region: 'mars' }, ['/region not_an_option']],
    [{ apiKey: 'SG.key', webhookSigningKey: `-----BEGIN PUBLIC KEY-----${publicKey}-----END PUBLIC KEY-----` }, []],
    [{ apiKey: 'SG.key', webhookSigningKey: publicKey.slice(0, -4) }, ['/webhookSigningKey invalid']],
    [{ apiKey: 'SG.key', webhookSigningKey: 'SG.not.this' }, ['/webhookSigningKey invalid']],
  ])('%j', (input, expected) => {
    expect(settingErrors(SendgridSettings, input)).toEqual(expected);
  });

  it('describe a verification key in words', () => {
    const result = validateInput(SendgridSettings, { apiKey: 'SG.key', webhookSigningKey: 'abc' });
    expect(result.ok ? '' : result.errors[0]?.message).toMatch(/^Webhook signing key is not .* SendGrid/);
  });

  it('choose the host by the region', async () => {
    const urls = await sendingUrls(SendgridAdapter, settings({ region: 'global' }), settings({ region: 'eu' }));
    expect(urls).toEqual(['https://api.sendgrid.com/v3/mail/send', 'https://api.eu.sendgrid.com/v3/mail/send']);
  });
});

describe('a batch', () => {
  const to = (name: string, more: Partial<EmailMessage> = {}): EmailMessage =>
    plainMessage({ to: [{ email: `${name}@recipient.example`, name: `${name}, Esq.` }], ...more });

  async function withOwn(work: (own: { sandbox: SendgridSandbox; adapter: SendgridAdapter }) => Promise<void>) {
    const own = await new SendgridSandbox().start();
    try {
      await work({ sandbox: own, adapter: adapterFor(own) });
    } finally {
      await own.close();
    }
  }

  it('has the content once, and a personalization for each message as it would be alone', async () => {
    await withOwn(async ({ sandbox: own, adapter: batching }) => {
      const content = {
        html: '<b>{{name}}</b>',
        attachments: [FILE],
        tags: ['spring'],
        replyTo: [{ email: 'help@sender.example' }],
        sendAt: hours(1),
      };
      const messages = [
        to('ada', { ...content, subject: 'Hello, Ada', metadata: { myOrder: '1' }, headers: { 'X-MyCampaign': 'ä' } }),
        to('bob', { ...content, subject: 'Hello, {{Bob}}', cc: [{ email: 'carl@recipient.example' }] }),
      ];
      const results = await batching.sendBatch?.(messages, settings());
      const id = own.mails[0]?.messageId;
      expect(results).toEqual([
        { result: { messageId: id, accepted: ['ada@recipient.example'], rejected: [] } },
        { result: { messageId: id, accepted: ['bob@recipient.example', 'carl@recipient.example'], rejected: [] } },
      ]);
      for (const message of messages) await batching.send(message, settings());
      const [first, second, ...alone] = own.mails.map(({ json }) => {
        const { personalizations, subject, headers, custom_args, ...shared } = json;
        const [envelope] = personalizations;
        return {
          ...shared,
          envelope: { ...envelope, ...JSON.parse(JSON.stringify({ subject, headers, custom_args })) },
        };
      });
      expect([first, second]).toEqual(alone);
      expect(first?.envelope).toMatchObject({ custom_args: { myOrder: '1' }, subject: 'Hello, Ada' });
    });
  });

  it.each<[string, Partial<EmailMessage>]>([
    ['from', { from: { email: 'ceo@sender.example' } }],
    ['text', { text: 'Goodbye' }],
    ['html', { html: '<p>' }],
    ['replyTo', { replyTo: [{ email: 'help@sender.example' }] }],
    ['tags', { tags: ['spring'] }],
    ['sendAt', { sendAt: hours(1) }],
    ['attachments', { attachments: [FILE] }],
    ['content of attachments', { attachments: [{ ...FILE, content: Buffer.from('b') }] }],
  ])('is divided by what a request has once: %s', (_what, more) => {
    const keys = [to('ada'), to('ada', { attachments: [] }), to('ada', more), to('bob', more)].map((message) =>
      adapter.batchKey?.(message),
    );
    expect(keys[2]).not.toBe(keys[0]);
    expect(keys[2]).toBe(keys[3]);
  });

  it('has each recipient once, and not more than a request may have', async () => {
    await withOwn(async ({ sandbox: own, adapter: batching }) => {
      const many = Array.from({ length: 600 }, (_, index) => ({ email: `m${String(index)}@recipient.example` }));
      const more = many.map(({ email }) => ({ email: `x${email}` }));
      const messages = [to('ada'), to('ADA'), to('bob'), plainMessage({ to: many }), plainMessage({ to: more })];
      const results = await batching.sendBatch?.(messages, settings());
      expect(results?.every((result) => 'result' in result)).toBe(true);
      const ids = own.mails.map(({ messageId }) => messageId);
      expect(new Set(ids).size).toBe(3);
      expect([ids[1] === ids[0], ids[2] === ids[1], ids[3] === ids[1], ids[4] === ids[1]]).toEqual([
        false,
        true,
        true,
        false,
      ]);
    });
  });

  it('that SendGrid rejects as invalid is divided until the message at fault is alone', async () => {
    await withOwn(async ({ sandbox: own, adapter: batching }) => {
      const invalid = answers.invalid([{ message: 'Bad', field: 'personalizations.0.to' }]);
      // All eight, then the first four, the first two of them, and the first one.
      own.answerNext(invalid, invalid, invalid, invalid);
      const messages = Array.from({ length: 8 }, (_, index) => to(`r${String(index)}`));
      const results = await batching.sendBatch?.(messages, settings());
      expect(results?.map((result) => ('error' in result ? result.error.pointer : 'sent'))).toEqual([
        '/to',
        ...Array(7).fill('sent'),
      ]);
      expect(own.mails).toHaveLength(7);
    });
  });

  it('is not divided if all of it is at fault, without end, nor if SendGrid may have sent it', async () => {
    await withOwn(async ({ sandbox: own, adapter: batching }) => {
      const messages = Array.from({ length: 200 }, (_, index) => to(`r${String(index)}`));
      const results = await batching.sendBatch?.(
        messages.map((message) => ({ ...message, from: { email: 'x@sender.example' } })),
        settings({ apiKey: SANDBOX_KEYS.serverError }),
      );
      expect(results?.every((result) => 'error' in result && result.error.status === 500)).toBe(true);
      const invalid = answers.invalid([{ message: 'Bad', field: null }]);
      own.answerNext(...Array<typeof invalid>(60).fill(invalid));
      const rejected = await batching.sendBatch?.(messages, settings());
      expect(rejected?.every((result) => 'error' in result && result.error.code === 'invalid_request')).toBe(true);
      expect(own.mails).toHaveLength(0);
    });
  });
});

describe('a message', () => {
  const FULL: EmailMessage = plainMessage({
    to: [
      { email: 'ada@recipient.example', name: 'Ärger, "Åsa" <x>' },
      { email: 'bob@recipient.example', name: '' },
    ],
    cc: [{ email: 'cc@recipient.example' }],
    bcc: [{ email: 'audit@sender.example' }],
    replyTo: [{ email: 'support@sender.example', name: 'Support, us' }, { email: 'sales@sender.example' }],
    subject: 'Grüße – 你好 {{name}}',
    text: 'Hello Ada',
    html: '<p>Hello Ada <img src="cid:logo"></p>',
    headers: { 'List-Unsubscribe': '<https://sender.example/u/1>', 'X-Entity-Ref-ID': '42', 'X-Lent': 'of.mail' },
    attachments: [
      { filename: 'grün.pdf', content: Buffer.from('%PDF-1.4\n'), contentType: 'application/pdf; name="a.pdf"' },
      {
        filename: 'logo.png',
        content: new Uint8Array([0, 137, 80, 255]).subarray(1),
        contentType: 'image/png',
        contentId: 'logo',
      },
    ],
    tags: ['welcome', 'onboarding', 'welcome'],
    metadata: { score_connection_id: 'c-1', someCamelCase: 'x', 'with-hyphen': 'y' },
    sendAt: hours(1),
  });

  it('is sent as the documented request, with all of its members', async () => {
    const before = structuredClone(FULL);
    const result = await adapter.send(FULL, settings());
    const mail = sandbox.mails.at(-1);
    expect(mail?.json).toEqual({
      personalizations: [
        {
          to: [
            { email: 'ada@recipient.example', name: String.raw`"Ärger, \"Åsa\" <x>"` },
            { email: 'bob@recipient.example' },
          ],
          cc: [{ email: 'cc@recipient.example' }],
          bcc: [{ email: 'audit@sender.example' }],
        },
      ],
      from: { email: 'no-reply@sender.example', name: 'Acme' },
      reply_to_list: [{ email: 'support@sender.example', name: 'Support, us' }, { email: 'sales@sender.example' }],
      subject: 'Grüße – 你好 {{name}}',
      content: [
        { type: 'text/plain', value: 'Hello Ada' },
        { type: 'text/html', value: '<p>Hello Ada <img src="cid:logo"></p>' },
      ],
      headers: FULL.headers,
      attachments: [
        { content: 'JVBERi0xLjQK', filename: 'grün.pdf', type: 'application/pdf', disposition: 'attachment' },
        { content: 'iVD/', filename: 'logo.png', type: 'image/png', disposition: 'inline', content_id: 'logo' },
      ],
      categories: ['welcome', 'onboarding'],
      custom_args: FULL.metadata,
      send_at: Math.floor((FULL.sendAt?.getTime() ?? 0) / 1000),
    });
    expect(result).toMatchObject({ messageId: mail?.messageId, rejected: [] });
    expect(FULL).toEqual(before);
    // The library passes the message's headers as if they were the request's.
    expect(mail?.headers).toMatchObject({ authorization: `Bearer ${SANDBOX_KEYS.working}` });
    expect(mail?.headers).not.toHaveProperty('list-unsubscribe');
  });

  it('contains nothing that was not given', async () => {
    const empty = { cc: [], bcc: [], replyTo: [], headers: {}, attachments: [], tags: [], metadata: {} };
    await adapter.send(plainMessage({ ...empty, sendAt: new Date(Date.now() - 1000) }), settings());
    expect(sandbox.mails.at(-1)?.json).toEqual({
      personalizations: [{ to: [{ email: 'ada@recipient.example' }] }],
      from: { email: 'no-reply@sender.example', name: 'Acme' },
      subject: 'Welcome',
      content: [{ type: 'text/plain', value: 'Hello Ada' }],
    });
  });

  it('can be as large as SendGrid allows', async () => {
    const tags = Array.from({ length: 10 }, (_, index) => String(index).repeat(255));
    const metadata = { big: 'x'.repeat(9_000) };
    const attachments = [{ ...FILE, content: Buffer.alloc(14_800_000, 'x') }];
    const message = { to: recipients(1000), tags, metadata, attachments, sendAt: hours(71) };
    await adapter.send(plainMessage(message), settings());
    expect(sandbox.mails.at(-1)?.json).toMatchObject({ categories: tags, custom_args: metadata });
  });

  it.each<[string, string, Partial<EmailMessage>]>([
    ['unsupported', '/tags', { tags: Array.from({ length: 11 }, (_, index) => `t${String(index)}`) }],
    ['unsupported', '/tags/1', { tags: ['a', 'x'.repeat(256)] }],
    ['unsupported', '/metadata/email', { metadata: { email: 'x' } }],
    ['unsupported', '/metadata/smtp-id', { metadata: { 'smtp-id': 'x' } }],
    ['unsupported', '/metadata/sg_anything', { metadata: { sg_anything: 'x' } }],
    ['unsupported', '/metadata/type', { metadata: { fine: 'x', type: 'x' } }],
    ['unsupported', '/metadata', { metadata: { big: 'x'.repeat(10_000) } }],
    ['unsupported', '/sendAt', { sendAt: hours(73) }],
    ['invalid_request', '/sendAt', { sendAt: new Date(Number.NaN) }],
    ['invalid_request', '/cc/0/email', { cc: [{ email: 'ADA@recipient.example' }] }],
    ['invalid_request', '/to', { to: recipients(999), cc: [{ email: 'c@b.example' }, { email: 'd@b.example' }] }],
    ['invalid_request', '/subject', { subject: '' }],
    ['invalid_request', '/text', { text: '' }],
    ['invalid_request', '/headers/X-SG-EID', { headers: { 'X-SG-EID': 'x' } }],
    ['invalid_request', '/attachments/1/content', { attachments: [FILE, { ...FILE, content: new Uint8Array() }] }],
    // A large part of this is escaped in the request.
    ['message_too_large', '', { text: '"'.repeat(19_000_000) }],
  ])('is rejected before it is sent: %s at %s', async (code, pointer, overrides) => {
    const before = sandbox.requests;
    const failure = await failureOf(adapter.send(plainMessage(overrides), settings()));
    expect(failure).toMatchObject({ code, retryable: false, ...(pointer === '' ? {} : { pointer }) });
    expect(sandbox.requests).toBe(before);
  });
});

describe('a response', () => {
  it.each([200, 201, 202])('%i with an id is a success', async (status) => {
    sandbox.answerNext({ status, headers: { 'x-message-id': 'an-id' }, body: 'not JSON' });
    expect(await adapter.send(plainMessage(), settings())).toMatchObject({ messageId: 'an-id' });
  });

  it('202 without an id is a success: an error would have it sent twice', async () => {
    sandbox.answerNext({ status: 202 }, { status: 202 });
    const first = await adapter.send(plainMessage(), settings());
    const second = await adapter.send(plainMessage(), settings());
    expect(first).toMatchObject({ accepted: ['ada@recipient.example'] });
    expect(first.messageId).toMatch(/^untracked-/);
    expect(second.messageId).not.toBe(first.messageId);
  });

  it.each([
    [200, ''],
    [202, '<html>Queued</html>'],
    [204, ''],
  ])('%i without an id, %j, is not from SendGrid', async (status, body) => {
    const failure = await failureTo({ status, body });
    expect(failure).toMatchObject({ code: 'invalid_response', retryable: false, status });
  });

  const CONFIGURATION = { fault: 'configuration', retryable: false } as const;
  const LATER = { stage: 'message', fault: 'vendor', retryable: true } as const;
  const SENDER = { stage: 'sender', fault: 'sender', retryable: false } as const;
  const CLOCK = { date: 'Sun, 17 Aug 2025 15:22:41 GMT', 'x-ratelimit-reset': '1755444191' };
  it.each<[string, SandboxAnswer, Partial<AdapterErrorDetails>]>([
    ['no key', answers.noKey, { code: 'authentication_failed', stage: 'authenticate', ...CONFIGURATION }],
    ['a wrong key', answers.wrongKey, { code: 'authentication_failed', stage: 'authenticate', ...CONFIGURATION }],
    ['no credits', answers.noCredits, { code: 'quota_exceeded', ...LATER, reply: 'Maximum credits exceeded' }],
    ['a missing scope', answers.noScope, { code: 'permission_denied', stage: 'message', ...CONFIGURATION }],
    ['an unverified sender', answers.unverifiedSender, { code: 'sender_not_verified', ...SENDER }],
    ['an unknown path', answers.notFound, { code: 'invalid_request', ...CONFIGURATION }],
    ['a wrong method', answers.wrongMethod, { code: 'invalid_request', ...CONFIGURATION }],
    ['too much', answers.tooLarge, { code: 'message_too_large', ...CONFIGURATION, reply: 'content too large' }],
    ['another shape', { status: 400, body: '{"errors":[null,5,{"message":7},"x"]}' }, { code: 'invalid_request' }],
    ['another type', { status: 400, body: '{"errors":{"a":1}}' }, { code: 'invalid_request', fault: 'sender' }],
  ])('%s is mapped specifically', async (_what, answer, expected) => {
    const failure = await failureTo(answer);
    expect(failure).toMatchObject(expected);
    expect(failure.hint).toMatch(/^[A-Z].{20,}\.$/);
  });

  it.each([
    ['personalizations.0.to.0.email', '/to/0/email', 'recipient', 'recipient'],
    ['personalizations.0.cc.12.name', '/cc/12/name', 'recipient', 'recipient'],
    ['personalizations.0.bcc[1].email', '/bcc/1/email', 'recipient', 'recipient'],
    ['personalizations.0', '/to', 'recipient', 'recipient'],
    ['from.email', '/from/email', 'sender', 'sender'],
    ['reply_to.email', '/replyTo/0/email', 'message', 'sender'],
    ['reply_to_list.1.email', '/replyTo/1/email', 'message', 'sender'],
    ['personalizations.0.subject', '/subject', 'message', 'sender'],
    ['attachments.2.content_id', '/attachments/2/contentId', 'message', 'sender'],
    ['attachments.0.type', '/attachments/0/contentType', 'message', 'sender'],
    ['attachments.0.filename', '/attachments/0/filename', 'message', 'sender'],
    ['categories.3', '/tags/3', 'message', 'sender'],
    ['custom_args.my.key/x', '/metadata/my.key~1x', 'message', 'sender'],
    ['headers.X-A', '/headers/X-A', 'message', 'sender'],
    ['send_at', '/sendAt', 'message', 'sender'],
  ])('that rejects %s points at %s', async (field, pointer, stage, fault) => {
    const failure = await failureTo(answers.invalid([{ message: 'not this', field }]));
    expect(failure).toMatchObject({ code: 'invalid_request', pointer, stage, fault, reply: 'not this', status: 400 });
  });

  it.each(['content.0.value', 'unheard_of', 'null', '', 'fromage'])('that rejects %j has no pointer', async (field) => {
    const failure = await failureTo(answers.invalid([{ message: 'the subject', field }]));
    expect(failure).toMatchObject({ code: 'invalid_request', fault: 'sender', reply: 'the subject' });
    expect(failure).not.toHaveProperty('pointer');
  });

  it('with several faults points at the first that has a pointer, and quotes all', async () => {
    const faults = Object.entries({ 'content.0.value': 'One.', subject: 'Two.', from: 'Three.' });
    const failure = await failureTo(answers.invalid(faults.map(([field, message]) => ({ field, message }))));
    expect(failure).toMatchObject({ pointer: '/subject', reply: 'One. Two. Three.' });
  });

  it.each<[string, Record<string, string>, number | undefined]>([
    ['of the vendor’s clock', CLOCK, 30_000],
    ['in the past', { 'x-ratelimit-reset': '1755444191' }, 0],
    ['of Retry-After only', { 'retry-after': '7' }, 7_000],
    ['of both: the documented one', { ...CLOCK, 'retry-after': '7' }, 30_000],
    ['of a clock that is wrong', { 'x-ratelimit-reset': '99999999999' }, undefined],
    ['that is not a number', { 'x-ratelimit-reset': 'soon' }, undefined],
  ])('429 has a waiting time %s', async (_what, headers, retryAfterMs) => {
    const limited = await httpServer((_request, response) => void response.writeHead(429, headers).end());
    const failure = await failureOf(adapterFor(limited).send(plainMessage(), settings()));
    expect([failure.code, failure.retryAfterMs]).toEqual(['rate_limited', retryAfterMs]);
    await limited.close();
  });
});

describe('a test', () => {
  const PASSED = { connectivity: 'passed', authentication: 'passed', sendPermission: 'passed', fromAddress: 'passed' };

  function statuses({ stages }: Diagnosis): string {
    return stages.map(({ stage, status }) => `${stage} ${status}`).join(', ');
  }

  it('without recipients checks the sender in sandbox mode, also if the response has no id', async () => {
    const before = sandbox.mails.length;
    const diagnosis = await adapter.diagnose(settings(), silentProbe());
    expect(diagnosis).toMatchObject({ ok: true, checks: PASSED, warnings: [] });
    expect(statuses(diagnosis)).toBe(
      'connect passed, tls skipped, authenticate passed, sender passed, recipient skipped, message skipped',
    );
    expect(sandbox.mails.slice(before)).toMatchObject([{ sandboxed: true }]);
    sandbox.answerNext({ status: 200, body: '{"scopes":["mail.send"]}' }, { status: 200 });
    expect(await adapter.diagnose(settings(), silentProbe())).toMatchObject({ ok: true, checks: PASSED });
  });

  it.each([
    ['x@other.example', { code: 'sender_not_verified', stage: 'sender', fault: 'sender' }],
    ['nobody', { pointer: '/from/email' }],
  ])('without recipients detects the sender %s', async (email, error) => {
    const diagnosis = await adapter.diagnose(settings(), silentProbe({ from: { email } }));
    expect(diagnosis).toMatchObject({ ok: false, checks: { ...PASSED, fromAddress: 'failed' }, error });
  });

  it('with a key that may not send fails without trying', async () => {
    const before = sandbox.requests;
    const diagnosis = await adapter.diagnose(settings({ apiKey: SANDBOX_KEYS.noMailScope }), silentProbe());
    expect(diagnosis.error).toMatchObject({ code: 'permission_denied', stage: 'message' });
    expect(diagnosis.checks).toMatchObject({ authentication: 'passed', sendPermission: 'failed' });
    expect(sandbox.requests).toBe(before + 1);
  });

  it('with a key that is denied access does not report a wrong key', async () => {
    sandbox.answerNext(answers.noScope);
    const { error, checks } = await adapter.diagnose(settings(), silentProbe());
    expect(error?.code).toBe('permission_denied');
    expect(checks).toEqual({ ...PASSED, sendPermission: 'failed', fromAddress: 'skipped' });
  });

  it('of another service is reported as such', async () => {
    sandbox.answerNext({ status: 200, body: '{"scopes":"mail.send"}' });
    const { error, checks } = await adapter.diagnose(settings(), silentProbe());
    expect(error?.hint).toBe('The response is not from SendGrid. Check the base URL.');
    expect(checks).toMatchObject({ connectivity: 'passed', authentication: 'skipped' });
  });
});
