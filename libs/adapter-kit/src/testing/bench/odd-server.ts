import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

/** A server on 127.0.0.1 that does what no vendor should. */
export interface OddServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

export function oddHttpServer(listener: RequestListener): Promise<OddServer> {
  return listen(createServer(listener));
}

export function oddTcpServer(onSocket: (socket: Socket) => void): Promise<OddServer> {
  return listen(createTcpServer(onSocket));
}

async function listen(server: Server): Promise<OddServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined).once('close', () => sockets.delete(socket)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${String(port)}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
