import type { EmailMessage } from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import { simpleParser } from 'mailparser';
import { offering, type ReceivedMessage, ScriptedServer } from '../../../test/support/scripted-server.ts';
import { loopbackAdapter, message, withoutLogin } from './support.ts';

type Overrides = Partial<EmailMessage>;

const EIGHT_BIT = Buffer.from('Subject: Gr\u00fc\u00dfe\r\n\r\nHallo J\u00fcrgen\r\n');
const INNER = { filename: 'inner.eml', contentType: 'message/rfc822', content: EIGHT_BIT };
const GROESSE = { filename: 'Größe.pdf', contentType: 'application/pdf; name="Größe.PDF"; x="ü"', content: EIGHT_BIT };
const JUERGEN = [{ email: 'jürgen@recipient.example' }];

/** Every non-ASCII form of a message, and the extension without which it is rejected. */
const BEYOND_ASCII: readonly (readonly [pointer: string, needs: string, message: Overrides])[] = [
  ['/to/0/email', 'SMTPUTF8', { to: JUERGEN }],
  ['/cc/1/email', 'SMTPUTF8', { cc: [{ email: 'ada@recipient.example' }, { email: '用户@例子.example' }] }],
  ['/bcc/0/email', 'SMTPUTF8', { bcc: JUERGEN }],
  ['/from/email', 'SMTPUTF8', { from: { email: 'grüße@sender.example' } }],
  ['/replyTo/0/email', 'SMTPUTF8', { replyTo: [{ email: 'grüße@sender.example' }] }],
  ['/headers/Message-ID', 'SMTPUTF8', { headers: { 'Message-ID': '<größe@sender.example>' } }],
  ['/headers/References', 'SMTPUTF8', { headers: { References: '<a@b.example> <größe@sender.example>' } }],
  ['/attachments/0/content', '8BITMIME', { attachments: [INNER] }],
];

const adapter = loopbackAdapter();
let server: ScriptedServer;
afterEach(async () => {
  adapter.release();
  await server.close();
});

async function start(...extensions: readonly string[]): Promise<void> {
  server = await ScriptedServer.start({ EHLO: offering(...extensions) });
}

async function send(overrides: Overrides, options: object = {}) {
  return adapter.send(message(overrides), withoutLogin(server), options);
}

function last(): ReceivedMessage {
  const received = server.messages.at(-1);
  if (received === undefined) throw new Error('No message came.');
  return received;
}

/** A header of the last message, unfolded. */
function headerOf(name: string): string | undefined {
  const head = last()
    .data.split('\r\n\r\n')[0]
    ?.replace(/\r\n(?=[ \t])/g, '');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head ?? '')?.[1];
}

/** RFC 2047, 6.2: spaces between encoded words are ignored. */
function decoded(value = ''): string {
  return value
    .replace(/\?= +=\?/g, '?==?')
    .replace(/=\?UTF-8\?B\?([^?]*)\?=/g, (_word, base64: string) => Buffer.from(base64, 'base64').toString());
}

