import { getEventListeners, once } from 'node:events';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { HttpClient, type HttpRequest, type HttpResponse, OutboundPolicy } from '@score-crm/adapter-kit';
import {
  errorOf,
  failureOf,
  httpServer,
  loopbackServer,
  tcpServer,
  type LoopbackServer,
} from '@score-crm/adapter-kit/testing';
import { TestAuthority } from '../../../test/support/certificates.ts';
import { freePort } from '../../../test/support/free-port.ts';

const SECRET = 'SG.the-key-that-must-stay-secret';
const HEADERS = { authorization: `Bearer ${SECRET}` };

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('HttpClient', () => {
  let server: LoopbackServer<Server>;
  let client: HttpClient;
  let guarded: HttpClient;
  let answer: (request: Received, response: ServerResponse) => void;
  const received: Received[] = [];
  /** Settles when the connection of the last request is closed. */
  let closed: Promise<unknown>;

  const url = (path = '/'): string => `http://127.0.0.1:${String(server.port)}${path}`;
  const get = (change: Partial<HttpRequest> = {}): Promise<HttpResponse> =>
    client.request({ method: 'GET', url: url(), headers: HEADERS, ...change });

  beforeEach(async () => {
    received.length = 0;
    answer = (_, response) => response.end('{"ok":true}');
    const listener: RequestListener = (request, response) => {
      const { method, url: path, headers, rawHeaders } = request;
      closed = new Promise((resolve) => response.once('close', resolve));
      readAll(request).then(
        (body) => {
          received.push({ method, url: path, headers, rawHeaders, body });
          answer(received.at(-1) as Received, response);
        },
        () => undefined,
      );
    };
    server = await httpServer(listener);
    client = new HttpClient(new OutboundPolicy({ allowLoopback: true }));
    // The operator allows the port of these names: it is the address that is refused.
    const endpoints = ['localhost', 'LOCALHOST'].map((host) => `http://${host}:${String(server.port)}`);
    guarded = new HttpClient(new OutboundPolicy({ endpoints }));
  });

  afterEach(async () => {
    await server.close();
    await client.onApplicationShutdown();
    await guarded.onApplicationShutdown();
  });

  describe('requests', () => {
    it('sends an object as JSON', async () => {
      const body = { to: ['grüße@example.com'], n: 1 };
      const response = await client.request({ method: 'POST', url: url('/v3/mail?a=b'), headers: HEADERS, body });
      expect(response.status).toBe(200);
      expect(response.json()).toEqual({ ok: true });
      expect(received).toHaveLength(1);
      expect(received[0]).toMatchObject({
        method: 'POST',
        url: '/v3/mail?a=b',
        headers: { ...HEADERS, 'content-type': 'application/json' },
      });
      expect(JSON.parse(String(received[0]?.body))).toEqual(body);
    });

    it('sends a list as JSON', async () => {
      await get({ method: 'PUT', body: [1, 2] });
      expect(String(received[0]?.body)).toBe('[1,2]');
    });

    it.each(['Content-Type', 'content-type', 'CONTENT-TYPE'])(
      'lets the caller set the content type, by %s',
      async (name) => {
        await get({ method: 'PATCH', headers: { [name]: 'application/merge-patch+json' }, body: {} });
        expect(received[0]?.headers['content-type']).toBe('application/merge-patch+json');
        expect(received[0]?.rawHeaders.filter((each) => /^content-type$/i.test(each))).toEqual([name]);
      },
    );

    it('sends text and bytes unchanged, without a content type of its own', async () => {
      await get({ method: 'POST', body: 'a=1&b=ü' });
      await get({ method: 'POST', body: new Uint8Array([0, 255, 10]) });
      await get({ method: 'POST', body: Buffer.from([0, 255, 11]) });
      expect(received.map(({ body }) => body)).toEqual([
        Buffer.from('a=1&b=ü'),
        Buffer.from([0, 255, 10]),
        Buffer.from([0, 255, 11]),
      ]);
      expect(received.map(({ headers }) => headers['content-type'])).toEqual([undefined, undefined, undefined]);
    });

    it('sends no body unless one is given', async () => {
      await get({ method: 'DELETE' });
      expect(received[0]?.body).toHaveLength(0);
      expect(received[0]?.headers).not.toHaveProperty('content-type');
    });

    it("accepts a URL object, and does not change the caller's headers", async () => {
      const headers = Object.freeze({ 'x-a': '1' });
      await get({ url: new URL(url('/path')), headers, method: 'POST', body: {} });
      expect(received[0]).toMatchObject({ url: '/path', headers: { 'x-a': '1' } });
    });

    it.each([
      ['a header', { headers: { ...HEADERS, 'x-a': 'b\r\nx-evil: 1' } }],
      ['a header with a lone line feed', { headers: { ...HEADERS, 'x-a': 'b\nc' } }],
      ['a header with NUL', { headers: { ...HEADERS, 'x-a': 'b\0c' } }],
      ['an invalid header name', { headers: { ...HEADERS, 'x-a\r\nx-evil': 'b' } }],
      ['a key that is not a valid header value', { headers: { authorization: `Bearer ${SECRET}\r\n` } }],
      ['a key outside Latin-1', { headers: { authorization: `Bearer ${SECRET}😀` } }],
    ])('does not send %s', async (_, change) => {
      const error = await errorOf(get(change));
      expect(error.details).toMatchObject({
        stage: 'settings',
        code: 'invalid_request',
        fault: 'configuration',
        retryable: false,
      });
      expect(inspect(error, { depth: 10 })).not.toContain(SECRET);
      expect(received).toEqual([]);
    });

    it.each([
      '',
      'nonsense',
      '/path',
      'ftp://example.com',
      'file:///etc/passwd',
      'http://',
      'http://a b/',
      'http://example.com:99999/',
      `data:,${SECRET}`,
    ])('rejects the URL %j', async (bad) => {
      const error = await errorOf(get({ url: bad }));
      expect(error.details).toMatchObject({ stage: 'settings', code: 'invalid_request', retryable: false });
      expect(inspect(error, { depth: 10 })).not.toContain(SECRET);
    });

    it('cannot send a second header through its URL', async () => {
      await get({ url: `${url()}a\r\nx-evil: 1` }).catch(() => undefined);
      await get({ url: `${url()}%0d%0ax-evil:1` });
      for (const { headers } of received) expect(headers).not.toHaveProperty('x-evil');
    });

    it('rejects a body that is not JSON', async () => {
      const cyclic: Record<string, unknown> = { SECRET };
      cyclic['self'] = cyclic;
      for (const body of [cyclic, { n: 1n }]) {
        expect((await failureOf(get({ method: 'POST', body }))).code).toBe('invalid_request');
      }
      expect(received).toEqual([]);
    });
  });

  describe('answers', () => {
    it.each([200, 202, 204, 400, 401, 429, 500, 503])('resolves with the status %i', async (status) => {
      answer = (_, response) => response.writeHead(status, { 'x-a': 'b' }).end();
      const response = await get();
      expect([response.status, response.header('X-A'), response.body.length]).toEqual([status, 'b', 0]);
    });

    it.each([301, 302, 303, 307, 308])('does not follow a redirect (%i)', async (status) => {
      const target = await httpServer((_, response) => response.end('target'));
      try {
        answer = (_, response) =>
          response.writeHead(status, { location: `http://127.0.0.1:${String(target.port)}/` }).end();
        const response = await get();
        expect(response.status).toBe(status);
        await delay(20);
        expect(target.connections).toBe(0);
        expect(received).toHaveLength(1);
      } finally {
        await target.close();
      }
    });

    it('reads a response up to the size limit', async () => {
      answer = (_, response) => response.end(Buffer.alloc(1000, 'x'));
      expect((await get({ maxResponseBytes: 1000 })).body).toHaveLength(1000);
    });

    it('rejects a response with a larger declared size, without reading it', async () => {
      answer = (_, response) => response.writeHead(200, { 'content-length': '5000000' }).write('x');
      const failure = await failureOf(get({ maxResponseBytes: 1000 }));
      expect(failure).toMatchObject({
        stage: 'message',
        code: 'response_too_large',
        fault: 'vendor',
        retryable: false,
      });
      await closed;
    });

    it('rejects an endless response, and closes its socket', async () => {
      answer = (_, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(16_384)));
        };
        response.on('drain', more).on('error', () => undefined);
        more();
      };
      expect((await failureOf(get())).code).toBe('response_too_large');
      await closed;
    });

    it('limits responses to 1 MiB by default', async () => {
      answer = (_, response) => response.end(Buffer.alloc(2 ** 20));
      expect((await get()).body).toHaveLength(2 ** 20);
      answer = (_, response) => response.end(Buffer.alloc(2 ** 20 + 1));
      expect((await failureOf(get())).code).toBe('response_too_large');
    });
  });

  describe('deadline and signal', () => {
    it('times out if no headers arrive', async () => {
      answer = () => undefined;
      const error = await errorOf(get({ timeoutMs: 100 }));
      expect(error.details).toMatchObject({ stage: 'message', code: 'timeout', fault: 'network', retryable: true });
    });

    it('times out even if a signal is given', async () => {
      answer = () => undefined;
      expect((await failureOf(get({ timeoutMs: 100, signal: new AbortController().signal }))).code).toBe('timeout');
    });

    it('times out if the body stalls', async () => {
      answer = (_, response) => response.write('{"ok":');
      expect((await failureOf(get({ timeoutMs: 100 }))).code).toBe('timeout');
      await closed;
    });

    it('times out if the body arrives too slowly', async () => {
      answer = (_, response) => {
        const timer = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(timer));
      };
      expect((await failureOf(get({ timeoutMs: 200 }))).code).toBe('timeout');
    });

    it('does not start if the signal is already aborted', async () => {
      expect((await failureOf(get({ signal: AbortSignal.abort() }))).code).toBe('aborted');
      await delay(20);
      expect(received).toEqual([]);
    });

    it('stops when the signal is aborted, before the headers and during the body', async () => {
      for (const start of [() => undefined, (response: ServerResponse) => response.write('x')]) {
        const controller = new AbortController();
        answer = (_, response) => {
          start(response);
          setTimeout(() => controller.abort(), 20);
        };
        const error = await errorOf(get({ signal: controller.signal }));
        expect(error.details).toMatchObject({ stage: 'message', code: 'aborted', retryable: true });
        await closed;
      }
      // Nor is an aborted request sent again.
      await delay(20);
      expect(received).toHaveLength(2);
    });

    it("reports a caller's deadline as a timeout", async () => {
      answer = () => undefined;
      expect((await failureOf(get({ signal: AbortSignal.timeout(50) }))).code).toBe('timeout');
    });

    it("leaves no listener on the caller's signal", async () => {
      const { signal } = new AbortController();
      for (let count = 0; count < 20; count += 1) await get({ signal });
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    });
  });

  describe('the outbound policy', () => {
    it.each([
      '127.0.0.1',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0x7f.1',
      '0x7f000001',
      '0177.0.0.1',
      '127.1',
      'localhost',
      'LOCALHOST',
      '0.0.0.0',
      '[::]',
      '[::1]',
      '１２７.0.0.1',
    ])('lets nothing reach %s', async (host) => {
      const failure = await failureOf(
        guarded.request({ method: 'GET', url: `http://${host}:${String(server.port)}/`, headers: HEADERS }),
      );
      expect(failure).toMatchObject({ stage: 'connect', code: 'address_forbidden', retryable: false });
      await delay(10);
      expect(server.connections).toBe(0);
    });

    it('lets nothing reach it by HTTPS either', async () => {
      const failure = await failureOf(
        guarded.request({ method: 'GET', url: `https://127.0.0.1:${String(server.port)}/` }),
      );
      expect(failure.code).toBe('address_forbidden');
      expect(server.connections).toBe(0);
    });

    it.each(['http://1.1.1.1/', 'https://1.1.1.1:22/', 'https://[2606:4700:4700::1111]:8443/', 'http://1.1.1.1:443/'])(
      'rejects %s, which is not HTTPS on port 443',
      async (url) => {
        const failure = await failureOf(guarded.request({ method: 'GET', url }));
        expect(failure).toMatchObject({ stage: 'connect', code: 'port_forbidden', retryable: false });
      },
    );

    it('permits a host that the operator allows', async () => {
      const allowed = new HttpClient(new OutboundPolicy({ allow: ['localhost'] }));
      const named = { method: 'GET', url: `http://localhost:${String(server.port)}/` } as const;
      expect((await allowed.request(named)).status).toBe(200);
      expect((await failureOf(allowed.request({ method: 'GET', url: url() }))).code).toBe('address_forbidden');
      await allowed.onApplicationShutdown();
    });
  });

  describe('broken connections', () => {
    it('reports a port without a listener', async () => {
      const port = await freePort();
      expect(await failureOf(get({ url: `http://127.0.0.1:${String(port)}/` }))).toMatchObject({
        stage: 'connect',
        code: 'connection_refused',
        fault: 'network',
        retryable: true,
        hint: 'The vendor’s server refused the connection. Try again later.',
      });
    });

    it('reports a host that does not exist', async () => {
      expect(await failureOf(get({ url: 'http://no-such-host.invalid/' }))).toMatchObject({
        stage: 'connect',
        code: 'host_not_found',
      });
    });

    it.each([
      ['resets', (socket: { resetAndDestroy(): unknown }) => socket.resetAndDestroy()],
      ['closes', (socket: { end(): unknown }) => socket.end()],
    ])('reports a server that %s after the request', async (_, act) => {
      const rude = await tcpServer((socket) => socket.once('data', () => act(socket)));
      try {
        expect(
          await failureOf(get({ url: `http://127.0.0.1:${String(rude.port)}/`, method: 'POST', body: {} })),
        ).toMatchObject({
          stage: 'message',
          code: 'connection_closed',
          fault: 'network',
          retryable: true,
        });
        expect(rude.connections).toBe(1);
      } finally {
        await rude.close();
      }
    });

    it('reports a truncated response', async () => {
      answer = (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('x', () => response.destroy());
      };
      expect(await failureOf(get())).toMatchObject({ stage: 'message', code: 'connection_closed' });
    });

    it.each([
      '220 smtp.example.com ESMTP\r\n',
      'HTTP/1.1 200 OK\r\nno header\r\n\r\n',
      `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
    ])('reports a response that is not valid HTTP', async (text) => {
      const other = await tcpServer((socket) => socket.once('data', () => socket.end(text)));
      try {
        expect(await failureOf(get({ url: `http://127.0.0.1:${String(other.port)}/` }))).toMatchObject({
          stage: 'message',
          code: 'invalid_response',
          fault: 'vendor',
        });
      } finally {
        await other.close();
      }
    });
  });

  describe('TLS', () => {
    it('reports a certificate of an unknown authority', async () => {
      const certificate = await (await TestAuthority.create()).issue();
      const secure = await loopbackServer(createHttpsServer(certificate).on('tlsClientError', () => undefined));
      try {
        const error = await errorOf(get({ url: `https://localhost:${String(secure.port)}/` }));
        expect(error.details).toMatchObject({ stage: 'tls', code: 'certificate_untrusted', retryable: false });
        expect(inspect(error, { depth: 10 })).not.toContain(SECRET);
      } finally {
        await secure.close();
      }
    });

    it('reports a server that does not use TLS', async () => {
      const plain = await tcpServer((socket) => socket.write('220 smtp.example.com ESMTP\r\n'));
      try {
        expect(await failureOf(get({ url: `https://127.0.0.1:${String(plain.port)}/` }))).toMatchObject({
          stage: 'tls',
          code: 'tls_not_spoken',
        });
      } finally {
        await plain.close();
      }
    });
  });

  it('shows the key in none of its errors', async () => {
    const body = { personal: SECRET };
    const failing: Partial<HttpRequest>[] = [
      { url: `http://127.0.0.1:${String(await freePort())}/${SECRET}` },
      { url: `http://no-such-host.invalid/${SECRET}` },
      { url: `http://10.0.0.1/${SECRET}` },
      { url: url(`/${SECRET}`), timeoutMs: 50 },
      { url: url(`/${SECRET}`), signal: AbortSignal.abort(new Error(SECRET)) },
      { url: url(`/${SECRET}`), headers: { ...HEADERS, x: '\r' } },
      { url: `${SECRET}://x` },
    ];
    answer = () => undefined;
    for (const change of failing) {
      const error = await errorOf(get({ method: 'POST', body, ...change }));
      const shown = [
        inspect(error, { depth: 10, showHidden: true }),
        JSON.stringify(error),
        String(error),
        error.stack,
      ].join();
      expect(shown).not.toContain(SECRET);
      expect(error.cause).toBeUndefined();
    }
  });

  describe('connections', () => {
    it('are kept and reused', async () => {
      for (let count = 0; count < 10; count += 1) await get();
      await get({ method: 'POST', body: {} });
      // undici may open a second one while it finishes the first exchange.
      expect(server.connections).toBeLessThanOrEqual(2);
    });

    it('serve requests concurrently', async () => {
      const waiting: ServerResponse[] = [];
      answer = (_, response) => {
        waiting.push(response);
        if (waiting.length === 3) for (const each of waiting) each.end();
      };
      expect(await Promise.all([get(), get(), get()])).toHaveLength(3);
    });

    it('are at most 50 for an origin; other requests wait, and are not sent if they are aborted', async () => {
      const held: ServerResponse[] = [];
      const full = new Promise<void>((resolve) => {
        answer = (_, response) => {
          held.push(response);
          if (held.length === 50) resolve();
        };
      });
      const controller = new AbortController();
      const pending = Array.from({ length: 50 }, () => get());
      const aborted = errorOf(get({ signal: controller.signal, url: url('/aborted') }));
      const late = errorOf(get({ timeoutMs: 1, url: url('/late') }));
      pending.push(...Array.from({ length: 20 }, () => get({ url: url('/waiting') })));
      await full;
      controller.abort();
      expect((await aborted).details).toMatchObject({ stage: 'connect', code: 'aborted', retryable: true });
      expect((await late).details).toMatchObject({ stage: 'connect', code: 'timeout', retryable: true });
      // Of another origin.
      expect((await failureOf(client.request({ method: 'GET', url: 'http://127.0.0.1:1/' }))).code).toBe(
        'connection_refused',
      );
      answer = (_, response) => response.end();
      for (const response of held) response.end();
      expect(await Promise.all(pending)).toHaveLength(70);
      expect(server.connections).toBeLessThanOrEqual(51);
      expect(received.map((request) => request.url)).not.toContain('/aborted');
      expect(received.map((request) => request.url)).not.toContain('/late');
    });

    it('are closed at shutdown, after the running requests; later requests are rejected', async () => {
      answer = (_, response) => setTimeout(() => response.end('late'), 50);
      const pending = get();
      const [socket] = (await once(server.server, 'connection')) as [NodeJS.EventEmitter];
      const closed = once(socket, 'close');
      await client.onApplicationShutdown();
      expect((await pending).text()).toBe('late');
      await closed;
      expect(await failureOf(get())).toMatchObject({ code: 'aborted', retryable: true });
      await client.onApplicationShutdown();
    });
  });
});
