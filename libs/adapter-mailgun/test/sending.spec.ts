import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type AdapterErrorDetails, describeFields, type EmailMessage } from '@score-crm/adapter-kit';
import { jsonAnswer, type SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { failureOf, plainMessage, silentProbe } from '@score-crm/adapter-kit/testing';
import { MailgunAdapter, MailgunSettings } from '@score-crm/adapter-mailgun';
import { Inbox, recipients, sendingUrls, settingErrors } from '../../../test/support/vendor-tests.ts';
import { answers, MailgunSandbox, SANDBOX_DOMAINS, SANDBOX_KEYS } from '../sandbox/index.ts';
import { adapterFor, callerOf, entriesOf, freezeDate, NOW, settings } from './support.ts';

const FILE = { filename: 'a.txt', content: Buffer.from('a'), contentType: 'text/plain' };
const FULL: EmailMessage = plainMessage({
  from: { email: 'no-reply@sender.example', name: 'Ärger & Söhne' },
  to: [
    { email: 'ada@recipient.example', name: 'Lovelace, "Ada" \\' },
    { email: 'bob@recipient.example', name: '' },
    { email: 'cleo@räksmörgås.example' },
  ],
  cc: [{ email: 'cc@recipient.example', name: 'O’Neil' }],
  bcc: [{ email: 'audit@sender.example' }],
  replyTo: [{ email: 'support@sender.example', name: 'Süd, Support' }, { email: 'sales@sender.example' }],
  subject: 'Grüße – 你好 {{name}}',
  text: 'Hello Ada\nBye',
  html: '<p>Hello Ada <img src="cid:logo"></p>',
  headers: { 'List-Unsubscribe': '<https://sender.example/u/1>', 'X-Lent': 'of.mail' },
  attachments: [
    { filename: 'grün 1.pdf', content: Buffer.from('%PDF-1.4\n'), contentType: 'application/pdf' },
    { ...FILE, filename: 'logo.png', content: new Uint8Array([0, 137, 80]).subarray(1), contentId: 'logo' },
  ],
  tags: ['welcome', 'Spring Sale', 'welcome'],
  metadata: { score_connection_id: 'c-1', 'with-hyphen': 'y ü' },
});

let sandbox: MailgunSandbox;
let adapter: MailgunAdapter;

beforeAll(async () => {
  freezeDate();
  sandbox = await new MailgunSandbox({ paceMs: 1 }).start();
  adapter = adapterFor(sandbox);
});
afterAll(async () => {
  await sandbox.close();
  jest.useRealTimers();
});

function sentFields(): readonly (readonly [string, string])[] {
  return entriesOf(sandbox.mails.at(-1)?.form);
}

function inDays(days: number): Date {
  return new Date(NOW.getTime() + days * 24 * 3_600_000);
}

async function failureTo(...planned: readonly SandboxAnswer[]): Promise<AdapterErrorDetails> {
  sandbox.answerNext(...planned);
  return failureOf(adapter.send(plainMessage(), settings()));
}

describe('a message', () => {
  it('is sent as the documented form, with all of its members', async () => {
    const result = await adapter.send(FULL, settings());
    expect(sentFields()).toEqual([
      ['from', 'Ärger & Söhne <no-reply@sender.example>'],
      ['to', '"Lovelace, \\"Ada\\" \\\\" <ada@recipient.example>'],
      ['to', 'bob@recipient.example'],
      ['to', 'cleo@xn--rksmrgs-5wao1o.example'],
      ['cc', 'O’Neil <cc@recipient.example>'],
      ['bcc', 'audit@sender.example'],
      ['subject', 'Grüße – 你好 {{name}}'],
      ['text', 'Hello Ada\nBye'],
      ['html', '<p>Hello Ada <img src="cid:logo"></p>'],
      ['h:Reply-To', expect.stringMatching(/^=\?UTF-8\?\S+ <support@sender\.example>, sales@sender\.example$/i)],
      ['h:List-Unsubscribe', '<https://sender.example/u/1>'],
      ['h:X-Lent', 'of.mail'],
      ['o:tag', 'welcome'],
      ['o:tag', 'Spring Sale'],
      ['v:score_connection_id', 'c-1'],
      ['v:with-hyphen', 'y ü'],
      ['attachment', 'grün 1.pdf'],
      ['inline', 'logo'],
    ]);
    expect(result).toMatchObject({ messageId: sandbox.mails.at(-1)?.messageId, rejected: [] });
  });

  it('contains nothing that was not given', async () => {
    const none = { cc: [], bcc: [], replyTo: [], headers: {}, attachments: [], tags: [], metadata: {} };
    await adapter.send(plainMessage({ ...none, text: '', html: '<p>x</p>' }), settings());
    expect(sentFields().map(([name]) => name)).toEqual(['from', 'to', 'subject', 'html']);
  });

  it('is scheduled by a date of RFC 2822, and with a past time sent immediately', async () => {
    await adapter.send(plainMessage({ sendAt: inDays(1) }), settings());
    expect(sentFields().at(-1)).toEqual(['o:deliverytime', inDays(1).toUTCString()]);
    await adapter.send(plainMessage({ sendAt: inDays(-1) }), settings());
    expect(sentFields().at(-1)?.[0]).toBe('text');
  });

  it('goes to the region and the domain of its settings', async () => {
    const [us, eu] = (['us', 'eu'] as const).map((region) => settings({ region, domain: 'Mail.Example' }));
    const urls = await sendingUrls(MailgunAdapter, us as MailgunSettings, eu as MailgunSettings);
    expect(urls).toEqual([
      'https://api.mailgun.net/v3/Mail.Example/messages',
      'https://api.eu.mailgun.net/v3/Mail.Example/messages',
    ]);
  });

  it.each(['<1@mg.example>', '1@mg.example', ' <1@mg.example> '])('has the id of its events: %j', async (id) => {
    sandbox.answerNext(jsonAnswer(200, { id, message: 'Queued. Thank you.' }));
    expect((await adapter.send(plainMessage(), settings())).messageId).toBe('1@mg.example');
  });

  it.each<[string, SandboxAnswer]>([
    ['Mailgun’s greeting', answers.greeting],
    ['null', jsonAnswer(200, null)],
    ['a number', jsonAnswer(200, { id: 7 })],
    ['an empty one', jsonAnswer(200, { id: '<>' })],
  ])('was not sent without an id: %s', async (_what, answer) => {
    const failure = await failureTo(answer);
    expect(failure).toMatchObject({ code: 'invalid_response', fault: 'configuration', retryable: false });
    expect(failure.hint).toContain('may not have been sent');
  });
});

describe('a batch', () => {
  const to = (name: string, more: Partial<EmailMessage> = {}): EmailMessage =>
    plainMessage({ to: [{ email: `${name}@recipient.example`, name: `Ms. ${name}` }], ...more });
  const keyOf = (message: EmailMessage): string | undefined => adapter.batchKey?.(message);

  /** Runs with a sandbox of its own, which has no other messages. */
  async function withOwn(run: (own: MailgunSandbox, batching: MailgunAdapter) => Promise<void>): Promise<void> {
    const own = await new MailgunSandbox({ paceMs: 1 }).start();
    try {
      await run(own, adapterFor(own));
    } finally {
      await own.close();
    }
  }

  it('is one request, of which each recipient receives what a message alone has, under one id', async () => {
    await withOwn(async (own, batching) => {
      const { from, replyTo, subject, text, headers, attachments, tags } = FULL;
      const content = { from, replyTo, subject, text, headers, attachments, tags, sendAt: inDays(1) } as EmailMessage;
      const html = '<a href="%unsubscribe_url%">50% off</a> %recipe%';
      const messages = ['ada', 'bob', 'räksmörgås'].map((name, index) =>
        to('x', {
          ...content,
          html,
          to: [{ email: `${String(index)}@${name}.example`, name }],
          metadata: { score_message_id: `m-${String(index)}`, campaign: 'Früh "1"', [`with space`]: 'a.b:c@d' },
        }),
      );
      const results = await batching.sendBatch?.(messages, settings());
      expect(own.requests).toBe(1);
      const together = own.mails.splice(0);
      const id = together[0]?.messageId;
      expect(results).toEqual(
        messages.map((message) => ({
          result: { messageId: id, accepted: [message.to[0]?.email], rejected: [] },
        })),
      );
      for (const message of messages) await batching.send(message, settings());
      const received = (mails: typeof own.mails) =>
        mails.map(({ form, fileTypes, recipients: all, messageId }) => ({
          all,
          fileTypes,
          fields: new Set(entriesOf(form).map(([name, value]) => `${name} ${value.replace(/\/u\/\w+/, '/u/…')}`)),
          hasOwnId: messageId !== id,
        }));
      expect(received(together)).toEqual(received(own.mails).map((mail) => ({ ...mail, hasOwnId: false })));
      expect(
        JSON.stringify(
          received(together)
            .slice(1)
            .map(({ fields }) => [...fields]),
        ),
      ).not.toContain('@ada.example');
    });
  });

  it.each<[string, Partial<EmailMessage>]>([
    ['from', { from: { email: 'ceo@sender.example' } }],
    ['subject', { subject: 'Goodbye' }],
    ['text', { text: 'Goodbye' }],
    ['html', { html: '<p>' }],
    ['replyTo', { replyTo: [{ email: 'help@sender.example' }] }],
    ['headers', { headers: { 'X-Campaign': '1' } }],
    ['tags', { tags: ['spring'] }],
    ['sendAt', { sendAt: inDays(1) }],
    ['attachments', { attachments: [FILE] }],
    ['content of attachments', { attachments: [{ ...FILE, content: Buffer.from('b') }] }],
    ['names of metadata', { metadata: { order: '1' } }],
    ['values of metadata that a vendor may escape', { metadata: { campaign: 'Früh' } }],
  ])('is divided by what a request has once: %s', (_what, more) => {
    const metadata = { campaign: 'spring' };
    const keys = [to('ada', { metadata }), to('ada', { metadata, ...more }), to('bob', { metadata, ...more })].map(
      keyOf,
    );
    expect(keys[1]).not.toBe(keys[0]);
    expect(keys[2]).toBe(keys[1]);
  });

  const PLACEHOLDER = 'Dear %recipient.name%, …';
  it.each<[string, Partial<EmailMessage>]>([
    ['copies', { cc: [{ email: 'cc@recipient.example' }] }],
    ['blind copies', { bcc: [{ email: 'bcc@recipient.example' }] }],
    ['two recipients', { to: recipients(2) }],
    ['an address with a plus', { to: [{ email: 'ada+1@recipient.example' }] }],
    ['an address with capitals', { to: [{ email: 'Ada@recipient.example' }] }],
    ['a placeholder in the subject', { subject: PLACEHOLDER }],
    ['a placeholder in the text', { text: PLACEHOLDER }],
    ['a placeholder in the HTML', { html: PLACEHOLDER }],
    ['a placeholder in the name of the sender', { from: { email: 'a@sender.example', name: PLACEHOLDER } }],
    ['a placeholder in the name of the recipient', { to: [{ email: 'a@recipient.example', name: PLACEHOLDER }] }],
    ['a placeholder in the name of a reply address', { replyTo: [{ email: 'a@sender.example', name: PLACEHOLDER }] }],
    ['a placeholder in a header', { headers: { 'X-A': `Ä ${PLACEHOLDER}` } }],
    ['a placeholder in a tag', { tags: ['%recipient%'] }],
    ['a placeholder in a value of the metadata', { metadata: { a: '%recipient.b%' } }],
    ['a placeholder in a name of the metadata', { metadata: { '%recipient.b%': 'a' } }],
    ['a placeholder in a file name', { attachments: [{ ...FILE, filename: '%recipient%.txt' }] }],
    ['a placeholder in a file', { attachments: [{ ...FILE, content: Buffer.from(`ä ${PLACEHOLDER}`) }] }],
    ['another placeholder', { text: '%recipient_email%' }],
    ['a placeholder in capitals', { text: '%RECIPIENT.NAME%' }],
    ['a placeholder without an end', { text: '%recipient.name' }],
    ['a percent sign of URLs', { html: '<a href="https://a.example/?q=%25recipient.name%25">' }],
    ['a percent sign of HTML', { html: '&#37;recipient.name&#37; &percnt;recipient.name&percnt;' }],
    ['a percent sign of hexadecimal HTML', { html: '&#x25;recipient.name&#x25;' }],
    ['a percent sign of MIME', { text: '=25recipient.name=25' }],
    [
      'options that are too large with placeholders',
      {
        headers: { 'X-A': 'x '.repeat(7_000) + 'x' },
        metadata: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`n${String(index)}`, '1'])),
      },
    ],
  ])('leaves out a message with %s, which is sent as it is', async (_what, more) => {
    const message = to('ada', more);
    expect(keyOf(message)).not.toBe(keyOf(message));
    await adapter.sendBatch?.([message], settings());
    const [batched] = [sentFields()];
    await adapter.send(message, settings());
    expect(batched).toEqual(sentFields());
    expect(sandbox.mails.at(-2)?.recipients).toEqual(sandbox.mails.at(-1)?.recipients);
  });

  it('has each recipient once', async () => {
    await withOwn(async (own, batching) => {
      await batching.sendBatch?.([to('ada'), to('bob'), to('ada')], settings());
      expect(own.requests).toBe(2);
      expect(own.mails.map(({ recipients: all }) => all[0]?.split('@')[0])).toEqual(['ada', 'bob', 'ada']);
      expect(own.mails[2]?.messageId).not.toBe(own.mails[0]?.messageId);
    });
  });

  it('that Mailgun rejects as invalid is divided until the message at fault is alone', async () => {
    await withOwn(async (own, batching) => {
      const invalid = answers.invalid('to parameter is not a valid address. please check documentation');
      // All four, the first two of them, and the first one.
      own.answerNext(invalid, invalid, invalid);
      const messages = ['a', 'b', 'c', 'd'].map((name) => to(name));
      const results = await batching.sendBatch?.(messages, settings());
      expect(results?.map((result) => ('error' in result ? result.error.pointer : 'sent'))).toEqual([
        '/to',
        'sent',
        'sent',
        'sent',
      ]);
      expect(own.mails.map(({ recipients: all }) => all)).toEqual(messages.slice(1).map((one) => [one.to[0]?.email]));
    });
  });
});

