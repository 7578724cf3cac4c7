import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdapterError, type EmailMessage } from '@score-crm/adapter-kit';
import { simpleParser } from 'mailparser';
import { loopbackAdapter, message, withoutLogin } from './support.ts';
import { offering, type ReceivedMessage, ScriptedServer } from './scripted-server.ts';

const EIGHT_BIT = Buffer.from('Subject: Gr\u00fc\u00dfe\r\n\r\nHallo J\u00fcrgen\r\n');
const INNER = { filename: 'inner.eml', contentType: 'message/rfc822', content: EIGHT_BIT };

/** Every non-ASCII form of a message, and the extension without which it is rejected. */
const BEYOND_ASCII: readonly (readonly [what: string, pointer: string, needs: string, Partial<EmailMessage>])[] = [
  ['a recipient', '/to/0/email', 'SMTPUTF8', { to: [{ email: 'jürgen@recipient.example' }] }],
  [
    'one of several recipients',
    '/cc/1/email',
    'SMTPUTF8',
    { cc: [{ email: 'ada@recipient.example' }, { email: '用户@例子.example' }] },
  ],
  ['a blind copy', '/bcc/0/email', 'SMTPUTF8', { bcc: [{ email: 'jürgen@recipient.example' }] }],
  ['the sender', '/from/email', 'SMTPUTF8', { from: { email: 'grüße@sender.example' } }],
  ['an address for replies', '/replyTo/0/email', 'SMTPUTF8', { replyTo: [{ email: 'grüße@sender.example' }] }],
  ['a message id', '/headers/Message-ID', 'SMTPUTF8', { headers: { 'Message-ID': '<größe@sender.example>' } }],
  [
    'references',
    '/headers/References',
    'SMTPUTF8',
    { headers: { References: '<a@b.example> <größe@sender.example>' } },
  ],
  ['an attached message', '/attachments/0/content', '8BITMIME', { attachments: [INNER] }],
];

const PLAIN: readonly (readonly [what: string, Partial<EmailMessage>])[] = [
  ['subject and names', { subject: 'Grüße', to: [{ email: 'a@b.example', name: 'Jürgen' }] }],
  ['a text and HTML', { text: 'Grüße', html: '<p>Grüße</p>' }],
  ['a domain', { to: [{ email: 'click@bücher.example' }], replyTo: [{ email: 'a@bücher.example' }] }],
  ['headers', { headers: { 'X-Name': 'Größe', 'List-Id': 'Größe <news.sender.example>', Keywords: 'Größe, x' } }],
  [
    'a file name and a parameter',
    {
      attachments: [
        { filename: 'Größe.pdf', contentType: 'application/pdf; name="Größe.PDF"; x="ü"', content: Buffer.from('x') },
      ],
    },
  ],
  ['an attached message of ASCII', { attachments: [{ ...INNER, content: Buffer.from('Subject: x\r\n\r\nHi\r\n') }] }],
];

const adapter = loopbackAdapter();
afterAll(() => adapter.release());

async function sendTo(server: ScriptedServer, overrides: Partial<EmailMessage>, poolKey?: string) {
  return adapter.send(message(overrides), withoutLogin(server), poolKey === undefined ? {} : { poolKey });
}

function last({ messages }: ScriptedServer): ReceivedMessage {
  const received = messages.at(-1);
  if (received === undefined) throw new Error('No message came.');
  return received;
}

/** The headers of a received message, unfolded. */
function headerOf({ data }: ReceivedMessage, name: string): string | undefined {
  const head = data.split('\r\n\r\n')[0]?.replace(/\r\n(?=[ \t])/g, '');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head ?? '')?.[1];
}

/** RFC 2047, 6.2: spaces between encoded words are ignored. */
function decoded(value: string): string {
  return value
    .replace(/\?= +=\?/g, '?==?')
    .replace(/=\?UTF-8\?B\?([^?]*)\?=/g, (_word, base64: string) => Buffer.from(base64, 'base64').toString());
}

describe.each([undefined, 'pool'])('a server without extensions (pool key: %s)', (poolKey) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await ScriptedServer.start({ EHLO: offering('SIZE 10000000') });
  });
  afterEach(() => {
    server.commands.length = 0;
  });
  afterAll(async () => {
    adapter.release();
    await server.close();
  });

  it.each(BEYOND_ASCII)(
    'receives nothing of a message with non-ASCII characters in %s',
    async (_what, pointer, needs, overrides) => {
      const failure = await sendTo(server, overrides, poolKey).catch((error: unknown) => error as AdapterError);
      expect(failure).toMatchObject({ details: { code: 'unsupported', pointer, retryable: false } });
      expect((failure as AdapterError).details.hint).toContain(needs);
      expect(server.commands.filter((command) => !/^(?:EHLO|RSET|QUIT)/.test(command))).toEqual([]);
    },
  );

  it.each(PLAIN)('receives non-ASCII characters in %s encoded', async (_what, overrides) => {
    await sendTo(server, overrides, poolKey);
    const { mail, recipients, data } = last(server);
    expect(mail).not.toMatch(/SMTPUTF8|BODY/);
    expect([mail, ...recipients, data].join('\n')).toMatch(/^[\t\n\r -~]*$/);
  });

  it('receives the next message after a rejected one', async () => {
    await sendTo(server, { to: [{ email: 'jürgen@recipient.example' }] }, poolKey).catch(() => undefined);
    const result = await sendTo(server, { to: [{ email: 'Click@Bücher.example' }] }, poolKey);
    expect(result.accepted).toEqual(['Click@Bücher.example']);
    expect(last(server).recipients).toEqual(['RCPT TO:<Click@xn--bcher-kva.example>']);
  });
});

