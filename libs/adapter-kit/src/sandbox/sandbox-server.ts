import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP response, or none: `hang` never responds, `hang up` closes the connection. */
export type SandboxAnswer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'hang'
  | 'hang up';

/** Builds a JSON response. */
export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  } satisfies SandboxAnswer;
}

/** A request to a sandbox. */
export interface SandboxRequest {
  readonly method: string;
  /** The path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * An HTTP server on 127.0.0.1 that simulates a vendor's API. It keeps accepted messages in memory and sends nothing.
 */
export abstract class SandboxServer {
  /** The number of requests, including refused ones. */
  requests = 0;

  private readonly planned: SandboxAnswer[] = [];
  // Idle connections stay open: on a busy machine, one would be closed just as a client reuses it.
  private readonly server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    this.serve(request, response).catch(() => response.destroy());
  });

  /** Its base URL, without a trailing slash. */
  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  /** Sends these responses to the next requests, in order, regardless of what they ask for. */
  answerNext(...next: readonly SandboxAnswer[]): void {
    this.planned.push(...next);
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /** @param port 0 selects a free port */
  protected async listen(port = 0): Promise<this> {
    await once(this.server.listen(port, '127.0.0.1'), 'listening');
    return this;
  }

  protected abstract answer(request: SandboxRequest): SandboxAnswer | Promise<SandboxAnswer>;

  /** Headers that the vendor adds to every response. */
  protected commonHeaders(): Readonly<Record<string, string>> {
    return {};
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    request.on('error', () => undefined);
    const body = Buffer.concat((await request.toArray().catch(() => [])) as Buffer[]);
    const answer = this.planned.shift() ?? (await this.answer(read(request, body)));
    if (answer === 'hang') return;
    if (answer === 'hang up') {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, { ...this.commonHeaders(), ...answer.headers });
    response.end(answer.body ?? '');
  }
}

function read({ method = 'GET', url = '/', headers }: IncomingMessage, body: Buffer): SandboxRequest {
  const [path = '', ...query] = url.split('?');
  return { method, path, query: new URLSearchParams(query.join('?')), headers, body };
}
