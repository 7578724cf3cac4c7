import { once } from 'node:events';
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, isIPv6, type Server, type Socket } from 'node:net';

/** A server on loopback that responds as configured and records its clients. */
export interface LoopbackServer<S extends Server = Server> {
  readonly server: S;
  readonly port: number;
  readonly url: string;
  /** The sockets that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** The number of connections so far. */
  readonly connections: number;
  close(): Promise<void>;
}

export function httpServer(listener: RequestListener): Promise<LoopbackServer<HttpServer>> {
  return loopbackServer(createServer(listener));
}

export function tcpServer(onSocket: (socket: Socket) => void = () => undefined): Promise<LoopbackServer> {
  return loopbackServer(createTcpServer(onSocket));
}

/** It listens on a free port. A test that fails before closing the server does not keep the test run from ending. */
export async function loopbackServer<S extends Server>(server: S, host = '127.0.0.1'): Promise<LoopbackServer<S>> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(
      socket
        .unref()
        .on('error', () => undefined)
        .once('close', () => sockets.delete(socket)),
    );
  });
  await once(server.listen(0, host), 'listening');
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${String(port)}`,
    sockets,
    get connections() {
      return connections;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
