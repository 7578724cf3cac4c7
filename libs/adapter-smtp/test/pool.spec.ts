import { failureOf } from '@score-crm/adapter-kit/testing';
import type { SmtpAdapter } from '@score-crm/adapter-smtp';
import { ScriptedServer } from '../../../test/support/scripted-server.ts';
import { TestSmtpServer, type TestSmtpServerOptions } from '../../../test/support/smtp-server.ts';
import { eventually, loopbackAdapter, message, probe, settingsFor } from './support.ts';

let adapter: SmtpAdapter;
let server: TestSmtpServer;

beforeEach(() => {
  adapter = loopbackAdapter();
});
afterEach(async () => {
  adapter.release();
  await server.close();
});

async function start(options: TestSmtpServerOptions = {}): Promise<void> {
  server = await TestSmtpServer.start(options);
}

function send(poolKey?: string, signal?: AbortSignal) {
  const options = { ...(poolKey === undefined ? {} : { poolKey }), ...(signal === undefined ? {} : { signal }) };
  return adapter.send(message(), settingsFor(server), options);
}

describe('sends with a pool key', () => {
  it('share a connection and its login, also after a rejection, but with no other key and not without one', async () => {
    await start({ refuse: { recipients: { 'gone@example.net': '550 5.1.1 No such user' } } });
    const gone = message({ to: [{ email: 'gone@example.net' }] });
    expect((await failureOf(adapter.send(gone, settingsFor(server), { poolKey: 'a' }))).code).toBe(
      'recipient_rejected',
    );
    const { messageId } = await send('a');
    expect(server.messages[0]?.parsed.messageId).toBe(messageId);
    expect([server.connections, server.logins.length]).toEqual([1, 1]);
    await send('b');
    await send();
    expect(server.connections).toBe(3);
    await eventually(() => expect(server.openConnections).toBe(2));
  });

  it('open a new connection if the server has closed the old one', async () => {
    await start();
    await send('a');
    server.dropConnections();
    expect((await send('a')).accepted).toHaveLength(1);
    expect([server.connections, server.messages.length]).toEqual([2, 2]);
  });

  it('replace once a connection that the server closes just as it is reused', async () => {
    await start();
    const scripted = await ScriptedServer.start({
      MAIL: (_line, socket) => {
        if (scripted.connections > 1 || scripted.messages.length === 0) return '250 2.1.0 Ok';
        socket.destroy();
        return undefined;
      },
    });
    for (const connections of [1, 2]) {
      const { accepted } = await adapter.send(message(), settingsFor(scripted), { poolKey: 'a' });
      expect([accepted.length, scripted.connections]).toEqual([1, connections]);
    }
    adapter.release();
    await scripted.close();
  });
});

describe('release', () => {
  it('closes the connections of a key, and at the shutdown all of them', async () => {
    await start();
    for (const key of ['a', 'b', 'c']) await send(key);
    adapter.release('a');
    await eventually(() => expect(server.openConnections).toBe(2));
    adapter.onApplicationShutdown();
    await eventually(() => expect(server.openConnections).toBe(0));
  });

  it('lets running messages finish', async () => {
    await start({ delayMs: 100 });
    const sends = Promise.all(Array.from({ length: 8 }, () => send('a')));
    await eventually(() => expect(server.connections).toBeGreaterThan(0));
    adapter.release('a');
    expect(await sends).toHaveLength(8);
    await eventually(() => expect(server.openConnections).toBe(0));
  });
});

describe('an abort', () => {
  const test = async (signal: AbortSignal) =>
    (await adapter.diagnose(settingsFor(server), probe({ to: ['a@example.net'] }), { signal })).error;
  it.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ['sending', (signal) => failureOf(send(undefined, signal))],
    ['sending over a pool', (signal) => failureOf(send('a', signal))],
    ['a test', test],
  ])('ends %s before the server confirms, and its connection', async (_what, call) => {
    await start({ delayMs: 5_000 });
    const controller = new AbortController();
    const failure = call(controller.signal);
    await eventually(() => expect(server.messages).toHaveLength(1));
    controller.abort();
    expect(await failure).toMatchObject({ code: 'aborted', stage: 'message', fault: 'network' });
    await eventually(() => expect(server.openConnections).toBe(0));
  });

  it.each([undefined, 'a'])(
    'by a deadline is a timeout, and one before the call makes no connection (pool key: %s)',
    async (poolKey) => {
      await start({ delayMs: 5_000 });
      expect(await failureOf(send(poolKey, AbortSignal.abort()))).toMatchObject({ code: 'aborted' });
      expect(server.connections).toBe(0);
      const failure = await failureOf(send(poolKey, AbortSignal.timeout(100)));
      expect(failure).toMatchObject({ code: 'timeout', retryable: true });
    },
  );

  it("does not affect the pool's other sends", async () => {
    await start({ delayMs: 200 });
    const controller = new AbortController();
    const others = Promise.all(Array.from({ length: 6 }, () => send('a')));
    const failure = failureOf(send('a', controller.signal));
    await eventually(() => expect(server.messages.length).toBeGreaterThan(0));
    controller.abort();
    expect((await failure).code).toBe('aborted');
    expect(await others).toHaveLength(6);
  });
});
