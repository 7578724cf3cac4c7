import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmailMessage, HttpClient, OutboundPolicy, VendorEndpoints } from '@score-crm/adapter-kit';
import { errorOf, failureOf, httpServer, plainMessage } from '@score-crm/adapter-kit/testing';
import { SparkpostAdapter } from '@score-crm/adapter-sparkpost';
import { answers, SANDBOX_KEYS, SparkpostSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const SEND_AT = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_123);

const FULL: EmailMessage = plainMessage({
  to: [
    { email: 'ada@recipient.example', name: 'Ärger, Åsa "A" <x>' },
    { email: 'bob@recipient.example', name: '' },
  ],
  cc: [{ email: 'cc@recipient.example', name: 'C. C.' }, { email: 'dd@recipient.example' }],
  bcc: [{ email: 'audit@sender.example', name: 'Audit' }],
  replyTo: [{ email: 'support@sender.example', name: 'Support' }, { email: 'sales@sender.example' }],
  subject: 'Grüße – 你好 {name}',
  text: 'Hello {{name}}',
  html: '<p>Hello {{{name}}} <img src="cid:logo"></p>',
  headers: { 'X-Entity-Ref-ID': '42', 'X-Lent': 'of.mail' },
  attachments: [
    { filename: 'grün.pdf', content: Buffer.from('%PDF-1.4\n'), contentType: 'application/pdf' },
    {
      filename: 'logo.png',
      content: new Uint8Array([0, 137, 80, 255]).subarray(1),
      contentType: 'image/png',
      contentId: 'logo',
    },
  ],
  tags: ['welcome', 'onboarding', 'welcome'],
  metadata: { score_connection_id: 'c-1', score_message_id: 'm-1', 'with-hyphen': 'y' },
  sendAt: SEND_AT,
});

const TO = '=?UTF-8?B?w4RyZ2VyLCDDhXNhICJBIiA8eD4=?= <ada@recipient.example>, bob@recipient.example';

let sandbox: SparkpostSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await SparkpostSandbox.start();
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

