import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { plainMessage, RECIPIENT, silentProbe, validSettings, withSandbox, withServer } from '../bench/bench.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { Context } from '../bench/context.ts';
import { promptErrorOf, promptly } from '../bench/failure.ts';
import type { AdapterErrorCode } from '../../errors/adapter-error.ts';
import { httpServer, type LoopbackServer, tcpServer } from '../bench/loopback-server.ts';

const DEADLINE_MS = 1_000;

export function failuresChecks(context: Context): readonly ConformanceCheck[] {
  return [check('failures-named', 'returns the listed code for each failure of the sandbox', () => areNamed(context))];
}

async function areNamed(context: Context): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox }) => {
    assert.notEqual(Object.keys(sandbox.failures).length, 0, 'The sandbox has no failures.');
    for (const [code, change] of Object.entries(sandbox.failures)) {
      const settings = validSettings(context, { ...sandbox.settings, ...change });
      const options = { signal: AbortSignal.timeout(DEADLINE_MS) };
      const test = adapter.diagnose(settings, silentProbe({ to: [RECIPIENT] }), options);
      const { ok, error } = await promptly(test, `The test of ${code}`);
      assert.deepEqual([ok, error?.code], [false, code], `The sandbox lists this failure as ${code}.`);
    }
  });
}

interface OddAnswer {
  readonly what: string;
  readonly start: () => Promise<LoopbackServer>;
  readonly codes?: readonly AdapterErrorCode[];
  readonly retryable?: boolean;
}

const CLOSED = ['connection_closed'] as const;
const NOT_THE_VENDORS = ['invalid_response'] as const;

/** For any protocol. */
const SILENT: readonly OddAnswer[] = [
  {
    what: 'hangs up immediately',
    start: () => tcpServer((socket) => socket.destroy()),
    codes: CLOSED,
    retryable: true,
  },
  {
    what: 'closes the connection immediately',
    start: () => tcpServer((socket) => socket.end()),
    codes: CLOSED,
    retryable: true,
  },
  { what: 'speaks SSH', start: () => tcpServer((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')) },
  { what: 'responds with noise', start: () => tcpServer((socket) => socket.end(Buffer.alloc(4096, 0xfe))) },
];

const HTTP: readonly OddAnswer[] = [
  ...['', 'null', '[]', '{}', '"text"', '7', '<html>Welcome</html>', '{"id":'].map((body) => ({
    what: `responds with 200 and ${body === '' ? 'nothing' : body}`,
    start: () => answering(200, body),
    codes: NOT_THE_VENDORS,
  })),
  {
    what: 'hangs up after the request',
    start: () => httpServer((request) => afterReading(request, () => request.socket.destroy())),
    codes: CLOSED,
    retryable: true,
  },
  { what: 'hangs up in the middle', start: () => httpServer(half), codes: CLOSED, retryable: true },
  { what: 'responds without an end', start: () => httpServer(endless(200)), codes: ['response_too_large'] },
  {
    what: 'responds with an error without an end',
    start: () => httpServer(endless(500)),
    codes: ['response_too_large'],
  },
  { what: 'announces an impossible length', start: () => httpServer(announcing), codes: ['response_too_large'] },
];

const REDIRECTS = [301, 302, 303, 307, 308];

export function oddAnswersChecks(context: Context): readonly ConformanceCheck[] {
  return [
    ...[...SILENT, ...(context.http ? HTTP : [])].map((answer) =>
      check('odd-answers', `copes with a server that ${answer.what}`, () => copes(context, answer)),
    ),
    check('odd-answers', 'copes with a closed port', () => copesWithClosedPort(context)),
    ...(context.http ? [check('odd-answers', 'does not follow redirects', () => followsNothing(context))] : []),
  ];
}

async function copes(context: Context, { what, start, codes, retryable }: OddAnswer): Promise<void> {
  const settings = await settingsOf(context);
  await withServer(context, start(), async (adapter) => {
    const { details } = await promptErrorOf(adapter.send(plainMessage(), settings), `Sending to a server that ${what}`);
    const where = `${details.code} for a server that ${what}`;
    assert(codes?.includes(details.code) ?? true, `${where} must be ${codes?.join(' or ') ?? ''}.`);
    if (retryable !== undefined) assert.equal(details.retryable, retryable, `${where} must be retryable.`);
  });
}

async function copesWithClosedPort(context: Context): Promise<void> {
  const settings = await settingsOf(context);
  await withServer(
    context,
    tcpServer(() => undefined),
    async (adapter, server) => {
      await server.close();
      const { details } = await promptErrorOf(adapter.send(plainMessage(), settings), 'Sending to a closed port');
      assert.deepEqual([details.code, details.stage, details.retryable], ['connection_refused', 'connect', true]);
    },
  );
}

/** A redirect can lead anywhere, together with the key. */
async function followsNothing(context: Context): Promise<void> {
  const settings = await settingsOf(context);
  let followed = 0;
  const other = await httpServer((_request, response) => {
    followed += 1;
    response.end();
  });
  try {
    for (const status of REDIRECTS) {
      const redirecting = httpServer((_request, response) => {
        response.writeHead(status, { location: `${other.url}/elsewhere` }).end();
      });
      await withServer(context, redirecting, async (adapter) => {
        const { details } = await promptErrorOf(
          adapter.send(plainMessage(), settings),
          `A redirect (${String(status)})`,
        );
        assert.equal(followed, 0, `The redirect (${String(status)}) was followed.`);
        assert.deepEqual([details.code, details.retryable, details.status], ['invalid_response', false, status]);
      });
    }
  } finally {
    await other.close();
  }
}

async function settingsOf(context: Context): Promise<object> {
  return withSandbox(context, ({ sandbox }) => validSettings(context, sandbox.settings));
}

function answering(status: number, body: string): Promise<LoopbackServer> {
  return httpServer((request, response) => afterReading(request, () => response.writeHead(status).end(body)));
}

function afterReading(request: IncomingMessage, work: () => void): void {
  request
    .on('end', work)
    .on('error', () => undefined)
    .resume();
}

function half(request: IncomingMessage, response: ServerResponse): void {
  afterReading(request, () => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"id":"', () => request.socket.destroy());
  });
}

function announcing(request: IncomingMessage, response: ServerResponse): void {
  afterReading(request, () => {
    response.writeHead(200, { 'content-length': String(1 << 30) });
    response.write('{');
  });
}

const CHUNK = Buffer.alloc(65_536, ' ');

/** As fast as the client reads. */
function endless(status: number): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    afterReading(request, () => {
      const socket: Socket = request.socket;
      const go = (): void => {
        while (!socket.destroyed && response.write(CHUNK));
      };
      response.writeHead(status, { 'content-type': 'application/json' });
      response.on('drain', go);
      go();
    });
  };
}
