import type { Socket } from 'node:net';
import { jest } from '@jest/globals';
import { failureOf } from '@score-crm/adapter-kit/testing';
import type { SmtpAdapter, SmtpSettings } from '@score-crm/adapter-smtp';
import { type Replies, ScriptedServer } from '../../../test/support/scripted-server.ts';
import { TestSmtpServer, type TestSmtpServerOptions } from '../../../test/support/smtp-server.ts';
import { TIME_LIMITS } from '../src/smtp.connection.ts';
import { eventually, loopbackAdapter, message, probe, settingsFor } from './support.ts';

let adapter: SmtpAdapter;
let server: TestSmtpServer;

beforeEach(() => {
  adapter = loopbackAdapter();
});
afterEach(async () => {
  jest.restoreAllMocks();
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
});

describe('a kept connection', () => {
  let scripted: ScriptedServer;
  afterEach(async () => {
    adapter.release();
    await scripted.close();
  });

  async function follow(replies: Replies): Promise<void> {
    await start();
    scripted = await ScriptedServer.start(replies);
  }

  function sendAgain(count = 1, changes: Partial<SmtpSettings> = {}, signal?: AbortSignal) {
    const options = signal === undefined ? { poolKey: 'a' } : { poolKey: 'a', signal };
    const settings = settingsFor(scripted, changes);
    return Promise.all(
      Array.from({ length: count }, (_, index) => adapter.send(message({ subject: String(index) }), settings, options)),
    );
  }

  const hangUp = (_line: string, socket: Socket): undefined => void socket.destroy();
  const GOOD = { MAIL: '250 2.1.0 Ok', RCPT: '250 2.1.5 Ok', DATA: '354 Go on' };
  const steps = Object.keys(GOOD) as (keyof typeof GOOD)[];

  it.each(
    steps.flatMap(
      (step) =>
        [
          [step, 'closes the connection', hangUp],
          [step, 'replies with 421', () => '421 4.3.2 Closing'],
        ] as const,
    ),
  )('that ends because the server at %s %s is replaced, but a new one is not', async (step, _how, end) => {
    await follow({});
    await sendAgain();
    scripted.follow({
      [step]: (line: string, socket: Socket) => (scripted.connections > 1 ? GOOD[step] : end(line, socket)),
    });
    expect((await sendAgain())[0]?.accepted).toHaveLength(1);
    expect([scripted.connections, scripted.messages.length]).toEqual([2, 2]);
    scripted.follow({ [step]: end });
    const failure = await failureOf(sendAgain());
    expect(failure).toMatchObject({ retryable: true });
    expect(failure.smtpCode === 421 ? 'recipient' : failure.stage).toBe('recipient');
    expect([scripted.connections, scripted.messages.length]).toEqual([3, 2]);
  });

  it('is not replaced once the content of a message was sent', async () => {
    await follow({});
    await sendAgain();
    scripted.follow({ message: hangUp });
    expect(await failureOf(sendAgain())).toMatchObject({ stage: 'message', code: 'connection_closed' });
    expect([scripted.connections, scripted.messages.length]).toEqual([1, 2]);
  });

  it('is closed with QUIT after 100 messages', async () => {
    await follow({});
    await sendAgain(101, { maxConnections: 1 });
    expect([scripted.connections, scripted.messages.length]).toEqual([2, 101]);
    expect(scripted.commands.filter((command) => command === 'QUIT')).toHaveLength(1);
  });

  it('is closed with QUIT after a time without messages', async () => {
    jest.replaceProperty(TIME_LIMITS, 'idle', 20);
    await follow({});
    await sendAgain();
    await eventually(() => expect(scripted.commands.at(-1)).toBe('QUIT'));
    await sendAgain();
    expect(scripted.connections).toBe(2);
  });

  it('serves the messages that wait if the server refuses one more', async () => {
    await follow({ greeting: () => (scripted.connections > 1 ? '421 4.3.2 Too many' : '220 mx.example ESMTP') });
    await sendAgain();
    const sent = await sendAgain(20);
    expect(sent.map(({ accepted }) => accepted.length)).toEqual(Array(20).fill(1));
    // It is not asked again for each message.
    expect(scripted.connections).toBeLessThanOrEqual(5);
  });

  it('serves messages in the order in which they came, and the settings limit the number of connections', async () => {
    await follow({});
    await sendAgain(50, { maxConnections: 1 });
    const subjects = scripted.messages.map(({ data }) => Number(/^Subject: (\d+)/m.exec(data)?.[1]));
    expect(subjects).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(scripted.connections).toBe(1);
    adapter.release();
    await sendAgain(50, { maxConnections: 3 });
    expect(scripted.connections).toBe(4);
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

  it('of a message that waits for a connection is reported as one of which nothing was sent', async () => {
    await start({ delayMs: 100 });
    const settings = settingsFor(server, { maxConnections: 1 });
    const first = adapter.send(message(), settings, { poolKey: 'a' });
    await eventually(() => expect(server.connections).toBe(1));
    const controller = new AbortController();
    const waiting = failureOf(adapter.send(message(), settings, { poolKey: 'a', signal: controller.signal }));
    controller.abort();
    expect(await waiting).toMatchObject({ code: 'aborted', stage: 'connect' });
    expect((await first).accepted).toHaveLength(1);
    expect(server.messages).toHaveLength(1);
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
});

it('a password that is changed while messages are sent applies to the next one, and none is lost', async () => {
  await start({ delayMs: 2 });
  const old = settingsFor(server);
  const before = Promise.all(Array.from({ length: 30 }, () => adapter.send(message(), old, { poolKey: 'a:1' })));
  await eventually(() => expect(server.messages.length).toBeGreaterThan(5));
  Object.assign(server, { password: 'changed' });
  adapter.release('a:1');
  const settings = settingsFor(server);
  const after = Promise.all(Array.from({ length: 30 }, () => adapter.send(message(), settings, { poolKey: 'a:2' })));
  const sent = [...(await before), ...(await after)];
  const ids = server.messages.map(({ parsed }) => parsed.messageId);
  expect(ids).toHaveLength(60);
  expect(new Set(ids)).toEqual(new Set(sent.map(({ messageId }) => messageId)));
  expect(server.logins.slice(-5).map(({ password }) => password)).toEqual(Array(5).fill('changed'));
});
