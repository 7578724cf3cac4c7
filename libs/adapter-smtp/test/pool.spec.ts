import { failureOf } from '@score-crm/adapter-kit/testing';
import type { SmtpAdapter } from '@score-crm/adapter-smtp';
import { RawServer } from '../../../test/support/raw-server.ts';
import { TestSmtpServer, type TestSmtpServerOptions } from '../../../test/support/smtp-server.ts';
import { eventually, loopbackAdapter, message, settingsFor, withoutLogin } from './support.ts';

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
  it('share a connection and its login', async () => {
    await start();
    await send('a');
    const { accepted } = await send('a');
    expect(accepted).toEqual(['reader@example.net']);
    expect(server.messages).toHaveLength(2);
    expect(server.connections).toBe(1);
    expect(server.logins).toHaveLength(1);
  });

  it('do not share it with another key or with no key', async () => {
    await start();
    await send('a');
    await send('b');
    await send();
    expect(server.connections).toBe(3);
    await eventually(() => expect(server.openConnections).toBe(2));
  });

  it('return the id that is in the message', async () => {
    await start();
    const { messageId } = await send('a');
    expect(server.messages[0]?.parsed.messageId).toBe(messageId);
  });

  it('list the rejected recipients, and continue after a rejection', async () => {
    await start({ refuse: { recipients: { 'gone@example.net': '550 5.1.1 No such user' } } });
    const to = [{ email: 'gone@example.net' }];
    const options = { poolKey: 'a' };
    expect(await failureOf(adapter.send(message({ to }), settingsFor(server), options))).toMatchObject({
      code: 'recipient_rejected',
    });
    const both = message({ to: [...to, { email: 'reader@example.net' }] });
    const result = await adapter.send(both, settingsFor(server), options);
    expect(result).toMatchObject({ accepted: ['reader@example.net'], rejected: [{ recipient: 'gone@example.net' }] });
    expect(server.connections).toBe(1);
  });

  it('open a new connection if the server has closed the old one', async () => {
    await start();
    await send('a');
    server.dropConnections();
    expect((await send('a')).accepted).toHaveLength(1);
    expect(server.connections).toBe(2);
    expect(server.messages).toHaveLength(2);
  });
});

describe('a connection that the server closes just as it is reused', () => {
  it('is replaced once', async () => {
    await start();
    // The first connection hangs up at its second message; the next connection sends it.
    const raw = await RawServer.start((socket) => {
      const replies = [
        '250 mx',
        '250 ok',
        '250 ok',
        '354 go on',
        '250 queued',
        ...(raw.connections === 1 ? [] : ['250 ok']),
      ];
      socket.write('220 mx\r\n');
      let content = '';
      socket.on('data', (chunk) => {
        content += chunk.toString();
        const inMessage = replies[0] === '250 queued';
        if (inMessage && !content.endsWith('\r\n.\r\n')) return;
        content = '';
        const reply = replies.shift();
        if (reply === undefined) socket.destroy();
        else socket.write(`${reply}\r\n`);
      });
    });
    const options = { poolKey: 'a' };
    await adapter.send(message(), withoutLogin(raw), options);
    expect((await adapter.send(message(), withoutLogin(raw), options)).accepted).toHaveLength(1);
    expect(raw.connections).toBe(2);
    adapter.release();
    await raw.close();
  });
});

describe('release', () => {
  it('closes the connections of a key, and no others', async () => {
    await start();
    await send('a');
    await send('b');
    adapter.release('a');
    await eventually(() => expect(server.openConnections).toBe(1));
    adapter.release();
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

  it('happens when the module is destroyed', async () => {
    await start();
    await send('a');
    adapter.onApplicationShutdown();
    await eventually(() => expect(server.openConnections).toBe(0));
  });
});

describe('an abort', () => {
  it.each([undefined, 'a'])(
    'ends the call before the server confirms, and its connection (pool key: %s)',
    async (poolKey) => {
      await start({ delayMs: 5_000 });
      const controller = new AbortController();
      const failure = failureOf(send(poolKey, controller.signal));
      await eventually(() => expect(server.messages).toHaveLength(1));
      controller.abort();
      expect(await failure).toMatchObject({ code: 'aborted', stage: 'message', fault: 'network' });
      await eventually(() => expect(server.openConnections).toBe(0));
    },
  );

  it.each([undefined, 'a'])('by a deadline is a timeout (pool key: %s)', async (poolKey) => {
    await start({ delayMs: 5_000 });
    expect(await failureOf(send(poolKey, AbortSignal.timeout(100)))).toMatchObject({
      code: 'timeout',
      retryable: true,
    });
  });

  it.each([undefined, 'a'])('before the call makes no connection (pool key: %s)', async (poolKey) => {
    await start();
    expect(await failureOf(send(poolKey, AbortSignal.abort()))).toMatchObject({ code: 'aborted' });
    expect(server.connections).toBe(0);
  });

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

  it('ends a test, which reports it', async () => {
    await start({ delayMs: 5_000 });
    const controller = new AbortController();
    const running = adapter.diagnose(
      settingsFor(server),
      { to: ['a@example.net'], from: { email: 'b@example.net' }, subject: 's', text: 't' },
      { signal: controller.signal },
    );
    await eventually(() => expect(server.messages).toHaveLength(1));
    controller.abort();
    expect(await running).toMatchObject({ ok: false, error: { code: 'aborted', stage: 'message' } });
    await eventually(() => expect(server.openConnections).toBe(0));
  });
});
