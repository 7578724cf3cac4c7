import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EmailMessage, ParsedEvent } from '@score-crm/adapter-kit';
import { failureOf, httpServer, plainMessage, webhookRequest } from '@score-crm/adapter-kit/testing';
import { answers, MailgunSandbox, SANDBOX_KEYS } from '../sandbox/index.ts';
import { adapterFor, entriesOf, settings } from './support.ts';

const FULL: EmailMessage = plainMessage({
  from: { email: 'no-reply@sender.example', name: 'Ärger & Söhne' },
  to: [
    { email: 'ada@recipient.example', name: 'Lovelace, "Ada" \\' },
    { email: 'bob@recipient.example', name: '' },
    { email: 'cleo@räksmörgås.example' },
  ],
  cc: [{ email: 'cc@recipient.example', name: 'O’Neil' }],
  bcc: [{ email: 'audit@sender.example' }],
  replyTo: [{ email: 'support@sender.example', name: 'Support' }, { email: 'sales@sender.example' }],
  subject: 'Grüße – 你好 {{name}}',
  text: 'Hello Ada\nBye',
  html: '<p>Hello Ada <img src="cid:logo"></p>',
  headers: { 'List-Unsubscribe': '<https://sender.example/u/1>', 'X-Lent': 'of.mail' },
  attachments: [
    { filename: 'grün 1.pdf', content: Buffer.from('%PDF-1.4\n'), contentType: 'application/pdf' },
    {
      filename: 'logo.png',
      content: new Uint8Array([0, 137, 80, 255]).subarray(1),
      contentType: 'image/png',
      contentId: 'logo',
    },
  ],
  tags: ['welcome', 'Spring Sale', 'welcome'],
  metadata: { score_connection_id: 'c-1', 'with-hyphen': 'y ü' },
});

let sandbox: MailgunSandbox;
let adapter: ReturnType<typeof adapterFor>;

beforeAll(async () => {
  sandbox = await MailgunSandbox.start();
  adapter = adapterFor(sandbox);
});
afterAll(() => sandbox.close());

/** The request that a message is sent as. */
async function requestOf(
  overrides: Partial<EmailMessage>,
): Promise<{ method: string; url: string; headers: object; body: Buffer }> {
  const seen: Awaited<ReturnType<typeof requestOf>>[] = [];
  const listener = await httpServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks) });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"<1@mg.sender.example>"}');
    });
  });
  await adapterFor(listener).send(plainMessage(overrides), settings());
  await listener.close();
  return seen[0] as (typeof seen)[number];
}

