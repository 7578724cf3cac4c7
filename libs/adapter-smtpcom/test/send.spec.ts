import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmailMessage } from '@score-crm/adapter-kit';
import { failureOf, plainMessage, webhookRequest } from '@score-crm/adapter-kit/testing';
import { SANDBOX_KEYS, SmtpcomSandbox } from '../sandbox/index.ts';
import { adapterFor, settings, withSandbox } from './support.ts';

const FULL: EmailMessage = plainMessage({
  to: [
    { email: 'ada@recipient.example', name: 'Ärger, Åsa <x>' },
    { email: 'bob@recipient.example', name: '' },
  ],
  cc: [{ email: 'cc@recipient.example' }],
  bcc: [{ email: 'audit@sender.example' }],
  replyTo: [{ email: 'support@sender.example', name: 'Support' }],
  subject: 'Grüße – 你好 {{name}}',
  text: 'Hello Ada',
  html: '<p>Hello Ada <img src="cid:logo"></p>',
  headers: {
    'List-Unsubscribe': '<https://sender.example/u/1>',
    'X-Entity-Ref-ID': '42',
    'X-Lent': 'of.mail',
  },
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

let sandbox: SmtpcomSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await SmtpcomSandbox.start({ paceMs: 1 });
  adapter = adapterFor(sandbox);
});
afterEach(() => sandbox.settled());
afterAll(() => sandbox.close());

describe('a message', () => {
  it('is sent as the documented request, with all of its members', async () => {
    const result = await adapter.send(FULL, settings());
    const mail = sandbox.mails.at(-1);
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
          { type: 'text/plain', charset: 'UTF-8', content: 'Hello Ada' },
          { type: 'text/html', charset: 'UTF-8', content: '<p>Hello Ada <img src="cid:logo"></p>' },
        ],
        attachments: [
          {
            type: 'application/pdf',
            disposition: 'attachment',
            filename: 'grün.pdf',
            encoding: 'base64',
            content: 'JVBERi0xLjQK',
          },
          {
            type: 'image/png',
            disposition: 'inline',
            filename: 'logo.png',
            cid: 'logo',
            encoding: 'base64',
            content: 'iVD/',
          },
        ],
      },
    });
    expect(JSON.parse(UNIQUE_ARGS)).toEqual({ unique_args: FULL.metadata });
    expect(result).toEqual({
      messageId: mail?.messageId,
      accepted: ['ada@recipient.example', 'bob@recipient.example', 'cc@recipient.example', 'audit@sender.example'],
      rejected: [],
    });
    expect(result.messageId).toMatch(/^[\da-f-]{36}$/);
  });

  it('is sent with the key in its header, and does not send its headers as headers of the request', async () => {
    await adapter.send(FULL, settings());
    const headers = sandbox.mails.at(-1)?.headers;
    expect(headers).toMatchObject({ 'x-smtpcom-api': SANDBOX_KEYS.working, 'content-type': 'application/json' });
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('list-unsubscribe');
  });

  it('contains nothing that was not given', async () => {
    await adapter.send(
      plainMessage({ cc: [], bcc: [], replyTo: [], headers: {}, attachments: [], tags: [], metadata: {} }),
      settings(),
    );
    expect(sandbox.mails.at(-1)?.json).toEqual({
      channel: 'acme_transactional',
      recipients: { to: [{ address: 'ada@recipient.example' }] },
      originator: { from: { name: 'Acme', address: 'no-reply@sender.example' } },
      subject: 'Welcome',
      body: { parts: [{ type: 'text/plain', charset: 'UTF-8', content: 'Hello Ada' }] },
    });
  });

  it.each<[string, Partial<EmailMessage>, readonly string[]]>([
    ['only HTML', { text: '', html: '<p>x</p>' }, ['text/html']],
    ['both', { html: '<p>x</p>' }, ['text/plain', 'text/html']],
  ])('can have %s', async (_what, overrides, types) => {
    await adapter.send(plainMessage(overrides), settings());
    expect(sandbox.mails.at(-1)?.json.body.parts?.map(({ type }) => type)).toEqual(types);
  });

  it('can be almost as large as SMTP.com allows, its attachments in lines', async () => {
    const content = Buffer.alloc(7_200_000, 'x');
    await adapter.send(
      plainMessage({ attachments: [{ filename: 'x', content, contentType: 'text/plain' }] }),
      settings(),
    );
    const sent = sandbox.mails.at(-1)?.json.body.attachments?.[0]?.['content'] ?? '';
    expect(sent).toMatch(/^[\w+/]{76}\r\n[\w+/]{76}\r\n/);
    expect(Buffer.from(sent, 'base64').equals(content)).toBe(true);
  });

  it('does not modify its input', async () => {
    const given = plainMessage({ headers: { 'X-A': 'b' }, metadata: { a: 'b' } });
    const before = structuredClone(given);
    await adapter.send(given, settings());
    expect(given).toEqual(before);
  });

  it('uses the right keys and channels when several are sent concurrently', async () => {
    const accounts = [
      {},
      { apiKey: SANDBOX_KEYS.noQuota },
      { apiKey: 'e'.repeat(40) },
      { channel: 'acme_newsletter' },
      { channel: 'no_such_channel' },
    ];
    const before = sandbox.mails.length;
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        adapter.send(plainMessage(), settings(accounts[index % 5])).then(
          () => 'sent',
          (error: unknown) => (error as { details: { code: string } }).details.code,
        ),
      ),
    );
    const round = ['sent', 'quota_exceeded', 'authentication_failed', 'sent', 'invalid_request'];
    expect(outcomes).toEqual(Array.from({ length: 20 }, (_, index) => round[index % 5]));
    const channels = sandbox.mails.slice(before).map(({ json }) => json.channel);
    expect(channels.toSorted()).toEqual([
      ...Array.from({ length: 4 }, () => 'acme_newsletter'),
      ...Array.from({ length: 4 }, () => 'acme_transactional'),
    ]);
  });

  it('has the id of its events, and its metadata are returned', async () => {
    const { messageId } = await adapter.send(
      plainMessage({ ...FULL, to: [{ email: 'click@recipient.example' }] }),
      settings(),
    );
    const items = sandbox.itemsOf(messageId).map(({ item }) => item);
    const parsed = adapter.webhooks.parse(webhookRequest(JSON.stringify(items)));
    expect(parsed.length).toBe(5 + 3 + 3);
    for (const one of parsed) {
      expect(one).toMatchObject({ ok: true, event: { messageId, metadata: FULL.metadata } });
    }
  });
});