describe('before anything is sent', () => {
  it.each<[string, string, Partial<EmailMessage>]>([
    ['unsupported', '/tags', { tags: Array.from({ length: 11 }, (_, index) => `t${String(index)}`) }],
    ['unsupported', '/tags/1', { tags: ['a', 'x'.repeat(129)] }],
    ['unsupported', '/tags/0', { tags: ['Frühling'] }],
    ['unsupported', '/metadata', { metadata: { big: '😀'.repeat(1_000) } }],
    ['unsupported', '/headers', { headers: { 'X-A': 'x '.repeat(8_000) + 'x' } }],
    ['unsupported', '/replyTo', { replyTo: recipients(800) }],
    ['unsupported', '/sendAt', { sendAt: inDays(7.1) }],
    ['unsupported', '/from/email', { from: { email: 'grüße@sender.example' } }],
    ['unsupported', '/attachments/0/filename', { attachments: [{ ...FILE, filename: 'a "b".txt' }] }],
    ['invalid_request', '/headers/Message-ID', { headers: { 'Message-ID': '<a@example.com>' } }],
    ['invalid_request', '/headers/X-Mailgun-Variables', { headers: { 'X-Mailgun-Variables': '{}' } }],
  ])('%s at %s', async (code, pointer, overrides) => {
    const failure = await failureOf(adapter.send(plainMessage(overrides), settings()));
    expect(failure).toMatchObject({ code, pointer, retryable: false });
  });

  it('a message that is too large in base64 is rejected, and one at all limits is sent', async () => {
    const tooLarge = plainMessage({ attachments: [{ ...FILE, content: Buffer.alloc(18_400_000) }] });
    expect(await failureOf(adapter.send(tooLarge, settings()))).toMatchObject({ code: 'message_too_large' });
    const tags = Array.from({ length: 10 }, (_, index) => String(index).repeat(128));
    const attachments = [{ ...FILE, content: Buffer.alloc(18_000_000, 'x') }];
    const metadata = { big: 'x'.repeat(3_900) };
    const headers = { 'X-A': 'x '.repeat(5_000) + 'x' };
    const sendAt = inDays(6.9);
    await adapter.send(
      plainMessage({ to: recipients(1000), tags, metadata, headers, sendAt, attachments }),
      settings(),
    );
    expect(sandbox.mails.at(-1)?.form.getAll('o:tag')).toEqual(tags);
    expect(sandbox.mails.at(-1)?.recipients).toHaveLength(1000);
  });
});

