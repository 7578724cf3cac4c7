import { once } from 'node:events';
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { AdapterError, type AdapterErrorDetails } from '@score-crm/adapter-kit';

/** A server on loopback that knows who came. */
export interface TestServer<S extends Server> {
  readonly server: S;
  readonly port: number;
  readonly sockets: Set<Socket>;
  connections: number;
  close(): Promise<void>;
}

export async function listen<S extends Server>(server: S, host = '127.0.0.1'): Promise<TestServer<S>> {
  server.listen(0, host);
  await once(server, 'listening');
  const sockets = new Set<Socket>();
  const running: TestServer<S> = {
    server,
    port: (server.address() as AddressInfo).port,
    sockets,
    connections: 0,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('connection', (socket: Socket) => {
    running.connections += 1;
    sockets.add(socket.on('error', () => undefined).once('close', () => sockets.delete(socket)));
  });
  return running;
}

export const httpServer = (listener: RequestListener): Promise<TestServer<HttpServer>> =>
  listen(createServer(listener));

export const tcpServer = (onSocket: (socket: Socket) => void = () => undefined): Promise<TestServer<Server>> =>
  listen(createTcpServer(onSocket));

/** The AdapterError that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<AdapterError> {
  const outcome: unknown = await promise.then(
    () => new Error('It did not fail.'),
    (error: unknown) => error,
  );
  if (outcome instanceof AdapterError) return outcome;
  throw outcome;
}

export const failureOf = async (promise: Promise<unknown>): Promise<AdapterErrorDetails> =>
  (await errorOf(promise)).details;