describe('a message', () => {
  it('is sent as the documented form, with all of its members', async () => {
    const result = await adapter.send(FULL, settings());
    const mail = sandbox.mails.at(-1);
    expect(entriesOf(mail?.form)).toEqual([
      ['from', 'Ärger & Söhne <no-reply@sender.example>'],
      ['to', '"Lovelace, \\"Ada\\" \\\\" <ada@recipient.example>'],
      ['to', 'bob@recipient.example'],
      ['to', 'cleo@xn--rksmrgs-5wao1o.example'],
      ['cc', 'O’Neil <cc@recipient.example>'],
      ['bcc', 'audit@sender.example'],
      ['subject', 'Grüße – 你好 {{name}}'],
      ['text', 'Hello Ada\nBye'],
      ['html', '<p>Hello Ada <img src="cid:logo"></p>'],
      ['h:Reply-To', 'Support <support@sender.example>, sales@sender.example'],
      ['h:List-Unsubscribe', '<https://sender.example/u/1>'],
      ['h:X-Lent', 'of.mail'],
      ['o:tag', 'welcome'],
      ['o:tag', 'Spring Sale'],
      ['v:score_connection_id', 'c-1'],
      ['v:with-hyphen', 'y ü'],
      ['attachment', 'grün 1.pdf'],
      ['inline', 'logo'],
    ]);
    expect(result).toEqual({
      messageId: mail?.messageId,
      accepted: [
        'ada@recipient.example',
        'bob@recipient.example',
        'cleo@räksmörgås.example',
        'cc@recipient.example',
        'audit@sender.example',
      ],
      rejected: [],
    });
  });

  it('keeps the bytes and the type of attachments', async () => {
    await adapter.send(FULL, settings());
    const files = ['attachment', 'inline'].map((name) => sandbox.mails.at(-1)?.form.get(name) as File);
    expect(files.map(({ type }) => type)).toEqual(['application/pdf', 'image/png']);
    const bytes = await Promise.all(files.map(async (file) => Buffer.from(await file.arrayBuffer())));
    expect(bytes).toEqual([Buffer.from('%PDF-1.4\n'), Buffer.from([137, 80, 255])]);
  });

  it('is one multipart request with Basic authentication, and file names in UTF-8', async () => {
    const { method, url, headers, body } = await requestOf(FULL);
    expect([method, url]).toEqual(['POST', '/v3/mg.sender.example/messages']);
    expect(headers).toMatchObject({
      authorization: `Basic ${Buffer.from(`api:${SANDBOX_KEYS.working}`).toString('base64')}`,
      'content-type': expect.stringMatching(/^multipart\/form-data; boundary=\S+$/),
      'content-length': String(body.length),
    });
    expect(headers).not.toHaveProperty('list-unsubscribe');
    expect(body.toString()).toContain(
      'name="attachment"; filename="grün 1.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\n\r\n',
    );
    expect(body.toString()).not.toContain('filename*');
  });

  it('contains nothing that was not given', async () => {
    const none = { cc: [], bcc: [], replyTo: [], headers: {}, attachments: [], tags: [], metadata: {} };
    await adapter.send(plainMessage(none), settings());
    expect(entriesOf(sandbox.mails.at(-1)?.form)).toEqual([
      ['from', 'Acme <no-reply@sender.example>'],
      ['to', 'ada@recipient.example'],
      ['subject', 'Welcome'],
      ['text', 'Hello Ada'],
    ]);
  });

  it.each<[string, Partial<EmailMessage>, readonly string[]]>([
    ['only HTML', { text: '', html: '<p>x</p>' }, ['html']],
    ['both', { html: '<p>x</p>' }, ['text', 'html']],
  ])('can have %s', async (_what, overrides, parts) => {
    await adapter.send(plainMessage(overrides), settings());
    const names = entriesOf(sandbox.mails.at(-1)?.form).map(([name]) => name);
    expect(names.filter((name) => name === 'text' || name === 'html')).toEqual(parts);
  });

  it('is scheduled by a date of RFC 2822, in whole seconds', async () => {
    const sendAt = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000);
    await adapter.send(plainMessage({ sendAt }), settings());
    const [, written] = entriesOf(sandbox.mails.at(-1)?.form).find(([name]) => name === 'o:deliverytime') ?? [];
    expect(written).toMatch(/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
    expect(Date.parse(written ?? '')).toBe(sendAt.getTime());
  });

  it('with a past time is sent immediately', async () => {
    await adapter.send(plainMessage({ sendAt: new Date(Date.now() - 1000) }), settings());
    expect(sandbox.mails.at(-1)?.form.has('o:deliverytime')).toBe(false);
  });

  it('does not modify its input', async () => {
    const given = plainMessage({ headers: { 'X-A': 'b' }, metadata: { a: 'b' }, tags: ['a'] });
    const before = structuredClone(given);
    await adapter.send(given, settings());
    expect(given).toEqual(before);
  });

  it('goes to the region and the domain of its settings', async () => {
    const urls: string[] = [];
    const http = { request: ({ url }: { url: string }) => Promise.reject(new Error(String(urls.push(url)))) };
    const { MailgunAdapter } = await import('@score-crm/adapter-mailgun');
    const { VendorEndpoints } = await import('@score-crm/adapter-kit');
    const own = new MailgunAdapter(http as never, new VendorEndpoints());
    for (const region of ['us', 'eu'] as const) {
      await own.send(plainMessage(), settings({ region, domain: 'Mail.Example' })).catch(() => undefined);
    }
    expect(urls).toEqual([
      'https://api.mailgun.net/v3/Mail.Example/messages',
      'https://api.eu.mailgun.net/v3/Mail.Example/messages',
    ]);
  });

  it('uses the right keys when several are sent concurrently', async () => {
    const keys = [SANDBOX_KEYS.working, SANDBOX_KEYS.limited, 'wrong', SANDBOX_KEYS.analyst];
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

  it('can be sent with a sending key of the domain', async () => {
    const { accepted } = await adapter.send(plainMessage(), settings({ apiKey: SANDBOX_KEYS.sending }));
    expect(accepted).toEqual(['ada@recipient.example']);
  });
});

describe('the id of a message', () => {
  it('is that of its events, and its metadata and tags are returned', async () => {
    const { messageId } = await adapter.send({ ...FULL, to: [{ email: 'click@recipient.example' }] }, settings());
    const events = sandbox
      .eventsOf(messageId)
      .flatMap(({ data }) => adapter.webhooks.parse(webhookRequest(JSON.stringify({ 'event-data': data }))));
    expect(events.length).toBeGreaterThan(4);
    for (const one of events as readonly (ParsedEvent & { ok: true })[]) {
      expect(one.event).toMatchObject({ messageId, tags: ['welcome', 'Spring Sale'], metadata: FULL.metadata });
    }
  });

  it.each([
    ['in brackets, as documented', '<20111114174239.25659.5817@samples.mailgun.org>'],
    ['without them', '20111114174239.25659.5817@samples.mailgun.org'],
    ['with blanks', ' <20111114174239.25659.5817@samples.mailgun.org> '],
  ])('is parsed %s', async (_what, id) => {
    sandbox.answerNext({ status: 200, body: JSON.stringify({ id, message: 'Queued. Thank you.' }) });
    const { messageId } = await adapter.send(plainMessage(), settings());
    expect(messageId).toBe('20111114174239.25659.5817@samples.mailgun.org');
  });

  it.each([
    ['Mailgun’s greeting', answers.greeting],
    ['no JSON', { status: 200, body: '<html>' }],
    ['null', { status: 200, body: 'null' }],
    ['a number', { status: 200, body: '{"id":7}' }],
    ['an empty one', { status: 200, body: '{"id":"<>"}' }],
    ['none', { status: 200 }],
  ])('must be present: %s is not a success', async (_what, answer) => {
    sandbox.answerNext(answer);
    expect(await failureOf(adapter.send(plainMessage(), settings()))).toMatchObject({
      code: 'invalid_response',
      retryable: false,
    });
  });
});
