import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { OutboundConnector, OutboundPolicy } from '@score-crm/adapter-kit';
import { failureOf, loopbackServer, tcpServer, type LoopbackServer } from '@score-crm/adapter-kit/testing';
import { freePort } from '../../../test/support/free-port.ts';

const open = new OutboundConnector(new OutboundPolicy({ allowLoopback: true }));
const guarded = new OutboundConnector(new OutboundPolicy());
const TIMEOUT = 5000;

describe('OutboundConnector', () => {
  let server: LoopbackServer;
  const opened: Socket[] = [];

  const connect = async (host: string, connector = open): Promise<Socket> => {
    const socket = await connector.connect({ host, port: server.port, timeoutMs: TIMEOUT });
    opened.push(socket);
    return socket;
  };

  beforeEach(async () => {
    server = await tcpServer((socket) => socket.on('data', (data) => socket.write(data)));
  });

  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    await server.close();
  });

  it.each(['127.0.0.1', 'localhost', 'LOCALHOST', '::ffff:127.0.0.1'])(
    'connects to %s if that is allowed',
    async (host) => {
      const socket = await connect(host);
      socket.write('ping');
      const [data] = (await once(socket, 'data')) as [Buffer];
      expect(data.toString()).toBe('ping');
    },
  );

  it.each([['localhost'], ['127.0.0.0/8'], ['127.0.0.1']])(
    'connects to what the operator allows: %s',
    async (entry) => {
      const host = entry === 'localhost' ? entry : '127.0.0.1';
      await connect(host, new OutboundConnector(new OutboundPolicy({ allow: [entry] })));
      expect(server.connections).toBe(1);
    },
  );

  it.each([
    '127.0.0.1',
    'localhost',
    '::1',
    '::ffff:127.0.0.1',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    '::',
    '0x7f.1',
    '2130706433',
    '127.1',
    '',
  ])('makes no connection to %j', async (host) => {
    // The port is allowed: it is the address that is refused.
    const connector = new OutboundConnector(new OutboundPolicy({ ports: [server.port] }));
    const failure = await failureOf(connector.connect({ host, port: server.port, timeoutMs: TIMEOUT }));
    expect(failure).toMatchObject({
      stage: 'connect',
      code: 'address_forbidden',
      fault: 'configuration',
      retryable: false,
    });
    await delay(20);
    expect(server.connections).toBe(0);
  });

  it.each(['1.1.1.1', 'mail.example.com', '2606:4700:4700::1111'])(
    'refuses a port of %s that is not a mail port, before any lookup or connection',
    async (host) => {
      const failure = await failureOf(guarded.connect({ host, port: 22, timeoutMs: TIMEOUT }));
      expect(failure).toMatchObject({
        stage: 'connect',
        code: 'port_forbidden',
        fault: 'configuration',
        retryable: false,
      });
      expect(guarded.refusal(host, 22)?.details).toEqual(failure);
      expect(guarded.refusal(host, 587)).toBeUndefined();
    },
  );

  it('names the setting of the application that allows a refused host or port, and none otherwise', async () => {
    const settingNames = { address_forbidden: 'RELAY_HOSTS', port_forbidden: 'RELAY_PORTS' };
    const named = new OutboundConnector(new OutboundPolicy({ settingNames }));
    for (const [host, port, name] of [
      ['10.0.0.1', 587, 'RELAY_HOSTS'],
      ['1.1.1.1', 22, 'RELAY_PORTS'],
    ] as const) {
      const failure = await failureOf(named.connect({ host, port, timeoutMs: TIMEOUT }));
      expect(failure.hint).toMatch(new RegExp(`ask your operator to allow .*\\(${name}\\)\\.$`));
      expect(named.refusal(host, port)?.details).toEqual(failure);
      const { hint = '' } = guarded.refusal(host, port)?.details ?? {};
      expect(hint).toMatch(/ask your operator to allow (it|this one)\.$/);
      expect(hint).not.toMatch(/[A-Z]_/);
    }
  });

  it('makes no connection to a service on ::1', async () => {
    const six = await loopbackServer(createServer(), '::1');
    try {
      const failure = await failureOf(guarded.connect({ host: '::1', port: six.port, timeoutMs: TIMEOUT }));
      expect(failure.code).toBe('address_forbidden');
      await delay(20);
      expect(six.connections).toBe(0);
    } finally {
      await six.close();
    }
  });

  it('reports a port without a listener', async () => {
    const port = await freePort();
    for (const host of ['127.0.0.1', 'localhost']) {
      expect(await failureOf(open.connect({ host, port, timeoutMs: TIMEOUT }))).toMatchObject({
        stage: 'connect',
        code: 'connection_refused',
        fault: 'network',
        retryable: true,
      });
    }
  });

  it('reports a host that does not exist', async () => {
    const failure = await failureOf(open.connect({ host: 'no-such-host.invalid', port: 25, timeoutMs: TIMEOUT }));
    expect(failure).toMatchObject({ stage: 'connect', code: 'host_not_found' });
  });

  it.each([-1, 65_536, 1.5, Number.NaN])('reports the nonexistent port %d', async (port) => {
    expect(await failureOf(open.connect({ host: '127.0.0.1', port, timeoutMs: TIMEOUT }))).toMatchObject({
      stage: 'settings',
      code: 'invalid_request',
      retryable: false,
    });
  });

  it.each([{}, { signal: new AbortController().signal }])('reports an expired deadline (%j)', async (more) => {
    const pending = open.connect({ host: 'localhost', port: server.port, timeoutMs: 0, ...more });
    // Keeps the lookup and the connection from being served before the deadline's timer.
    const until = performance.now() + 50;
    while (performance.now() < until);
    expect(await failureOf(pending)).toMatchObject({ stage: 'connect', code: 'connection_timeout', retryable: true });
  });

  describe('with a signal', () => {
    it('does not start if it is already aborted', async () => {
      const target = { host: '127.0.0.1', port: server.port, timeoutMs: TIMEOUT, signal: AbortSignal.abort() };
      expect(await failureOf(open.connect(target))).toMatchObject({
        stage: 'connect',
        code: 'aborted',
        retryable: true,
      });
      await delay(20);
      expect(server.connections).toBe(0);
    });

    it('stops when it is aborted', async () => {
      const controller = new AbortController();
      const pending = open.connect({
        host: 'localhost',
        port: server.port,
        timeoutMs: TIMEOUT,
        signal: controller.signal,
      });
      controller.abort();
      expect((await failureOf(pending)).code).toBe('aborted');
      await delay(50);
      expect(server.sockets.size).toBe(0);
    });

    it('distinguishes a caller’s deadline from a cancellation', async () => {
      const target = {
        host: '127.0.0.1',
        port: server.port,
        timeoutMs: TIMEOUT,
        signal: AbortSignal.abort(new DOMException('', 'TimeoutError')),
      };
      expect((await failureOf(open.connect(target))).code).toBe('timeout');
    });

    it('does not affect an open connection', async () => {
      const controller = new AbortController();
      const socket = await open.connect({
        host: '127.0.0.1',
        port: server.port,
        timeoutMs: TIMEOUT,
        signal: controller.signal,
      });
      opened.push(socket);
      controller.abort();
      await delay(20);
      expect(socket.destroyed).toBe(false);
    });
  });

  it('returns a socket whose errors do not end the process', async () => {
    const socket = await connect('127.0.0.1');
    while (server.sockets.size === 0) await delay(5);
    for (const peer of server.sockets) peer.resetAndDestroy();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(socket.errored).toMatchObject({ code: 'ECONNRESET' });
  });

  it('keeps nothing open after a failure', async () => {
    const handles = (): number =>
      process.getActiveResourcesInfo().filter((name) => /TCPSOCKET|TCPConnect/i.test(name)).length;
    const before = handles();
    const port = await freePort();
    await Promise.all(
      Array.from({ length: 20 }, () => failureOf(open.connect({ host: 'localhost', port, timeoutMs: TIMEOUT }))),
    );
    await delay(20);
    expect(handles()).toBeLessThanOrEqual(before);
  });
});