describe.each([{}, { poolKey: 'a' }])('with %j, a server', (options) => {
  it('without extensions receives nothing of a message that needs one, and then the next message', async () => {
    await start('SIZE 10000000');
    for (const [pointer, needs, overrides] of BEYOND_ASCII) {
      const failure = await failureOf(send(overrides, options));
      expect(failure).toMatchObject({ code: 'unsupported', pointer, retryable: false });
      expect(failure.hint).toContain(needs);
    }
    expect(server.commands.filter((command) => !/^(?:EHLO|RSET|QUIT)/.test(command))).toEqual([]);
    const result = await send({ to: [{ email: 'Click@Bücher.example' }] }, options);
    expect(result.accepted).toEqual(['Click@Bücher.example']);
    expect(last().recipients).toEqual(['RCPT TO:<Click@xn--bcher-kva.example>']);
  });

  it.each<[string, Overrides]>([
    ['subject and names', { subject: 'Grüße', to: [{ email: 'a@b.example', name: 'Jürgen' }] }],
    ['a text and HTML', { text: 'Grüße', html: '<p>Grüße</p>' }],
    ['a domain', { to: [{ email: 'click@bücher.example' }], replyTo: [{ email: 'a@bücher.example' }] }],
    ['headers', { headers: { 'X-Name': 'Größe', 'List-Id': 'Größe <news.sender.example>', Keywords: 'Größe, x' } }],
    ['a file name and a parameter', { attachments: [GROESSE] }],
    ['an attached message of ASCII', { attachments: [{ ...INNER, content: Buffer.from('Subject: x\r\n\r\nHi\r\n') }] }],
  ])('without extensions receives non-ASCII characters in %s encoded', async (_what, overrides) => {
    await start('SIZE 10000000');
    await send(overrides, options);
    const { mail, recipients, data } = last();
    expect(mail).not.toMatch(/SMTPUTF8|BODY/);
    expect([mail, ...recipients, data].join('\n')).toMatch(/^[\t\n\r -~]*$/);
  });

  it('with SMTPUTF8 and 8BITMIME receives their declaration, and none with the next message', async () => {
    await start('PIPELINING', '8BITMIME', 'SMTPUTF8');
    for (const [, needs, overrides] of BEYOND_ASCII) {
      const { accepted } = await send(overrides, options);
      expect(accepted).toHaveLength(1 + (overrides.cc?.length ?? 0) + (overrides.bcc?.length ?? 0));
      const declared = last()
        .mail.split(' ')
        .filter((word) => /SMTPUTF8|BODY/.test(word));
      expect(declared).toEqual([needs.replace('8BIT', 'BODY=8BIT')]);
    }
    const { data } = last();
    expect(data).toContain(EIGHT_BIT.toString('latin1'));
    expect(data.match(/^Content-Transfer-Encoding: 8bit$/gm)).toHaveLength(2);
    await send({}, options);
    expect(last().mail).not.toMatch(/SMTPUTF8|BODY/);
  });
});

describe('a header', () => {
  beforeEach(() => start());

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
    ['Message-ID', 'bare@x.example', '<bare@x.example>'],
    ['Message-ID', '<chosen@x.example>', undefined],
  ])('%s: %s is sent as %s', async (name, value, expected = value) => {
    const { messageId } = await send({ headers: { [name]: value } });
    expect(headerOf(name)).toBe(expected);
    expect(headerOf('Message-ID')).toBe(messageId);
  });

  it.each<[string, Overrides]>([
    ['a long header with spaces', { headers: { 'X-Long': 'word '.repeat(390).trim() } }],
    ['a long non-ASCII header', { headers: { 'X-Long': 'ü'.repeat(1_900) } }],
    ['a subject of one long word', { subject: 'x'.repeat(998) }],
    ['many references', { headers: { References: Array(60).fill('<0123456789@x.example>').join(' ') } }],
    ['long names', { to: Array.from({ length: 50 }, (_, n) => ({ email: `a${n}@b.example`, name: 'ü'.repeat(200) })) }],
    ['a long text and HTML', { text: 'x'.repeat(5_000), html: `<p>${'x'.repeat(5_000)}</p>` }],
  ])('of a message with %s has no line over 998 bytes and its value', async (_what, overrides) => {
    await send(overrides);
    const { data } = last();
    expect(Math.max(...data.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(998);
    const parsed = await simpleParser(Buffer.from(data, 'latin1'));
    if (overrides.subject !== undefined) expect(parsed.subject).toBe(overrides.subject);
    const long = overrides.headers?.['X-Long'];
    if (long !== undefined) expect(decoded(headerOf('X-Long'))).toBe(long);
  });

  it.each<[string, Overrides]>([
    ['/headers/X-Long', { headers: { 'X-Long': 'x'.repeat(1_500) } }],
    ['/attachments/0/content', { attachments: [{ ...INNER, content: Buffer.alloc(2_000, 'x') }] }],
  ])('or line that cannot be broken is rejected at %s', async (pointer, overrides) => {
    expect(await failureOf(send(overrides))).toMatchObject({ code: 'invalid_request', pointer });
  });
});
