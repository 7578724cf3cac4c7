import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A server of a few lines on a free port of 127.0.0.1, for what no real mail server does. */
export class RawServer {
  connections = 0;
  /** All that came, from all connections. */
  received = '';

  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => {
    this.connections += 1;
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    socket.on('data', (chunk) => {
      this.received += chunk.toString();
    });
    this.onConnection(socket);
  });

  private constructor(private readonly onConnection: (socket: Socket) => void) {}

  static async start(onConnection: (socket: Socket) => void): Promise<RawServer> {
    const raw = new RawServer(onConnection);
    await once(raw.server.listen(0, '127.0.0.1'), 'listening');
    return raw;
  }

  /** Accepts and never says a word. */
  static silent(): Promise<RawServer> {
    return RawServer.start((socket) => socket.resume());
  }

  /** Says this much and nothing else. */
  static greeting(text: string): Promise<RawServer> {
    return RawServer.start((socket) => socket.resume().write(text));
  }

  /** Greets, and answers each line with the next reply; hangs up after the last. */
  static scripted(greeting: string, ...replies: readonly string[]): Promise<RawServer> {
    return RawServer.start((socket) => {
      const rest = [...replies];
      socket.write(`${greeting}\r\n`);
      socket.on('data', (chunk) => {
        for (let lines = chunk.toString().split('\r\n').length - 1; lines > 0; lines -= 1) {
          const reply = rest.shift();
          if (reply === undefined) socket.destroy();
          else socket.write(`${reply}\r\n`);
        }
      });
    });
  }

  /** Hangs up as soon as a byte comes. */
  static hangingUp(): Promise<RawServer> {
    return RawServer.start((socket) => socket.once('data', () => socket.destroy()));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}

export interface DroppingPort {
  readonly port: number;
  close(): Promise<void>;
}

const NEVER_ACCEPTS = `
  const { createServer } = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const server = createServer();
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    // Its thread sleeps, so nobody takes the connections from the queue of the kernel.
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 20);
  });`;

/** A port that drops what comes: its queue of connections is full, so the kernel answers no more (Linux). */
export async function droppingPort(): Promise<DroppingPort> {
  const worker = new Worker(NEVER_ACCEPTS, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  await new Promise((resolve) => setTimeout(resolve, 100));
  const fill = Array.from({ length: 8 }, () => connect({ host: '127.0.0.1', port }).on('error', () => undefined));
  await new Promise((resolve) => setTimeout(resolve, 200));
  return {
    port,
    close: async () => {
      for (const socket of fill) socket.destroy();
      await worker.terminate();
    },
  };
}