const DOMAIN = SANDBOX_DOMAINS.working;
const CONFIGURATION = { fault: 'configuration', retryable: false } as const;
const LATER = { fault: 'vendor', retryable: true } as const;
const UNVERIFIED = { code: 'sender_not_verified', stage: 'sender' } as const;
const WRONG_KEY = { code: 'authentication_failed', stage: 'authenticate', status: 401, ...CONFIGURATION } as const;
const tooFast = jsonAnswer(400, { message: `Domain ${DOMAIN} is not allowed to send: You are sending too fast.` });

describe('an error response', () => {
  it.each<[string, SandboxAnswer, Partial<AdapterErrorDetails>]>([
    ['a wrong key', answers.forbidden, { ...WRONG_KEY, reply: 'Forbidden' }],
    ['a wrong key, in JSON', jsonAnswer(401, 'Forbidden'), { ...WRONG_KEY, reply: 'Forbidden' }],
    ['a wrong key elsewhere', answers.wrongKey, { ...WRONG_KEY, reply: 'Invalid private key' }],
    ['a role', answers.noPermission, { code: 'permission_denied', status: 403, stage: 'message', ...CONFIGURATION }],
    ['an unverified domain', answers.unverified(DOMAIN), { ...UNVERIFIED, fault: 'sender' }],
    ['an unauthorized recipient', answers.notAuthorized(DOMAIN), { code: 'recipient_rejected', status: 403 }],
    ['a disabled account', answers.disabled(DOMAIN), { code: 'permission_denied', stage: 'message', ...CONFIGURATION }],
    ['an inactive account', answers.notActivated(DOMAIN), { code: 'permission_denied', ...CONFIGURATION }],
    ['a limit that is used up', answers.recipientLimit(DOMAIN), { code: 'quota_exceeded', status: 400, ...LATER }],
    ['an account on probation', tooFast, { code: 'quota_exceeded', ...LATER }],
    ['no cause', answers.paymentRequired, { code: 'message_rejected', fault: 'vendor', retryable: false, status: 402 }],
    ['an unknown domain', answers.domainNotFound(DOMAIN), { ...UNVERIFIED, status: 404 }],
    ['text of another shape', jsonAnswer(400, { message: { a: 1 } }), { code: 'invalid_request', fault: 'sender' }],
  ])('about %s is mapped specifically', async (_what, answer, expected) => {
    const failure = await failureTo(answer);
    expect(failure).toMatchObject(expected);
    expect(failure.hint).not.toMatch(/the vendor/i);
  });

  it.each([
    ['to parameter is not a valid address. please check documentation', '/to', 'recipient', 'recipient'],
    ["'cc' parameter is not a valid address. please check documentation", '/cc', 'recipient', 'recipient'],
    ['Too many recipients; max is 1000', '/to', 'recipient', 'recipient'],
    ['From parameter is missing', '/from', 'sender', 'sender'],
    ['subject parameter is missing', '/subject', 'message', 'sender'],
    ["Need at least one of 'text', 'html', 'amp-html' or 'template' parameters", '/text', 'message', 'sender'],
    ["'attachment' parameter is not a file", '/attachments', 'message', 'sender'],
    ['tomorrow is not an RFC-2822 compliant date', '/sendAt', 'message', 'sender'],
    ['invalid delivery time format', '/sendAt', 'message', 'sender'],
    ['Header name must be pure ASCII: x', '/headers', 'message', 'sender'],
    ['o:tag: a message may have 10 tags', '/tags', 'message', 'sender'],
    ['Something about tomatoes parameter', undefined, 'message', 'sender'],
  ])('“%s” has the pointer %s', async (words, pointer, stage, fault) => {
    const failure = await failureTo(answers.invalid(words));
    expect(failure).toMatchObject({ code: 'invalid_request', stage, fault, reply: words, status: 400 });
    expect(failure.pointer).toBe(pointer);
    expect(await failureTo({ status: 400, body: words })).toMatchObject({ stage, fault, reply: words });
  });

  const limit = (words: string, status = 429): SandboxAnswer =>
    jsonAnswer(status, { message: `Domain ${DOMAIN} is not allowed to send: ${words}` });

  it.each<[string, SandboxAnswer, number | undefined]>([
    ['in seconds', answers.rateLimitedFor(DOMAIN, 120), 120_000],
    ['by a time', answers.rateLimited(DOMAIN, new Date(NOW.getTime() + 30_000)), 30_000],
    ['in the past', limit('request limit exceeded, try again after Mon, 20 Dec 2021 20:33:21 UTC'), 0],
    ['of a wrong clock', limit('request limit exceeded, try again after Mon, 20 Dec 2221 20:33:21 UTC'), undefined],
    ['without a time', limit('request limit exceeded, try again after a while'), undefined],
    ['under another status', limit('recipient limit exceeded, try again after 7 seconds', 420), 7_000],
  ])('reports how long to wait: %s', async (_what, answer, retryAfterMs) => {
    const failure = await failureTo(answer);
    expect(failure).toMatchObject({ code: 'rate_limited', ...LATER });
    expect(failure.retryAfterMs).toBe(retryAfterMs);
  });

  it('to a call with another code has no time to wait', async () => {
    expect(await failureTo(jsonAnswer(500, { message: 'try again after 7 seconds' }))).not.toHaveProperty(
      'retryAfterMs',
    );
  });
});

