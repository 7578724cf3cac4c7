import { jest } from '@jest/globals';
import type { Socket } from 'node:net';
import type { AdapterErrorDetails } from '@score-crm/adapter-kit';
import { failureOf } from '@score-crm/adapter-kit/testing';
import { TIME_LIMITS } from '../src/smtp.connection.ts';
import { TestAuthority, type TestCertificate } from '../../../test/support/certificates.ts';
import { loopbackAdapter, message, probe, settingsFor } from './support.ts';
import { offering, type Replies, ScriptedServer } from './scripted-server.ts';

const MEBI = 1 << 20;

/** The sockets that a flood is written to, and how much was accepted. */
const flooded: { readonly socket: Socket; readonly closed: Promise<unknown> }[] = [];

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

/** The failures of a test, of sending, and of sending over a pool. */
async function failures(port: number, overrides: object): Promise<(AdapterErrorDetails | undefined)[]> {
  const adapter = loopbackAdapter();
  const settings = settingsFor({ port }, overrides);
  const diagnosis = await adapter.diagnose(settings, probe({ to: ['reader@example.net'] }));
  const sent = await failureOf(adapter.send(message(), settings));
  const pooled = await failureOf(adapter.send(message(), settings, { poolKey: 'a' }));
  adapter.release();
  return [diagnosis.error, sent, pooled];
}

describe('a server that does not stop replying', () => {
  let authority: TestAuthority;
  let certificate: TestCertificate;

  beforeAll(async () => {
    authority = await TestAuthority.create();
    certificate = await authority.issue();
  });

  beforeEach(() => {
    flooded.length = 0;
  });

  const inClear: readonly [string, Replies][] = [
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
  ];
  const EHLO = (_line: string, socket: Socket): string => offering('encrypted' in socket ? 'AUTH PLAIN' : 'STARTTLS');
  const afterStarttls: readonly [string, Replies][] = [
    [
      'lines of a reply to EHLO',
      { EHLO: (line, socket) => ('encrypted' in socket ? flood('250-X\r\n') : EHLO)(line, socket) },
    ],
    ['blank lines after AUTH', { EHLO, AUTH: flood('\r\n') }],
    ['lines of a reply to RCPT TO', { EHLO, RCPT: flood('550-5.1.1 No\r\n') }],
    ['bytes in reply to the message', { EHLO, message: flood('2') }],
  ];

  it.each([
    ...inClear.map(([what, answers]) => [what, 'unencrypted', answers] as const),
    ...afterStarttls.map(([what, answers]) => [what, 'after STARTTLS', answers] as const),
  ])('is cut off: endless %s, %s', async (_what, how, answers) => {
    const isEncrypted = how === 'after STARTTLS';
    const server = await ScriptedServer.start(answers, isEncrypted ? certificate : undefined);
    const overrides = isEncrypted ? { secure: true, tlsMode: 'starttls', caCertificate: authority.cert } : {};
    for (const failure of await failures(server.port, overrides)) {
      expect(failure).toMatchObject({ code: 'response_too_large', fault: 'vendor', retryable: false });
      expect(failure?.reply).toBeUndefined();
    }
    expect(flooded).toHaveLength(3);
    await Promise.all(flooded.map(({ closed }) => closed));
    // The kernel's buffers accept some as well.
    for (const { socket } of flooded) expect(socket.bytesWritten).toBeLessThan(16 * MEBI);
    await server.close();
  });

  it('is cut off at the first reply of more than 8 KiB, even if it ends', async () => {
    const lines = Array.from({ length: 400 }, (_, line) => `250-KEYWORD${String(line)}-OF-SOME-LENGTH\r\n`).join('');
    const server = await ScriptedServer.start({ EHLO: `250-mx.example\r\n${lines}250 AUTH PLAIN` });
    for (const failure of await failures(server.port, {})) expect(failure?.code).toBe('response_too_large');
    await server.close();
  });

  it('costs a limited search for the password, however many long rejections it sends', async () => {
    const hostile = '%5c&#92;\\'.repeat(700);
    const server = await ScriptedServer.start({
      EHLO: offering('PIPELINING', 'AUTH PLAIN'),
      RCPT: (line) => (line.includes('<0@') ? '250 2.1.5 Ok' : `550 5.1.1 ${line} ${hostile}`),
    });
    const adapter = loopbackAdapter();
    const to = Array.from({ length: 100 }, (_, index) => ({ email: `${String(index)}@example.net` }));
    for (const options of [{}, { poolKey: 'a' }]) {
      const { rejected } = await adapter.send(message({ to }), settingsFor(server), options);
      expect(rejected[0]?.error.reply).toContain('<1@example.net>');
      expect(rejected[98]?.error).toMatchObject({ reply: '[cut]', smtpCode: 550, enhancedCode: '5.1.1' });
    }
    adapter.release();
    await server.close();
  });

  it('is given up if a reply takes too long from its first byte to its last', async () => {
    const limit = jest.replaceProperty(TIME_LIMITS, 'reply', 60);
    const server = await ScriptedServer.start({
      RCPT: (_line, socket) => {
        const timer = setInterval(() => socket.write('2'), 10);
        socket.on('close', () => clearInterval(timer));
        return undefined;
      },
    });
    const adapter = loopbackAdapter();
    for (const options of [{}, { poolKey: 'a' }]) {
      const failure = await failureOf(adapter.send(message(), settingsFor(server), options));
      expect(failure).toMatchObject({ code: 'timeout', fault: 'network' });
    }
    limit.restore();
    adapter.release();
    await server.close();
  });

  it.each<[string, Replies]>([
    ['EHLO', { EHLO: `250-mx.example\r\n${'250-KEYWORD\r\n'.repeat(300)}250 AUTH PLAIN` }],
    ['RCPT TO', { RCPT: `250-2.1.5 ${'x'.repeat(4000)}\r\n250 2.1.5 Ok` }],
    ['a greeting after blank lines', { greeting: '\r\n\r\n220-mx\r\n220 mx.example' }],
  ])('is not a server with a long reply: %s', async (_, answers) => {
    const server = await ScriptedServer.start(answers);
    const adapter = loopbackAdapter();
    const settings = settingsFor(server);
    expect((await adapter.diagnose(settings, probe({ to: ['reader@example.net'] }))).ok).toBe(true);
    for (const options of [{}, { poolKey: 'a' }, { poolKey: 'a' }]) {
      expect((await adapter.send(message(), settings, options)).accepted).toHaveLength(1);
    }
    adapter.release();
    await server.close();
  });

  it('is not a server that rejects very many recipients', async () => {
    const server = await ScriptedServer.start({
      EHLO: offering('PIPELINING', 'AUTH PLAIN'),
      RCPT: (line) => (line.includes('<1@') ? '250 2.1.5 Ok' : `550 5.1.1 ${line} ${'x'.repeat(200)}`),
    });
    const adapter = loopbackAdapter();
    const to = Array.from({ length: 500 }, (_, index) => ({ email: `${String(index)}@example.net` }));
    for (const options of [{}, { poolKey: 'a' }]) {
      expect((await adapter.send(message({ to }), settingsFor(server), options)).rejected).toHaveLength(499);
    }
    adapter.release();
    await server.close();
  });
});