describe('an accepted message', () => {
  const ID = '42b36f27-184a-4d01-816e-601ebe4e6163';
  const answerOf = (data: unknown, status = 200) => ({ status, body: JSON.stringify({ status: 'success', data }) });

  it.each<[string, object, number]>([
    ['in a sentence', { message: `accepted, msg_id: ${ID}` }, 200],
    ['in a sentence of other spacing', { message: `Accepted,  MSG_ID:${ID}.` }, 200],
    ['in a field', { msg_id: ID }, 200],
    ['in both', { msg_id: ID, message: 'accepted, msg_id: another' }, 200],
    ['in a sentence with an empty field', { msg_id: '', message: `accepted, msg_id: ${ID}` }, 200],
    ['with 201', { message: `accepted, msg_id: ${ID}` }, 201],
    ['with 202', { msg_id: ID }, 202],
  ])('returns its id %s', async (_where, data, status) => {
    sandbox.answerNext(answerOf(data, status));
    expect(await adapter.send(plainMessage(), settings())).toMatchObject({ messageId: ID });
  });

  it('is parsed from both responses of the sandbox', async () => {
    await withSandbox({ acceptance: 'id' }, async (other) => {
      const { messageId } = await adapterFor(other).send(plainMessage(), settings());
      expect(messageId).toBe(other.mails[0]?.messageId);
    });
  });

  it.each([[{}], [null], [undefined], ['accepted'], [{ msg_id: 5 }], [{ message: 'accepted' }]])(
    'without an id, %j, is a success: an error would lead to a second attempt',
    async (data) => {
      sandbox.answerNext(answerOf(data), answerOf(data));
      const first = await adapter.send(plainMessage(), settings());
      const second = await adapter.send(plainMessage(), settings());
      expect(first.accepted).toEqual(['ada@recipient.example']);
      expect(first.messageId).toMatch(/^untracked-/);
      expect(second.messageId).not.toBe(first.messageId);
    },
  );

  it.each([
    [200, ''],
    [200, '<html>Sign in</html>'],
    [202, '{}'],
    [200, '[]'],
    [200, 'null'],
    [200, '{"status":"ok","data":{"msg_id":"x"}}'],
    [204, ''],
  ])('%i with the body %j is not from SMTP.com', async (status, body) => {
    sandbox.answerNext({ status, body });
    expect(await failureOf(adapter.send(plainMessage(), settings()))).toMatchObject({
      code: 'invalid_response',
      retryable: false,
      status,
    });
  });
});

describe('a call', () => {
  it('goes to the vendor’s host', async () => {
    const { HttpClient, OutboundPolicy, VendorEndpoints } = await import('@score-crm/adapter-kit');
    const { SmtpcomAdapter } = await import('@score-crm/adapter-smtpcom');
    const urls: string[] = [];
    const http = new HttpClient(new OutboundPolicy());
    http.request = async ({ url }) => {
      urls.push(String(url));
      throw new TypeError('not in a test');
    };
    await new SmtpcomAdapter(http, new VendorEndpoints()).send(plainMessage(), settings()).catch(() => undefined);
    expect(urls).toEqual(['https://api.smtp.com/v4/messages']);
  });
});
