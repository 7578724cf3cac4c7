import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmailMessage } from '@score-crm/adapter-kit';
import { errorOf, failureOf, httpServer, plainMessage, webhookRequest } from '@score-crm/adapter-kit/testing';
import { SANDBOX_KEYS, SendgridSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const SEND_AT = new Date(Date.now() + 3_600_000);

const FULL: EmailMessage = plainMessage({
  to: [
    { email: 'ada@recipient.example', name: 'Ärger, Åsa <x>' },
    { email: 'bob@recipient.example', name: '' },
  ],
  cc: [{ email: 'cc@recipient.example' }],
  bcc: [{ email: 'audit@sender.example' }],
  replyTo: [{ email: 'support@sender.example', name: 'Support' }, { email: 'sales@sender.example' }],
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
  tags: ['welcome', 'onboarding', 'welcome'],
  metadata: { score_connection_id: 'c-1', score_message_id: 'm-1', someCamelCase: 'x', 'with-hyphen': 'y' },
  sendAt: SEND_AT,
});

let sandbox: SendgridSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await SendgridSandbox.start();
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

describe('a message', () => {
  it('is sent as the documented request, with all of its members', async () => {
    const result = await adapter.send(FULL, settings());
    const mail = sandbox.mails.at(-1);
    expect(mail?.json).toEqual({
      personalizations: [
        {
          to: [{ email: 'ada@recipient.example', name: '"Ärger, Åsa <x>"' }, { email: 'bob@recipient.example' }],
          cc: [{ email: 'cc@recipient.example' }],
          bcc: [{ email: 'audit@sender.example' }],
        },
      ],
      from: { email: 'no-reply@sender.example', name: 'Acme' },
      reply_to_list: [{ email: 'support@sender.example', name: 'Support' }, { email: 'sales@sender.example' }],
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
      send_at: Math.floor(SEND_AT.getTime() / 1000),
    });
    expect(result).toEqual({
      messageId: mail?.messageId,
      accepted: ['ada@recipient.example', 'bob@recipient.example', 'cc@recipient.example', 'audit@sender.example'],
      rejected: [],
    });
  });

  it('does not send its headers as headers of the request', async () => {
    await adapter.send(FULL, settings());
    const headers = sandbox.mails.at(-1)?.headers;
    expect(headers).toMatchObject({
      authorization: `Bearer ${SANDBOX_KEYS.working}`,
      'content-type': 'application/json',
    });
    expect(headers).not.toHaveProperty('list-unsubscribe');
    expect(headers).not.toHaveProperty('x-entity-ref-id');
  });

  it('contains nothing that was not given', async () => {
    await adapter.send(
      plainMessage({ cc: [], bcc: [], replyTo: [], headers: {}, attachments: [], tags: [], metadata: {} }),
      settings(),
    );
    expect(sandbox.mails.at(-1)?.json).toEqual({
      personalizations: [{ to: [{ email: 'ada@recipient.example' }] }],
      from: { email: 'no-reply@sender.example', name: 'Acme' },
      subject: 'Welcome',
      content: [{ type: 'text/plain', value: 'Hello Ada' }],
    });
  });

  it.each<[string, Partial<EmailMessage>, readonly string[]]>([
    ['only HTML', { text: '', html: '<p>x</p>' }, ['text/html']],
    ['both', { html: '<p>x</p>' }, ['text/plain', 'text/html']],
  ])('can have %s', async (_what, overrides, types) => {
    await adapter.send(plainMessage(overrides), settings());
    expect(sandbox.mails.at(-1)?.json.content?.map(({ type }) => type)).toEqual(types);
  });

  it('with a past time is sent immediately', async () => {
    await adapter.send(plainMessage({ sendAt: new Date(Date.now() - 1000) }), settings());
    expect(sandbox.mails.at(-1)?.json).not.toHaveProperty('send_at');
  });

  it('can be almost as large as SendGrid allows', async () => {
    const content = Buffer.alloc(14_900_000, 'x');
    await adapter.send(
      plainMessage({ attachments: [{ filename: 'x', content, contentType: 'text/plain' }] }),
      settings(),
    );
    expect(sandbox.mails.at(-1)?.json.attachments?.[0]?.['content']).toHaveLength(19_866_668);
  });

  it('does not modify its input', async () => {
    const given = plainMessage({ headers: { 'X-A': 'b' }, metadata: { a: 'b' }, tags: ['a'] });
    const before = structuredClone(given);
    await adapter.send(given, settings());
    expect(given).toEqual(before);
  });

  it('uses the right keys when several are sent concurrently', async () => {
    const keys = [SANDBOX_KEYS.working, SANDBOX_KEYS.noCredits, 'SG.wrong', SANDBOX_KEYS.noMailScope];
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

  it('has the id of its events, and its metadata are returned', async () => {
    const { messageId } = await adapter.send(
      plainMessage({ ...FULL, to: [{ email: 'click@recipient.example' }] }),
      settings(),
    );
    const events = sandbox.eventsOf(messageId);
    const parsed = adapter.webhooks.parse(webhookRequest(JSON.stringify(events)));
    expect(parsed.length).toBe(4 + 2 + 2);
    for (const one of parsed) {
      expect(one).toMatchObject({
        ok: true,
        event: { messageId, metadata: FULL.metadata, tags: ['welcome', 'onboarding'] },
      });
    }
  });
});

describe('an unusual response', () => {
  it.each([200, 201, 202])('%i with an id is a success', async (status) => {
    sandbox.answerNext({ status, headers: { 'x-message-id': 'an-id' }, body: 'not JSON' });
    expect(await adapter.send(plainMessage(), settings())).toMatchObject({ messageId: 'an-id' });
  });

  it('202 without an id is a success: an error would have it sent twice', async () => {
    sandbox.answerNext({ status: 202 }, { status: 202 });
    const first = await adapter.send(plainMessage(), settings());
    const second = await adapter.send(plainMessage(), settings());
    expect(first.accepted).toEqual(['ada@recipient.example']);
    expect(first.messageId).toMatch(/^untracked-/);
    expect(second.messageId).not.toBe(first.messageId);
  });

  it.each([
    [200, ''],
    [200, '<html>Sign in</html>'],
    [202, '<html>Queued</html>'],
    [204, ''],
  ])('%i without an id, %j, is not from SendGrid', async (status, body) => {
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
    const started = performance.now();
    const send = adapterFor(silent).send(plainMessage(), settings(), { signal: AbortSignal.timeout(100) });
    expect(await failureOf(send)).toMatchObject({ code: 'timeout', retryable: true });
    const controller = new AbortController();
    const canceled = adapterFor(silent).send(plainMessage(), settings(), { signal: controller.signal });
    controller.abort();
    expect(await failureOf(canceled)).toMatchObject({ code: 'aborted' });
    expect(performance.now() - started).toBeLessThan(2_000);
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
      response.writeHead(202);
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
      response.writeHead(202, { 'x-message-id': 'x' }).end();
    });
    for (const status of [301, 302, 307, 308]) {
      sandbox.answerNext({ status, headers: { location: `${elsewhere.url}/v3/mail/send`, 'x-message-id': 'x' } });
      expect(await failureOf(adapter.send(plainMessage(), settings()))).toMatchObject({
        code: 'invalid_response',
        status,
      });
    }
    expect(visitors).toBe(0);
    await elsewhere.close();
  });

  it('goes to the region’s host', async () => {
    const { HttpClient, OutboundPolicy, VendorEndpoints } = await import('@score-crm/adapter-kit');
    const { SendgridAdapter } = await import('@score-crm/adapter-sendgrid');
    const urls: string[] = [];
    const http = new HttpClient(new OutboundPolicy());
    http.request = async ({ url }) => {
      urls.push(String(url));
      throw new TypeError('not in a test');
    };
    const real = new SendgridAdapter(http, new VendorEndpoints());
    for (const region of ['global', 'eu'] as const) await errorOf(real.send(plainMessage(), settings({ region })));
    expect(urls).toEqual(['https://api.sendgrid.com/v3/mail/send', 'https://api.eu.sendgrid.com/v3/mail/send']);
  });
});