describe.each([undefined, 'pool'])('a server with SMTPUTF8 and 8BITMIME (pool key: %s)', (poolKey) => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await ScriptedServer.start({ EHLO: offering('PIPELINING', '8BITMIME', 'SMTPUTF8') });
  });
  afterAll(async () => {
    adapter.release();
    await server.close();
  });

  it.each(BEYOND_ASCII)(
    'receives the declaration of non-ASCII characters in %s',
    async (_what, _pointer, needs, overrides) => {
      const { accepted } = await sendTo(server, overrides, poolKey);
      expect(accepted).toHaveLength(1 + (overrides.cc?.length ?? 0) + (overrides.bcc?.length ?? 0));
      const { mail, data } = last(server);
      expect(mail.split(' ').includes('SMTPUTF8')).toBe(needs === 'SMTPUTF8');
      expect(mail.split(' ').includes('BODY=8BITMIME')).toBe(needs === '8BITMIME');
      if (needs === '8BITMIME') {
        expect(data).toContain(EIGHT_BIT.toString('latin1'));
        expect(data.match(/^Content-Transfer-Encoding: 8bit$/gm)).toHaveLength(2);
      }
    },
  );

  it('declares nothing for the next message in ASCII', async () => {
    await sendTo(server, { to: [{ email: 'jürgen@recipient.example' }] }, poolKey);
    await sendTo(server, {}, poolKey);
    expect(last(server).mail).not.toMatch(/SMTPUTF8|BODY/);
  });
});

describe('a header', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await ScriptedServer.start({ EHLO: offering() });
  });
  afterAll(() => server.close());

  it.each([
    ['List-Id', '"Score News" <news.sender.example>', '"Score News" <news.sender.example>'],
    ['List-Id', '"Größe" <news.sender.example>', '=?UTF-8?B?R3LDtsOfZQ==?= <news.sender.example>'],
    ['List-Unsubscribe', '<mailto:u@sender.example?subject="x">, <https://sender.example/u?a=1,2>', undefined],
    ['List-Help', '<https://sender.example/h> (Größe)', '<https://sender.example/h> (=?UTF-8?B?R3LDtsOfZQ==?=)'],
    ['X-Json', '{"a":"b","c":[1,2]}', undefined],
    ['X-Name', 'Größe', '=?UTF-8?B?R3LDtsOfZQ==?='],
    ['Comments', 'plain Größe and Länge plain', 'plain =?UTF-8?B?R3LDtsOfZSBhbmQgTMOkbmdl?= plain'],
    ['In-Reply-To', 'bare@x.example', '<bare@x.example>'],
    ['References', '<a@x.example> b@x.example', '<a@x.example> <b@x.example>'],
  ])('%s: %s is sent unchanged', async (name, value, expected = value) => {
    await sendTo(server, { headers: { [name]: value } });
    expect(headerOf(last(server), name)).toBe(expected);
  });

  it('Message-ID is identical in the result and on the wire', async () => {
    const { messageId } = await sendTo(server, { headers: { 'Message-ID': 'bare@x.example' } });
    expect(messageId).toBe('<bare@x.example>');
    expect(headerOf(last(server), 'Message-ID')).toBe('<bare@x.example>');
  });

  it.each([
    ['a long header with spaces', { headers: { 'X-Long': 'word '.repeat(390).trim() } }],
    ['a long non-ASCII header', { headers: { 'X-Long': 'ü'.repeat(1_900) } }],
    ['a subject of one long word', { subject: 'x'.repeat(998) }],
    ['many references', { headers: { References: Array(60).fill('<0123456789@x.example>').join(' ') } }],
    ['long names', { to: Array.from({ length: 50 }, (_, n) => ({ email: `a${n}@b.example`, name: 'ü'.repeat(200) })) }],
    ['a long text and HTML', { text: 'x'.repeat(5_000), html: `<p>${'x'.repeat(5_000)}</p>` }],
  ])(
    'with %s has no line over 998 bytes and is parsed to the same message',
    async (_what, overrides: Partial<EmailMessage>) => {
      await sendTo(server, overrides);
      const { data } = last(server);
      const lines = data.split('\r\n');
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(998);
      const parsed = await simpleParser(Buffer.from(data, 'latin1'));
      if (overrides.subject !== undefined) expect(parsed.subject).toBe(overrides.subject);
      const long = overrides.headers?.['X-Long'];
      if (long !== undefined) expect(decoded(headerOf(last(server), 'X-Long') ?? '')).toBe(long);
    },
  );

  it.each([
    ['/headers/X-Long', { headers: { 'X-Long': 'x'.repeat(1_500) } }],
    [
      '/attachments/0/content',
      { attachments: [{ ...INNER, content: Buffer.from(`Subject: x\r\n\r\n${'x'.repeat(2_000)}\r\n`) }] },
    ],
  ])('is rejected at %s if a line cannot be broken', async (pointer, overrides) => {
    const failure = await sendTo(server, overrides).catch((error: unknown) => error as AdapterError);
    expect(failure).toMatchObject({ details: { code: 'invalid_request', pointer } });
  });
});
