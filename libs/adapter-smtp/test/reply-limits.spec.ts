import { jest } from '@jest/globals';
import type { Socket } from 'node:net';
import { failureOf } from '@score-crm/adapter-kit/testing';
import type { SmtpSettings } from '@score-crm/adapter-smtp';
import { TestAuthority, type TestCertificate } from '../../../test/support/certificates.ts';
import { droppingPort, RawServer } from '../../../test/support/raw-server.ts';
import { TestSmtpServer } from '../../../test/support/smtp-server.ts';
import { TIME_LIMITS } from '../src/smtp.connection.ts';
import { offering, type Replies, type Reply, ScriptedServer } from '../../../test/support/scripted-server.ts';
import { failures, loopbackAdapter, message, probe, settingsFor } from './support.ts';

/** Replies to EHLO, with something else once the connection is encrypted. */
function ehlo(socket: Socket, encrypted: Reply = offering('AUTH PLAIN')): string | undefined {
  if (!('encrypted' in socket)) return offering('STARTTLS');
  return typeof encrypted === 'string' ? encrypted : encrypted('', socket);
}
const EHLO: Reply = (_line, socket) => ehlo(socket);

/** The sockets that a flood is written to. */
const flooded: { readonly socket: Socket; readonly closed: Promise<unknown> }[] = [];
let authority: TestAuthority;
let certificate: TestCertificate;

beforeAll(async () => {
  authority = await TestAuthority.create();
  certificate = await authority.issue();
});
beforeEach(() => {
  flooded.length = 0;
});
afterEach(() => jest.restoreAllMocks());

function flood(text: string) {
  return (_line: string, socket: Socket): undefined => {
    flooded.push({ socket, closed: new Promise((resolve) => socket.once('close', resolve)) });
    const chunk = text.repeat(Math.ceil(4096 / text.length));
    const pump = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', pump);
    pump();
  };
}

/** Without a pool, and twice with one. */
async function eachSend(
  server: ScriptedServer,
  overrides: object,
  work: (sending: ReturnType<typeof send>) => Promise<void>,
) {
  const adapter = loopbackAdapter();
  function send(options: object) {
    return adapter.send(message(overrides), settingsFor(server), options);
  }
  for (const options of [{}, { poolKey: 'a' }, { poolKey: 'a' }]) await work(send(options));
  adapter.release();
}

const addresses = (count: number) => Array.from({ length: count }, (_, index) => ({ email: `${index}@example.net` }));

describe('a server that does not stop replying', () => {
  it.each<[what: string, replies: Replies, isEncrypted?: boolean]>([
    ['lines of a greeting', { greeting: flood('220-still starting\r\n') }],
    ['bytes without a line break', { greeting: flood('220-') }],
    ['blank lines', { greeting: flood('\r\n') }],
    ['blank lines after the greeting', { EHLO: flood('\r\n') }],
    ['lines of a reply to EHLO', { EHLO: flood('250-X\r\n') }],
    ['lines of a reply to AUTH', { AUTH: flood('334-X\r\n') }],
    ['bytes in reply to AUTH', { AUTH: flood('3') }],
    ['lines of a reply to MAIL FROM', { MAIL: flood('250-X\r\n') }],
    ['lines of a reply to RCPT TO', { RCPT: flood('550-5.1.1 No\r\n') }],
    ['blank lines after RCPT TO', { RCPT: flood('\r\n') }],
    ['lines of a reply to DATA', { DATA: flood('354-X\r\n') }],
    ['lines of a reply to the message', { message: flood('250-X\r\n') }],
    ['lines of a reply to EHLO after STARTTLS', { EHLO: (_line, socket) => ehlo(socket, flood('250-X\r\n')) }, true],
    ['blank lines after AUTH after STARTTLS', { EHLO, AUTH: flood('\r\n') }, true],
    ['bytes in reply to the message after STARTTLS', { EHLO, message: flood('2') }, true],
  ])('is cut off: endless %s', async (_what, replies, isEncrypted = false) => {
    const server = await ScriptedServer.start(replies, isEncrypted ? certificate : undefined);
    const encryption = { secure: true, tlsMode: 'starttls', caCertificate: authority.cert } as const;
    for (const failure of await failures(settingsFor(server, isEncrypted ? encryption : {}))) {
      expect(failure).toMatchObject({ code: 'response_too_large', fault: 'vendor', retryable: false });
      expect(failure?.reply).toBeUndefined();
    }
    expect(flooded).toHaveLength(3);
    await Promise.all(flooded.map(({ closed }) => closed));
    // The kernel's buffers accept some as well.
    for (const { socket } of flooded) expect(socket.bytesWritten).toBeLessThan(16 << 20);
    await server.close();
  });

  it('is cut off at the first reply of more than 8 KiB, even if it ends', async () => {
    const lines = Array.from({ length: 400 }, (_, line) => `250-KEYWORD${line}-OF-SOME-LENGTH\r\n`).join('');
    const server = await ScriptedServer.start({ EHLO: `250-mx.example\r\n${lines}250 AUTH PLAIN` });
    for (const failure of await failures(settingsFor(server))) expect(failure?.code).toBe('response_too_large');
    await server.close();
  });

  it('costs a limited search for the password, however many long rejections it sends', async () => {
    const hostile = '%5c&#92;\\'.repeat(700);
    const RCPT: Reply = (line) => (line.includes('<0@') ? '250 2.1.5 Ok' : `550 5.1.1 ${line} ${hostile}`);
    const server = await ScriptedServer.start({ EHLO: offering('PIPELINING', 'AUTH PLAIN'), RCPT });
    await eachSend(server, { to: addresses(100) }, async (sending) => {
      const { rejected } = await sending;
      expect(rejected[0]?.error.reply).toContain('<1@example.net>');
      expect(rejected[98]?.error).toMatchObject({ reply: '[cut]', smtpCode: 550, enhancedCode: '5.1.1' });
    });
    await server.close();
  });

  it('is given up if a reply takes too long from its first byte to its last', async () => {
    jest.replaceProperty(TIME_LIMITS, 'reply', 60);
    const server = await ScriptedServer.start({ RCPT: (_line, socket) => trickle(socket, '2', 10) });
    await eachSend(server, {}, async (sending) => {
      expect(await failureOf(sending)).toMatchObject({ code: 'timeout', fault: 'network' });
    });
    await server.close();
  });

  it.each<[string, Replies, number]>([
    ['replies at length to EHLO', { EHLO: `250-mx\r\n${'250-KEYWORD\r\n'.repeat(300)}250 AUTH PLAIN` }, 0],
    ['replies at length to RCPT TO', { RCPT: `250-2.1.5 ${'x'.repeat(4000)}\r\n250 2.1.5 Ok` }, 0],
    ['sends blank lines before its greeting', { greeting: '\r\n\r\n220-mx\r\n220 mx.example' }, 0],
    [
      'rejects very many recipients',
      {
        EHLO: offering('PIPELINING', 'AUTH PLAIN'),
        RCPT: (line) => (line.includes('<0@') ? '250 2.1.5 Ok' : `550 5.1.1 ${line} ${'x'.repeat(200)}`),
      },
      499,
    ],
  ])('is not one that %s', async (_, replies, rejections) => {
    const server = await ScriptedServer.start(replies);
    expect((await loopbackAdapter().diagnose(settingsFor(server), probe({ to: ['0@example.net'] }))).ok).toBe(true);
    await eachSend(server, { to: addresses(rejections + 1) }, async (sending) => {
      const { accepted, rejected } = await sending;
      expect([accepted.length, rejected.length]).toEqual([1, rejections]);
    });
    await server.close();
  });
});

