import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK } from 'jose';

/** A key pair as an identity provider has it. */
export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** The public half, as it is published. */
  readonly jwk: JWK;
  /** The public half, as PEM. */
  readonly pem: string;
}

export async function signingKey(alg: 'RS256' | 'ES256' | 'EdDSA', kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  // Without `alg`, as the standard allows: what the key is used for is for the one who verifies to decide.
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid }, pem: await exportSPKI(publicKey) };
}

/** A JSON Web Key Set on a port of 127.0.0.1, which can fail in each way there is. */
export class JwksServer {
  keys: readonly JWK[] = [];
  requests = 0;

  private answer: RequestListener = (_request, response) => void response.end(JSON.stringify({ keys: this.keys }));
  private readonly healthy = this.answer;
  private port = 0;
  private server: Server = this.createServer();

  private constructor() {}

  static async start(...keys: readonly SigningKey[]): Promise<JwksServer> {
    const server = new JwksServer();
    server.publish(...keys);
    await server.resume();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}/jwks.json`;
  }

  publish(...keys: readonly SigningKey[]): void {
    this.keys = keys.map(({ jwk }) => jwk);
  }

  /** Nothing listens any more. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /** Listens again, on the same port. */
  async resume(): Promise<void> {
    this.server = this.createServer();
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  answerWith(status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
    this.answer = (_request, response) => void response.writeHead(status, headers).end(body);
  }

  /** Takes requests and never answers. */
  hang(): void {
    this.answer = () => undefined;
  }

  heal(): void {
    this.answer = this.healthy;
  }

  private createServer(): Server {
    return createServer((request, response) => {
      this.requests += 1;
      this.answer(request, response);
    });
  }
}
