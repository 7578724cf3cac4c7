import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { createServer, IncomingMessage, request, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BodyBudget, readBody } from '../src/bodies/read-body.ts';
import { BodyTooLargeError, OverloadedError, SlowBodyError } from '../src/bodies/body.errors.ts';

const LIMITS = { bytes: 1_000, bytesEach: 600 };
const LONG_MS = 60_000;

describe('readBody', () => {
  let server: Server;
  let budget: BodyBudget;
  let incoming: Promise<[IncomingMessage, ServerResponse]>;

  beforeEach(async () => {
    budget = new BodyBudget(LIMITS);
    server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** A request whose body has come in so far. */
  async function coming(body: string, more = 0) {
    incoming = once(server, 'request') as typeof incoming;
    const sent = request({
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      method: 'POST',
      headers: { 'content-length': String(body.length + more) },
    });
    sent.on('error', () => undefined).write(body);
    if (more === 0) sent.end();
    const [message, response] = await incoming;
    return { sent, message, response };
  }

  async function read(body: string, owner: string, limit = 1_000) {
    const { message, response } = await coming(body);
    return { text: (await start(message, response, owner, limit)).toString(), response };
  }

  function start(body: IncomingMessage, response: ServerResponse, owner = 'a', limit = 1_000, deadlineMs = LONG_MS) {
    return readBody({ body, response, limit, deadlineMs }, () => budget.open(owner));
  }

  async function answer(response: ServerResponse): Promise<void> {
    const closed = once(response, 'close');
    response.end();
    await closed;
  }

  it('reads a body of its limit and none that is longer', async () => {
    expect((await read('x'.repeat(500), 'a', 500)).text).toBe('x'.repeat(500));
    await expect(read('x'.repeat(501), 'b', 500)).rejects.toThrow(BodyTooLargeError);
  });

  it('keeps every byte in its place, for any chunks', async () => {
    const sizes = [1, 300, 20_000, 5, 16_384, 1, 1, 16_383, 700, 40_000, 2];
    const chunks = sizes.map((size) => randomBytes(size));
    const body = new PassThrough();
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    const unlimited = new BodyBudget({ bytes: 1e9, bytesEach: 1e9 });
    const incoming = { body, response, limit: 1e9, deadlineMs: LONG_MS };
    const reading = readBody(incoming, () => unlimited.open('a'));
    for (const chunk of chunks) body.write(chunk);
    body.end();
    expect((await reading).equals(Buffer.concat(chunks))).toBe(true);
  });

  it('refuses a body that trickles, and gives its memory back', async () => {
    const { message, response } = await coming('x'.repeat(600), 10);
    await expect(start(message, response, 'a', 1_000, 20)).rejects.toThrow(SlowBodyError);
    expect((await read('x'.repeat(600), 'a')).text).toHaveLength(600);
  });

  it('lets a sender who does not listen before he has written all hear the answer, and ask again', async () => {
    server.on('request', (message: IncomingMessage, response: ServerResponse) => {
      start(message, response, 'a', 500).then(
        () => response.writeHead(200).end('\n'),
        () => response.writeHead(413).end('\n'),
      );
    });
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
    const ask = async (bytes: number): Promise<string | undefined> => {
      socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${String(bytes)}\r\n\r\n`);
      for (let left = bytes; left > 0; left -= 65_536) {
        if (!socket.write(Buffer.alloc(Math.min(left, 65_536)))) await once(socket, 'drain');
      }
      for (;;) {
        const { value } = (await answers.next()) as IteratorResult<string, undefined>;
        if (value === undefined || value.startsWith('HTTP/1.1 ')) return value;
      }
    };
    expect([await ask(20 << 20), await ask(100)]).toEqual(['HTTP/1.1 413 Payload Too Large', 'HTTP/1.1 200 OK']);
    socket.destroy();
  });

  it('holds the room of a body until it is answered', async () => {
    const { response } = await read('x'.repeat(400), 'a');
    await expect(read('x'.repeat(201), 'a')).rejects.toThrow(OverloadedError);
    await answer(response);
    expect((await read('x'.repeat(600), 'a')).text).toHaveLength(600);
  });

  it('leaves room for others, as long as there is any', async () => {
    await read('x'.repeat(600), 'a');
    await read('x'.repeat(400), 'b');
    await expect(read('x', 'c')).rejects.toThrow(OverloadedError);
  });

  it('takes no room for what was only announced', async () => {
    const { message, response } = await coming('x', 600);
    const reading = start(message, response);
    expect((await read('x'.repeat(599), 'a')).text).toHaveLength(599);
    response.destroy();
    await expect(reading).rejects.toThrow('incomplete');
  });

  it.each([0, 10])(
    'gives all back of a sender who hangs up before he is read, %i bytes before the end',
    async (more) => {
      const { sent, message, response } = await coming('x'.repeat(600), more);
      const closed = once(response, 'close');
      sent.destroy();
      await closed;
      await expect(start(message, response)).rejects.toThrow('incomplete');
      expect((await read('x'.repeat(600), 'a')).text).toHaveLength(600);
    },
  );

  it('gives all back of a sender who hangs up in the middle', async () => {
    const { sent, message, response } = await coming('x'.repeat(600), 10);
    const reading = start(message, response);
    sent.destroy();
    await expect(reading).rejects.toThrow('incomplete');
    expect((await read('x'.repeat(600), 'a')).text).toHaveLength(600);
  });
});