describe('a test of the account', () => {
  const PASSED = { connectivity: 'passed', authentication: 'passed', sendPermission: 'passed', fromAddress: 'passed' };
  const KEY_IS_FINE = { ...PASSED, sendPermission: 'skipped', fromAddress: 'skipped' };
  const ACTIVE = jsonAnswer(200, { domain: { state: 'active' } });
  const WRONG = { code: 'authentication_failed', stage: 'authenticate' };
  const DENIED = { code: 'permission_denied', stage: 'message' };
  const test = (overrides: Partial<MailgunSettings> = {}, email = 'a@mg.sender.example') =>
    adapter.diagnose(settings(overrides), silentProbe({ from: { email } }));

  it.each(['a@mg.sender.example', 'a@SENDER.example', 'a@news.mg.sender.example'])(
    'passes the sender %s of the domain, and sends nothing',
    async (email) => {
      const before = sandbox.mails.length;
      expect(await test({}, email)).toMatchObject({ ok: true, checks: PASSED });
      expect(sandbox.mails).toHaveLength(before);
    },
  );

  it.each(['a@other.example', 'a@notsender.example', 'a@xmg.sender.example.org'])(
    'reports that the sender %s is of another domain',
    async (email) => {
      const diagnosis = await test({}, email);
      expect(diagnosis).toMatchObject({ ok: true, checks: { ...PASSED, fromAddress: 'skipped' } });
      expect(diagnosis.stages.find(({ stage }) => stage === 'sender')?.detail).toContain('mg.sender.example');
    },
  );

  it('accepts a sending key, which cannot read its domain', async () => {
    const diagnosis = await test({ apiKey: SANDBOX_KEYS.sending });
    expect(diagnosis).toMatchObject({ ok: true, checks: { ...PASSED, fromAddress: 'skipped' } });
    expect(diagnosis.stages.find(({ stage }) => stage === 'sender')?.detail).toContain('sending key');
  });

  const noSending = { ...KEY_IS_FINE, sendPermission: 'failed' };
  const noSender = { ...KEY_IS_FINE, fromAddress: 'failed' };
  const NOT_MAILGUN = { code: 'invalid_response' };
  const elsewhere = { apiKey: SANDBOX_KEYS.sending, domain: SANDBOX_DOMAINS.sandbox };
  it.each<[string, Partial<MailgunSettings>, object, object]>([
    ['a sending key of another domain', elsewhere, WRONG, { connectivity: 'passed', authentication: 'failed' }],
    ['a read-only role', { apiKey: SANDBOX_KEYS.analyst }, { code: 'permission_denied' }, noSending],
    ['an unverified domain', { domain: SANDBOX_DOMAINS.unverified }, UNVERIFIED, noSender],
    ['a disabled domain', { domain: SANDBOX_DOMAINS.disabled }, { ...DENIED, reply: 'Too many complaints' }, noSending],
    ['an unknown domain', { domain: 'unheard-of.example' }, UNVERIFIED, noSender],
  ])('fails with %s', async (_what, overrides, error, checks) => {
    expect(await test(overrides)).toMatchObject({ ok: false, error, checks });
  });

  it.each<[string, readonly SandboxAnswer[], object, object]>([
    ['that can read but not send, even with 401', [ACTIVE, answers.forbidden], { ...DENIED, status: 401 }, noSending],
    ['that is denied everything', [answers.noPermission, answers.noPermission], DENIED, noSending],
    ['whose domain cannot send', [answers.wrongKey, answers.unverified(DOMAIN)], UNVERIFIED, noSender],
    ['of no vendor', [answers.greeting], NOT_MAILGUN, { authentication: 'skipped' }],
    ['of another API', [jsonAnswer(200, { domain: 'active' })], NOT_MAILGUN, { authentication: 'skipped' }],
    ['whose empty message is accepted', [ACTIVE, answers.greeting], { code: 'invalid_response' }, KEY_IS_FINE],
    ['whose message is rejected', [ACTIVE, answers.invalid('Unable to parse')], { code: 'invalid_request' }, {}],
  ])('does not report a wrong key for one %s', async (_what, planned, error, checks) => {
    sandbox.answerNext(...planned);
    expect(await test()).toMatchObject({ ok: false, error, checks });
  });

  it('does not show the key in the reason for which a domain is disabled', async () => {
    const reason = `The key ${SANDBOX_KEYS.working} was abused`;
    sandbox.answerNext(jsonAnswer(200, { domain: { state: 'disabled', disabled: { reason } } }));
    expect((await test()).error?.reply).toBe('The key [redacted] was abused');
  });
});

