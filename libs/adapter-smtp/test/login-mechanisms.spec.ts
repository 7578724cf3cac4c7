import { createHmac } from 'node:crypto';
import { failureOf } from '@score-crm/adapter-kit/testing';
import { TestAuthority } from '../../../test/support/certificates.ts';
import { loopbackAdapter, message, PASSWORD, probe, settingsFor } from './support.ts';
import { offering, type Replies, ScriptedServer } from './scripted-server.ts';

const USER = 'user@example.com';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const PLAIN = `AUTH PLAIN ${base64(`\0${USER}\0${PASSWORD}`)}`;
const CHALLENGE = base64('<1896.697170952@mx.example>');
const DIGEST = createHmac('md5', PASSWORD).update('<1896.697170952@mx.example>').digest('hex');
const MECHANISMS = ['PLAIN', 'LOGIN', 'CRAM-MD5'];

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

/** The outcomes of a test, of sending, and of sending over a pool; each over a separate connection. */
async function outcomes(port: number, overrides: object = {}) {
  const adapter = loopbackAdapter();
  const settings = settingsFor({ port }, overrides);
  const codeOf = async (sending: Promise<unknown>): Promise<string> => {
    return sending.then(
      () => 'sent',
      async () => (await failureOf(sending)).code,
    );
  };
  const diagnosis = await adapter.diagnose(settings, probe({ to: ['reader@example.net'] }));
  const result = {
    test: diagnosis.ok ? 'sent' : diagnosis.error?.code,
    send: await codeOf(adapter.send(message(), settings)),
    pooled: await codeOf(adapter.send(message(), settings, { poolKey: 'a' })),
  };
  adapter.release();
  return result;
}

const all = (outcome: string) => ({ test: outcome, send: outcome, pooled: outcome });

describe('a server that offers no login by username and password', () => {
  it.each<[string, Replies]>([
    ['no AUTH at all', { EHLO: offering('SIZE 1000000') }],
    ['GSSAPI and NTLM only', { EHLO: offering('AUTH GSSAPI NTLM') }],
    ['XOAUTH2 only', { EHLO: offering('AUTH XOAUTH2 OAUTHBEARER', '8BITMIME') }],
    ['an empty list', { EHLO: offering('AUTH', '8BITMIME') }],
    ['HELO only', { EHLO: '502 5.5.1 Not implemented', HELO: '250 mx.example' }],
    ['a host named like AUTH', { EHLO: '250-mx.example AUTH PLAIN greets you\r\n250 8BITMIME' }],
  ])('receives neither the password nor a message: %s', async (_, answers) => {
    const server = await ScriptedServer.start(answers);
    expect(await outcomes(server.port)).toEqual(all('authentication_not_offered'));
    expect(server.commands.filter((line) => !/^(EHLO|HELO|QUIT|RSET)\b/.test(line))).toEqual([]);
    expect(server.received).not.toContain(base64(PASSWORD));
    await server.close();
  });

  it('receives a login only after TLS has started, if it offers one only then', async () => {
    const authority = await TestAuthority.create();
    const starttls = await ScriptedServer.start(
      {
        EHLO: (_line, socket) => offering('encrypted' in socket ? 'AUTH PLAIN' : 'STARTTLS'),
      },
      await authority.issue(),
    );
    const overrides = { secure: true, tlsMode: 'starttls', caCertificate: authority.cert };
    expect(await outcomes(starttls.port, overrides)).toEqual(all('sent'));
    expect(starttls.commands.filter((line) => line === PLAIN)).toHaveLength(3);
    expect(starttls.received).not.toContain(PLAIN);
    await starttls.close();
  });
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
  ])('is sent the next one after %j', async (reply) => {
    const server = await ScriptedServer.start(login('AUTH PLAIN LOGIN', { PLAIN: reply, LOGIN: '334 VXNlcm5hbWU6' }));
    expect(await outcomes(server.port)).toEqual(all('sent'));
    expect(server.commands.filter((line) => line === 'AUTH LOGIN')).toHaveLength(3);
    await server.close();
  });

  it.each([
    '535 5.7.8 Authentication credentials invalid',
    '535 mechanism not implemented',
    '534-5.7.9 Application-specific password required.',
    '534 5.7.14 Please log in with your web browser and then try again.',
    '538 5.7.11 Encryption required for requested authentication mechanism',
    '530 5.7.0 Must issue a STARTTLS command first',
    '454 4.7.0 Temporary authentication failure',
    '432 4.7.12 A password transition is needed',
    '500 5.7.0 Authentication failed',
    '503 5.7.8 Wrong credentials',
    '501 5.5.2 Cannot decode response',
    '550 5.7.1 Your account is locked',
  ])('is sent no other one after %j', async (reply) => {
    const whole = reply.replace('-', ' ');
    const server = await ScriptedServer.start(login('AUTH PLAIN LOGIN CRAM-MD5', { PLAIN: whole }));
    expect(Object.values(await outcomes(server.port))).not.toContain('sent');
    expect(server.commands.filter((line) => line.startsWith('AUTH'))).toEqual([PLAIN, PLAIN, PLAIN]);
    await server.close();
  });

  it('is not sent another one if the password is wrong for the second mechanism', async () => {
    const replies = { PLAIN: '504 5.5.4 No', LOGIN: '334 VXNlcm5hbWU6' };
    const wrong = { [base64(PASSWORD).toUpperCase()]: '535 5.7.8 Wrong' };
    const server = await ScriptedServer.start(login('AUTH PLAIN LOGIN CRAM-MD5', replies, wrong));
    expect(await outcomes(server.port)).toEqual(all('authentication_failed'));
    expect(server.commands).not.toContain('AUTH CRAM-MD5');
    await server.close();
  });

  it('but implements none of them counts as offering no login', async () => {
    const server = await ScriptedServer.start(
      login('AUTH PLAIN LOGIN CRAM-MD5', Object.fromEntries(MECHANISMS.map((name) => [name, '504 5.5.4 No']))),
    );
    expect(await outcomes(server.port)).toEqual(all('authentication_not_offered'));
    await server.close();
  });

  it.each([
    ['only LOGIN', 'AUTH LOGIN', { LOGIN: '334 VXNlcm5hbWU6' }],
    ['LOGIN in the old notation', 'AUTH=LOGIN', { LOGIN: '334 VXNlcm5hbWU6' }],
    ['CRAM-MD5 alone', 'AUTH CRAM-MD5', { 'CRAM-MD5': `334 ${CHALLENGE}` }],
    ['CRAM-MD5 after PLAIN', 'AUTH PLAIN CRAM-MD5', { PLAIN: '504 5.5.4 No', 'CRAM-MD5': `334 ${CHALLENGE}` }],
    ['lowercase', 'auth login', { LOGIN: '334 VXNlcm5hbWU6' }],
  ])('receives the login by the mechanism that it has: %s', async (_, offer, replies) => {
    const server = await ScriptedServer.start(login(offer, replies));
    expect(await outcomes(server.port)).toEqual(all('sent'));
    await server.close();
  });

  it('may request the response to PLAIN separately', async () => {
    const response = base64(`\0${USER}\0${PASSWORD}`);
    const server = await ScriptedServer.start(
      login('AUTH PLAIN', { PLAIN: '334 ' }, { [response.toUpperCase()]: '235 2.7.0 Welcome' }),
    );
    expect(await outcomes(server.port)).toEqual(all('sent'));
    await server.close();
  });
});