describe('a message', () => {
  it('is sent as the documented request, with all of its members', async () => {
    const result = await adapter.send(FULL, settings());
    const tags = ['welcome', 'onboarding'];
    const mail = sandbox.mails.at(-1);
    expect(mail?.json).toEqual({
      options: {
        perform_substitutions: false,
        start_time: SEND_AT.toISOString().replace(/\.\d{3}Z$/, '+00:00'),
      },
      metadata: FULL.metadata,
      recipients: [
        { address: { email: 'ada@recipient.example', header_to: TO }, tags },
        { address: { email: 'bob@recipient.example', header_to: TO }, tags },
        { address: { email: 'cc@recipient.example', header_to: TO }, tags },
        { address: { email: 'dd@recipient.example', header_to: TO }, tags },
        { address: { email: 'audit@sender.example', header_to: TO }, tags },
      ],
      content: {
        from: { email: 'no-reply@sender.example', name: 'Acme' },
        reply_to: '"Support" <support@sender.example>, sales@sender.example',
        subject: 'Grüße – 你好 {name}',
        text: 'Hello {{name}}',
        html: '<p>Hello {{{name}}} <img src="cid:logo"></p>',
        headers: { ...FULL.headers, CC: '"C. C." <cc@recipient.example>, dd@recipient.example' },
        attachments: [{ name: 'grün.pdf', type: 'application/pdf', data: 'JVBERi0xLjQK' }],
        inline_images: [{ name: 'logo', type: 'image/png', data: 'iVD/' }],
      },
    });
    expect(result).toEqual({
      messageId: mail?.messageId,
      accepted: mail?.recipients,
      rejected: [],
    });
    expect(result.accepted).toHaveLength(5);
  });

  it('is sent with only the key, and does not send its headers as headers of the request', async () => {
    await adapter.send(FULL, settings());
    const headers = sandbox.mails.at(-1)?.headers;
    expect(headers).toMatchObject({ authorization: SANDBOX_KEYS.working, 'content-type': 'application/json' });
    expect(headers).not.toHaveProperty('x-entity-ref-id');
  });

  it('contains nothing that was not given, so that the account’s settings apply', async () => {
    await adapter.send(
      plainMessage({ cc: [], bcc: [], replyTo: [], headers: {}, attachments: [], tags: [], metadata: {} }),
      settings(),
    );
    expect(sandbox.mails.at(-1)?.json).toEqual({
      options: { perform_substitutions: false },
      recipients: [{ address: { email: 'ada@recipient.example' } }],
      content: { from: { email: 'no-reply@sender.example', name: 'Acme' }, subject: 'Welcome', text: 'Hello Ada' },
    });
  });

  it('to one recipient has the name, and shows it to those who get a copy', async () => {
    const bcc = [{ email: 'audit@sender.example' }];
    await adapter.send(plainMessage({ to: [{ email: 'ada@recipient.example', name: 'Ada' }], bcc }), settings());
    expect(sandbox.mails.at(-1)?.json.recipients).toEqual([
      { address: { email: 'ada@recipient.example', header_to: '"Ada" <ada@recipient.example>' } },
      { address: { email: 'audit@sender.example', header_to: '"Ada" <ada@recipient.example>' } },
    ]);
    expect(JSON.stringify(sandbox.mails.at(-1)?.json.content)).not.toContain('audit@');
  });

  it.each([
    ['{{name}}', '{{opening_braces}}name}}'],
    ['Hello {{{name}}}, {{ x }}', 'Hello {{opening_braces}}{name}}}, {{opening_braces}} x }}'],
    ['{{{{', '{{opening_braces}}{{opening_braces}}'],
    ['{{opening_braces}}', '{{opening_braces}}opening_braces}}'],
    ['{ a } }}', '{ a } }}'],
  ])('can have %j in a header: nothing is executed', async (literal, escaped) => {
    const name = literal;
    await adapter.send(
      plainMessage({
        from: { email: 'no-reply@sender.example', name },
        cc: [{ email: 'c@recipient.example', name }],
        bcc: [{ email: 'b@recipient.example', name }],
        replyTo: [{ email: 'r@sender.example', name }],
        subject: literal,
        headers: { 'X-A': literal },
      }),
      settings(),
    );
    const { json, subject } = sandbox.mails.at(-1) ?? {};
    expect(subject).toBe(literal);
    expect(json?.content).toMatchObject({
      from: { name: escaped },
      reply_to: `"${escaped}" <r@sender.example>`,
      subject: escaped,
      headers: { 'X-A': escaped, CC: `"${escaped}" <c@recipient.example>` },
    });
    expect(json?.substitution_data).toEqual(escaped === literal ? undefined : { opening_braces: '{{' });
  });

  it.each<[string, Partial<EmailMessage>, readonly string[]]>([
    ['only HTML', { text: '', html: '<p>x</p>' }, ['html']],
    ['both', { html: '<p>x</p>' }, ['text', 'html']],
  ])('can have %s', async (_what, overrides, members) => {
    await adapter.send(plainMessage(overrides), settings());
    const content = Object.keys(sandbox.mails.at(-1)?.json.content ?? {});
    expect(content.filter((name) => name === 'text' || name === 'html')).toEqual(members);
  });

  it('with a past time is sent immediately', async () => {
    await adapter.send(plainMessage({ sendAt: new Date(Date.now() - 1000) }), settings());
    expect(sandbox.mails.at(-1)?.json.options).not.toHaveProperty('start_time');
  });

  it('of a connection for transactional mail says so, and can have its own List-Unsubscribe', async () => {
    const headers = {
      'List-Unsubscribe': '<https://sender.example/u/1>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    };
    await adapter.send(plainMessage({ headers }), settings({ transactional: true }));
    expect(sandbox.mails.at(-1)?.json).toMatchObject({ options: { transactional: true }, content: { headers } });
  });

  it('can be almost as large as SparkPost allows', async () => {
    const content = Buffer.alloc(14_900_000, 'x');
    await adapter.send(
      plainMessage({ attachments: [{ filename: 'x', content, contentType: 'text/plain' }] }),
      settings(),
    );
    expect(sandbox.mails.at(-1)?.json.content.attachments?.[0]?.data).toHaveLength(19_866_668);
  });

  it('does not modify its input', async () => {
    const given = plainMessage({
      cc: [{ email: 'c@b.example' }],
      headers: { 'X-A': 'b' },
      metadata: { a: 'b' },
      tags: ['a'],
    });
    const before = structuredClone(given);
    await adapter.send(given, settings());
    expect(given).toEqual(before);
  });

  it('uses the right keys when several are sent concurrently', async () => {
    const keys = [SANDBOX_KEYS.working, SANDBOX_KEYS.hourlyLimit, 'wrong', SANDBOX_KEYS.noTransmissions];
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        adapter.send(plainMessage(), settings({ apiKey: keys[index % 4] ?? '' })).then(
          () => 'sent',
          (error: unknown) => (error as { details: { code: string } }).details.code,
        ),
      ),
    );
    const round = ['sent', 'quota_exceeded', 'authentication_failed', 'permission_denied'];
    expect(outcomes).toEqual(Array.from({ length: 20 }, (_, index) => round[index % 4]));
  });

  it('has an id that is too large for a number', async () => {
    const { messageId } = await adapter.send(plainMessage(), settings());
    expect(messageId).toMatch(/^\d{19}$/);
    expect(String(Number(messageId))).not.toBe(messageId);
  });
});