it('the time limits let a diagnosis end within 15 seconds, with its most specific error', () => {
  const { connect, greeting, diagnosis, quit } = TIME_LIMITS;
  expect(Math.max(connect, greeting)).toBeLessThan(diagnosis);
  expect(diagnosis + quit).toBeLessThanOrEqual(15_000);
});

it('a silent server is reported by what it is silent about', async () => {
  // In the order of the real ones. All cases wait for them, so they wait together.
  for (const [name, limit] of [
    ['connect', 400],
    ['greeting', 800],
    ['diagnosis', 2_000],
  ] as const) {
    jest.replaceProperty(TIME_LIMITS, name, limit);
  }
  const dropping = await droppingPort();
  const silent = await RawServer.silent();
  const implicit = await TestSmtpServer.start({ encryption: 'implicit', certificate });
  const trickling = await RawServer.start((socket) => trickle(socket.resume(), '220-still starting\r\n', 50));
  const mute = await RawServer.greeting('220 mx\r\n');
  const cases: readonly (readonly [SmtpSettings, string])[] = [
    [settingsFor(dropping), 'connect connection_timeout network retryable'],
    [settingsFor(silent), 'connect no_greeting configuration final'],
    [settingsFor(trickling), 'connect no_greeting configuration final'],
    [settingsFor(implicit, { tlsMode: 'starttls' }), 'connect no_greeting configuration final'],
    [settingsFor(silent, { tlsMode: 'implicit' }), 'tls timeout network retryable'],
    [settingsFor(mute), 'connect timeout network retryable'],
  ];
  const outcomes = await Promise.all(
    cases.map(async ([settings]) => {
      const adapter = loopbackAdapter();
      const signal = AbortSignal.timeout(TIME_LIMITS.diagnosis);
      const sent = failureOf(adapter.send(message(), settings, { signal }));
      return [(await adapter.diagnose(settings, probe())).error, await sent];
    }),
  );
  const seen = outcomes.map((errors) =>
    errors.map((error) => `${error?.stage} ${error?.code} ${error?.fault} ${error?.retryable ? 'retryable' : 'final'}`),
  );
  expect(seen).toEqual(cases.map(([, expected]) => [expected, expected]));
  for (const [error] of outcomes) expect(error?.hint).toMatch(/^[A-Z].{20,}\.$/);
  expect(outcomes[3]?.[0]?.hint).toContain('implicit TLS');
  await Promise.all([dropping, silent, implicit, trickling, mute].map((server) => server.close()));
});

function trickle(socket: Socket, text: string, everyMs: number): undefined {
  const timer = setInterval(() => socket.write(text), everyMs);
  socket.on('close', () => clearInterval(timer));
}