describe('the settings', () => {
  const VALID = { apiKey: 'key-0123', domain: 'mg.example.com' };

  it.each<[object, string[]]>([
    [{ region: 'eu', webhookSigningKey: 'key-abc' }, []],
    [{ apiKey: 'two words' }, ['/apiKey invalid']],
    [{ apiKey: 'ключ' }, ['/apiKey invalid']],
    [{ domain: 'mg.example.com/../x' }, ['/domain invalid']],
    [{ region: 'mars' }, ['/region not_an_option']],
    [{ webhookSigningKey: 'two words' }, ['/webhookSigningKey invalid']],
  ])('with %j', (more, expected) => {
    expect(settingErrors(MailgunSettings, { ...VALID, ...more })).toEqual(expected);
  });

  it('have a signing key that is needed for receiving only', () => {
    const inbound = describeFields(MailgunSettings).filter(({ inboundOnly }) => inboundOnly === true);
    expect(inbound.map(({ name }) => name)).toEqual(['webhookSigningKey']);
  });
});

describe('the sandbox', () => {
  const MAIL = { from: 'Acme <a@sender.example>', to: 'b@recipient.example', subject: 'Hi', text: 'x' };
  const post = async (more: Readonly<Record<string, string>>) => {
    const fields = new URLSearchParams({ ...MAIL, ...more });
    const { status, body } = await callerOf(sandbox)('POST', `/v3/${DOMAIN}/messages`, fields);
    return { status, message: body['message'] };
  };

  it.each<[string, Readonly<Record<string, string>>]>([
    ['from parameter is missing', { from: '' }],
    ['to parameter is not a valid address', { to: 'a@b.example, c@d.example' }],
    ['cc parameter is not a valid address', { cc: 'Doe, J <cc@recipient.example>' }],
    ["Need at least one of 'text', 'html'", { text: '' }],
    ['unknown parameter reply-to', { 'reply-to': 'a@b.example' }],
    ['parameter is not a file', { attachment: 'a' }],
    ['Header name must be pure ASCII', { 'h:Ü': 'b' }],
    ['limited to 16KB total', { 'v:a': 'x'.repeat(17_000) }],
    ['o:tag: not a valid tag', { 'o:tag': 'ä' }],
    ['is not an RFC-2822 compliant date', { 'o:deliverytime': '2030-01-01' }],
    ['too far ahead', { 'o:deliverytime': inDays(8).toUTCString() }],
  ])('rejects with “%s”', async (words, more) => {
    expect(await post(more)).toEqual({ status: 400, message: expect.stringContaining(words) });
  });

  it('accepts 1,000 recipients in a batch, and not more', async () => {
    const batch = (count: number) => {
      const fields = new URLSearchParams({ from: MAIL.from, subject: 'Hi', text: 'x', 'recipient-variables': '{}' });
      for (const { email } of recipients(count)) fields.append('to', email);
      return callerOf(sandbox)('POST', `/v3/${DOMAIN}/messages`, fields);
    };
    expect((await batch(1_000)).status).toBe(200);
    expect((await batch(1_001)).body).toEqual({ message: 'Too many recipients; max is 1000' });
  });

  it.each(['{', '[]', '"x"', '{"b@recipient.example":1}', '{"b@recipient.example":{"a":{}}}', ''])(
    'rejects the recipient variables %j',
    async (variables) => {
      const words = "'recipient-variables' parameter is not a valid JSON";
      expect(await post({ 'recipient-variables': variables })).toEqual({ status: 400, message: words });
    },
  );

  it.each([
    ['b@recipient.example', 'Dear B, 7 %recipient.other% b@recipient.example', 'b@recipient.example'],
    ['Bo Li <b@recipient.example>', 'Dear B, 7 %recipient.other% b@recipient.example', 'Bo Li <b@recipient.example>'],
    [
      'b+1@recipient.example',
      'Dear %recipient.name%, %recipient.n% %recipient.other% %recipient_email%',
      '%recipient%',
    ],
    ['c@recipient.example', 'Dear %recipient.name%, %recipient.n% %recipient.other% %recipient_email%', '%recipient%'],
  ])('replaces the placeholders of a batch to %s', async (recipient, text, header) => {
    const own = { name: 'B', n: 7 };
    const variables = JSON.stringify({ 'b@recipient.example': own, 'b+1@recipient.example': own });
    const template = 'Dear %recipient.name%, %recipient.n% %recipient.other% %recipient_email%';
    await post({ to: recipient, text: template, 'v:name': '%recipient.name%', 'recipient-variables': variables });
    const { form } = sandbox.mails.at(-1) as (typeof sandbox.mails)[number];
    expect([form.get('text'), form.get('to')]).toEqual([text, header]);
    expect(form.get('v:name')).toBe(text.startsWith('Dear B') ? 'B' : '%recipient.name%');
  });

  it('accepts the rest, and in test mode posts only test events of a delivery', async () => {
    const inbox = await Inbox.open();
    await sandbox.settled();
    sandbox.addForeignWebhook(inbox.url());
    expect(await post({ to: 'bounce@recipient.example', 'o:testmode': 'yes' })).toMatchObject({ status: 200 });
    await sandbox.settled();
    const test = { recipient: 'bounce@recipient.example', test: true };
    const events = inbox.posts.flatMap((request) => adapter.webhooks.parse(request));
    expect(events).toMatchObject([{ event: { ...test, kind: 'queued' } }, { event: { ...test, kind: 'delivered' } }]);
    await inbox.close();
  });
});
