import { createHmac } from 'node:crypto';
import { TestAuthority } from '../../../test/support/certificates.ts';
import { offering, type Replies, ScriptedServer } from '../../../test/support/scripted-server.ts';
import { loopbackAdapter, message, PASSWORD, probe, settingsFor } from './support.ts';

const USER = 'user@example.com';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const PLAIN = `AUTH PLAIN ${base64(`\0${USER}\0${PASSWORD}`)}`;
const CHALLENGE = base64('<1896.697170952@mx.example>');
const DIGEST = createHmac('md5', PASSWORD).update('<1896.697170952@mx.example>').digest('hex');
const ALL = 'AUTH PLAIN LOGIN CRAM-MD5';
const NONE = Object.fromEntries(['PLAIN', 'LOGIN', 'CRAM-MD5'].map((name) => [name, '504 5.5.4 No']));
const LOGIN = { LOGIN: '334 VXNlcm5hbWU6' };

/** Replies to the login: to AUTH by mechanism. The lines of LOGIN and CRAM-MD5 arrive as separate commands. */
function login(offer: string, replies: Readonly<Record<string, string>>, rest: Replies = {}): Replies {
  return {
    EHLO: offering(offer),
    AUTH: (line) => replies[line.split(' ')[1] ?? ''] ?? '535 5.7.8 Wrong',
    [base64(USER).toUpperCase()]: '334 UGFzc3dvcmQ6',
    [base64(PASSWORD).toUpperCase()]: '235 2.7.0 Welcome',
    [base64(`${USER} ${DIGEST}`).toUpperCase()]: '235 2.7.0 Welcome',
    ...rest,
  };
}

/** The outcome of a test, of sending, and of sending over a pool, if it is the same; each over a new connection. */
async function outcome(port: number, overrides: object = {}): Promise<string> {
  const adapter = loopbackAdapter();
  const settings = settingsFor({ port }, overrides);
  const { ok, error } = await adapter.diagnose(settings, probe({ to: ['reader@example.net'] }));
  const sends = [{}, { poolKey: 'a' }].map((options) =>
    adapter.send(message(), settings, options).then(
      () => 'sent',
      (failure: { details: { code: string } }) => failure.details.code,
    ),
  );
  const outcomes = new Set([ok ? 'sent' : error?.code, ...(await Promise.all(sends))]);
  adapter.release();
  return [...outcomes].join();
}

async function withServer(replies: Replies, work: (server: ScriptedServer) => Promise<void>): Promise<void> {
  const server = await ScriptedServer.start(replies);
  await work(server);
  await server.close();
}

it.each<[string, Replies]>([
  ['no AUTH at all', { EHLO: offering('SIZE 1000000') }],
  ['GSSAPI and NTLM only', { EHLO: offering('AUTH GSSAPI NTLM') }],
  ['XOAUTH2 only', { EHLO: offering('AUTH XOAUTH2 OAUTHBEARER', '8BITMIME') }],
  ['an empty list', { EHLO: offering('AUTH', '8BITMIME') }],
  ['HELO only', { EHLO: '502 5.5.1 Not implemented', HELO: '250 mx.example' }],
  ['a host named like AUTH', { EHLO: '250-mx.example AUTH PLAIN greets you\r\n250 8BITMIME' }],
])('a server that offers %s receives neither the password nor a message', (_, replies) =>
  withServer(replies, async (server) => {
    expect(await outcome(server.port)).toBe('authentication_not_offered');
    expect(server.commands.filter((line) => !/^(EHLO|HELO|QUIT|RSET)\b/.test(line))).toEqual([]);
    expect(server.received).not.toContain(base64(PASSWORD));
  }),
);

