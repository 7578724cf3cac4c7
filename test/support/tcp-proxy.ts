import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What happens to a connection when the client sends a text: `cut` ends it, `silence` no longer forwards anything in either
 * direction. `before` keeps the text from the server, `after` lets the server have it and keeps back the answer.
 */
export interface Interception {
  readonly text: string;
  readonly what: 'cut' | 'silence';
  readonly when: 'before' | 'after';
}

/** Stands before a server, so that a test can take that server away and bring it back. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private server: Server;
  private port = 0;
  private isSilent = false;
  private interception: (Interception & { readonly done: () => void }) | undefined;

  private constructor(private readonly target: { readonly host: string; readonly port: number }) {
    this.server = this.createServer();
  }

  static async before(host: string, port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy({ host, port });
    await proxy.resume();
    return proxy;
  }

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.port };
  }

  /** Cuts every connection and takes no new ones, like a server that was stopped. */
  async cut(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  async resume(): Promise<void> {
    this.server = this.createServer();
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /**
   * Lets nothing through any more, in either direction, and closes nothing: like a network that lost its route. New connections
   * are accepted and stay silent as well.
   */
  silence(): void {
    this.isSilent = true;
  }

  /** Ends `silence` for new connections; those that went silent stay so. */
  endSilence(): void {
    this.isSilent = false;
  }

  /** Once, on the connection that sends the text first. Resolves when it has happened. */
  intercept(interception: Interception): Promise<void> {
    return new Promise((resolve) => {
      this.interception = { ...interception, done: resolve };
    });
  }

  private createServer(): Server {
    return createServer((client) => {
      const upstream = connect(this.target);
      let isMuted = this.isSilent;
      const isOpen = (): boolean => {
        isMuted ||= this.isSilent;
        return !isMuted;
      };
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.sockets.add(socket);
        socket
          .on('error', () => undefined)
          .on('close', () => {
            this.sockets.delete(socket);
            // Behind a silent network, one end does not notice that the other one is gone.
            if (isOpen()) other.destroy();
          });
      }
      upstream.on('data', (bytes) => isOpen() && client.write(bytes));
      client.on('data', (bytes) => {
        const { interception } = this;
        if (!isOpen()) return;
        if (interception === undefined || !bytes.includes(interception.text)) {
          upstream.write(bytes);
          return;
        }
        this.interception = undefined;
        isMuted = true;
        const isCut = interception.what === 'cut';
        if (interception.when === 'before') {
          if (isCut) for (const socket of [client, upstream]) socket.destroy();
          interception.done();
          return;
        }
        // The server's answer shows that it has done what was sent.
        upstream.once('data', () => {
          if (isCut) for (const socket of [client, upstream]) socket.destroy();
          interception.done();
        });
        upstream.write(bytes);
      });
    });
  }
}