describe('a recipient that SparkPost rejects', () => {
  const to = [{ email: 'ada@recipient.example' }, { email: 'bob@nodot.invalid' }, { email: 'cleo@recipient.example' }];

  it('is listed, and the others are accepted', async () => {
    const result = await adapter.send(plainMessage({ to }), settings());
    expect(result).toMatchObject({
      messageId: sandbox.mails.at(-1)?.messageId,
      accepted: ['ada@recipient.example', 'cleo@recipient.example'],
      rejected: [
        {
          recipient: 'bob@nodot.invalid',
          error: {
            code: 'recipient_rejected',
            stage: 'recipient',
            fault: 'recipient',
            retryable: false,
            reply: 'invalid data format/type: invalid recipient address.email: bob@nodot.invalid',
          },
        },
      ],
    });
  });

  it('is an error if there is no other', async () => {
    const failure = await failureOf(adapter.send(plainMessage({ to: [{ email: 'bob@nodot.invalid' }] }), settings()));
    expect(failure).toMatchObject({
      code: 'recipient_rejected',
      stage: 'recipient',
      fault: 'recipient',
      pointer: '/to',
    });
    sandbox.answerNext(answers.transmission('1', 0, [{ message: 'no' }]));
    expect(await failureOf(adapter.send(plainMessage(), settings()))).toMatchObject({
      code: 'recipient_rejected',
      reply: 'no',
    });
  });

  it.each<[string, string[], string[]]>([
    ['in another case', ['BOB@NODOT.INVALID'], ['bob@nodot.invalid']],
    ['at the end of a sentence', ['This is no address: bob@nodot.invalid.'], ['bob@nodot.invalid']],
    ['in quotes', ["'bob@nodot.invalid' is no address"], ['bob@nodot.invalid']],
  ])('is recognized %s', async (_what, words, rejected) => {
    sandbox.answerNext(
      answers.transmission(
        '1',
        2,
        words.map((message) => ({ message })),
      ),
    );
    const result = await adapter.send(plainMessage({ to }), settings());
    expect(result.rejected.map(({ recipient }) => recipient)).toEqual(rejected);
    expect(result.accepted).toEqual(['ada@recipient.example', 'cleo@recipient.example']);
  });

  it.each([
    'address.email is required for each recipient',
    'invalid: xbob@nodot.invalid',
    'invalid: bob@nodot.invalid.example',
    'invalid: bob@nodot.invalid-x',
    '',
  ])('may be any of them after %j: none is reported as accepted, and none as a bad address', async (words) => {
    sandbox.answerNext(answers.transmission('17', 2, [{ message: words }]));
    const result = await adapter.send(plainMessage({ to }), settings());
    expect(result).toMatchObject({ messageId: '17', accepted: [] });
    expect(result.rejected.map(({ recipient }) => recipient)).toEqual(to.map(({ email }) => email));
    for (const { error } of result.rejected) {
      expect(error).toMatchObject({ code: 'unexpected', fault: 'vendor', retryable: false });
      expect(error.hint).toContain('1 of 3');
    }
  });

  it('may be one of the others if only some are named', async () => {
    sandbox.answerNext(answers.transmission('17', 1, [{ message: 'bob@nodot.invalid' }, { message: 'one more' }]));
    const { accepted, rejected } = await adapter.send(plainMessage({ to }), settings());
    expect(accepted).toEqual([]);
    expect(rejected.map(({ recipient, error }) => [recipient, error.code])).toEqual([
      ['bob@nodot.invalid', 'recipient_rejected'],
      ['ada@recipient.example', 'unexpected'],
      ['cleo@recipient.example', 'unexpected'],
    ]);
  });

  it('is found in bounded time in any text', async () => {
    sandbox.answerNext(answers.transmission('17', 2, [{ message: 'x'.repeat(900_000) }]));
    const { rejected } = await adapter.send(plainMessage({ to }), settings());
    expect(rejected.every(({ error }) => (error.reply?.length ?? 0) <= 500)).toBe(true);
  });
});