it('a server that offers a login only after STARTTLS receives it only then', async () => {
  const authority = await TestAuthority.create();
  const EHLO: Replies['EHLO'] = (_line, socket) => offering('encrypted' in socket ? 'AUTH PLAIN' : 'STARTTLS');
  const server = await ScriptedServer.start({ EHLO }, await authority.issue());
  const overrides = { secure: true, tlsMode: 'starttls', caCertificate: authority.cert };
  expect(await outcome(server.port, overrides)).toBe('sent');
  expect(server.commands.filter((line) => line === PLAIN)).toHaveLength(3);
  expect(server.received).not.toContain(PLAIN);
  await server.close();
});

describe('a server that offers several mechanisms', () => {
  it.each([
    '504 5.5.4 Unrecognized authentication type',
    '504 5.7.4 Unrecognized authentication type',
    '504',
    '500 5.5.1 Command unrecognized',
    '502 5.5.1 Not implemented',
    '503 5.5.1 Bad sequence of commands',
    '534 5.7.9 Authentication mechanism is too weak',
    '504-5.5.4 Not here,\r\n504 5.5.4 not now',
  ])('is sent the next one after %j', (reply) =>
    withServer(login('AUTH PLAIN LOGIN', { PLAIN: reply, ...LOGIN }), async (server) => {
      expect(await outcome(server.port)).toBe('sent');
      expect(server.commands.filter((line) => line === 'AUTH LOGIN')).toHaveLength(3);
    }),
  );

  it.each([
    '535 5.7.8 Authentication credentials invalid',
    '535 mechanism not implemented',
    '534 5.7.9 Application-specific password required.',
    '534 5.7.14 Please log in with your web browser and then try again.',
    '538 5.7.11 Encryption required for requested authentication mechanism',
    '530 5.7.0 Must issue a STARTTLS command first',
    '454 4.7.0 Temporary authentication failure',
    '432 4.7.12 A password transition is needed',
    '500 5.7.0 Authentication failed',
    '503 5.7.8 Wrong credentials',
    '501 5.5.2 Cannot decode response',
    '550 5.7.1 Your account is locked',
  ])('is sent no other one after %j', (reply) =>
    withServer(login(ALL, { PLAIN: reply }), async (server) => {
      expect(await outcome(server.port)).not.toContain('sent');
      expect(server.commands.filter((line) => line.startsWith('AUTH'))).toEqual([PLAIN, PLAIN, PLAIN]);
    }),
  );

  it('is not sent another one if the password is wrong for the second mechanism', () => {
    const wrong = { [base64(PASSWORD).toUpperCase()]: '535 5.7.8 Wrong' };
    return withServer(login(ALL, { PLAIN: '504 5.5.4 No', ...LOGIN }, wrong), async (server) => {
      expect(await outcome(server.port)).toBe('authentication_failed');
      expect(server.commands).not.toContain('AUTH CRAM-MD5');
    });
  });
});

it.each<[string, string, Readonly<Record<string, string>>, string?]>([
  ['only LOGIN', 'AUTH LOGIN', LOGIN],
  ['LOGIN in the old notation', 'AUTH=LOGIN', LOGIN],
  ['lowercase', 'auth login', LOGIN],
  ['CRAM-MD5 alone', 'AUTH CRAM-MD5', { 'CRAM-MD5': `334 ${CHALLENGE}` }],
  ['CRAM-MD5 after PLAIN', 'AUTH PLAIN CRAM-MD5', { PLAIN: '504 5.5.4 No', 'CRAM-MD5': `334 ${CHALLENGE}` }],
  ['PLAIN in two steps', 'AUTH PLAIN', { PLAIN: '334 ' }],
  ['all, and has none', ALL, NONE, 'authentication_not_offered'],
])('a server that offers %s receives the login that it has', (_, offer, replies, expected = 'sent') => {
  const response = base64(`\0${USER}\0${PASSWORD}`).toUpperCase();
  return withServer(login(offer, replies, { [response]: '235 2.7.0 Welcome' }), async ({ port }) => {
    expect(await outcome(port)).toBe(expected);
  });
});