describe('an unusual response', () => {
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

  it.each([
    [200, ''],
    [200, '<html>Sign in</html>'],
    [200, 'null'],
    [200, '[]'],
    [200, '{"results":null}'],
    [200, '{"results":[]}'],
    [200, '{"id":"1"}'],
    [204, ''],
  ])('%i, %j, is not from SparkPost', async (status, body) => {
    sandbox.answerNext({ status, body });
    expect(await failureOf(adapter.send(plainMessage(), settings()))).toMatchObject({
      code: 'invalid_response',
      retryable: false,
      status,
    });
  });
});

describe('a call', () => {
  it('ends with its signal while the vendor is silent', async () => {
    const silent = await httpServer(() => undefined);
    const send = adapterFor(silent).send(plainMessage(), settings(), { signal: AbortSignal.timeout(100) });
    expect(await failureOf(send)).toMatchObject({ code: 'timeout', retryable: true });
    const controller = new AbortController();
    const canceled = adapterFor(silent).send(plainMessage(), settings(), { signal: controller.signal });
    controller.abort();
    expect(await failureOf(canceled)).toMatchObject({ code: 'aborted' });
    await silent.close();
  });

  it('does not start with an aborted signal', async () => {
    const before = sandbox.requests;
    const send = adapter.send(plainMessage(), settings(), { signal: AbortSignal.abort() });
    expect(await failureOf(send)).toMatchObject({ code: 'aborted' });
    expect(sandbox.requests).toBe(before);
  });

  it('does not read an endless response', async () => {
    const endless = await httpServer((_request, response) => {
      response.writeHead(200);
      const more = setInterval(() => response.write(Buffer.alloc(1 << 20)), 1);
      response.on('close', () => clearInterval(more));
    });
    expect(await failureOf(adapterFor(endless).send(plainMessage(), settings()))).toMatchObject({
      code: 'response_too_large',
      retryable: false,
    });
    await endless.close();
  });

  it('does not follow redirects, so that the key is not sent elsewhere', async () => {
    let visitors = 0;
    const elsewhere = await httpServer((_request, response) => {
      visitors += 1;
      response.writeHead(200).end('{"results":{"id":"x"}}');
    });
    for (const status of [301, 302, 307, 308]) {
      sandbox.answerNext({ status, headers: { location: `${elsewhere.url}/api/v1/transmissions` } });
      expect(await failureOf(adapter.send(plainMessage(), settings()))).toMatchObject({
        code: 'invalid_response',
        status,
      });
    }
    expect(visitors).toBe(0);
    await elsewhere.close();
  });

  it('goes to the region’s host', async () => {
    const urls: string[] = [];
    const http = new HttpClient(new OutboundPolicy());
    http.request = async ({ url }) => {
      urls.push(String(url));
      throw new TypeError('not in a test');
    };
    const real = new SparkpostAdapter(http, new VendorEndpoints());
    for (const region of ['us', 'eu'] as const)
      await expect(real.send(plainMessage(), settings({ region }))).rejects.toThrow();
    for (const baseUrl of ['https://acme.api.e.sparkpost.com', 'https://acme.api.e.sparkpost.com/api/v1/']) {
      await expect(real.send(plainMessage(), settings({ region: 'enterprise', baseUrl }))).rejects.toThrow(
        'not in a test',
      );
    }
    expect(urls).toEqual([
      'https://api.sparkpost.com/api/v1/transmissions',
      'https://api.eu.sparkpost.com/api/v1/transmissions',
      'https://acme.api.e.sparkpost.com/api/v1/transmissions',
      'https://acme.api.e.sparkpost.com/api/v1/transmissions',
    ]);
  });

  it.each([undefined, '', 'http://acme.example', 'https://acme.example/elsewhere'])(
    'of an Enterprise account with the base URL %p makes no request',
    async (baseUrl) => {
      const before = sandbox.requests;
      const enterprise = Object.assign(settings({ region: 'enterprise' }), { baseUrl });
      const { details } = await errorOf(adapter.send(plainMessage(), enterprise));
      expect(details).toMatchObject({ code: 'invalid_request', stage: 'settings', pointer: '/baseUrl' });
      expect(sandbox.requests).toBe(before);
    },
  );
});
