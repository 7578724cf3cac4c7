import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent, buildConnector, type Dispatcher, Pool, request } from 'undici';
import { assertPermitted, guardedLookup, OutboundPolicy, type OutboundTarget } from '../outbound/outbound-policy.ts';
import { httpError, tooLarge, unsendable } from './http-error.ts';
import { HttpResponse } from './http-response.ts';

/** A request to a vendor. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent unchanged, or as JSON if it is an object. */
  readonly body?: string | Uint8Array | object;
  readonly signal?: AbortSignal;
  /** Time limit for the complete exchange in milliseconds. Default: 30,000. */
  readonly timeoutMs?: number;
  /** Maximum size of the response in bytes; larger responses fail. Default: 1 MiB. */
  readonly maxResponseBytes?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_RESPONSE_BYTES = 1 << 20;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * The HTTP client for API vendors. It does not follow redirects, limits the response size and the duration, and
 * connects only to addresses and ports that the outbound policy permits. Its errors contain neither headers nor bodies
 * of the request.
 */
@Injectable()
export class HttpClient implements OnApplicationShutdown {
  private readonly agent: Agent;

  constructor(policy: OutboundPolicy) {
    this.agent = new Agent({
      factory: (origin, options: Pool.Options) =>
        new Pool(origin, { ...options, connect: guardedConnector(policy, new URL(origin)) }),
    });
  }

  /**
   * Sends a request. Resolves for every status, including errors and redirects.
   *
   * @throws AdapterError `timeout`, `aborted`, `response_too_large`, `invalid_request` (a URL, header or body that
   *   cannot be sent), `invalid_response` (not HTTP); at the stage `tls`, any code of `tlsError`; at the stage
   *   `connect`, `host_not_found`, `address_forbidden`, `port_forbidden`, `connection_refused`, `connection_timeout` or
   *   `host_unreachable`. A connection that breaks during the exchange is `connection_closed` at the stage `message`:
   *   the vendor may have processed the request.
   */
  async request(options: HttpRequest): Promise<HttpResponse> {
    const wire = wireForm(options);
    const deadline = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
    try {
      const answer = await request(options.url, { ...wire, signal, dispatcher: this.agent });
      const body = await readBody(answer, options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES);
      return new HttpResponse(answer.statusCode, answer.headers, body);
    } catch (error) {
      throw httpError(error, signal);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.agent.closed) await this.agent.close();
  }
}

/**
 * One connector per origin: a DNS lookup does not receive the port, and does not happen for hosts that are IP addresses.
 */
function guardedConnector(policy: OutboundPolicy, { protocol, hostname, port }: URL): buildConnector.connector {
  const isHttps = protocol === 'https:';
  const target: OutboundTarget = {
    protocol: isHttps ? 'https' : 'http',
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (isHttps ? 443 : 80) : Number(port),
  };
  const connect = buildConnector({ lookup: guardedLookup(policy, target), timeout: CONNECT_TIMEOUT_MS });
  return (options, callback) => {
    try {
      assertPermitted(policy, target);
    } catch (error) {
      callback(error as Error, null);
      return;
    }
    connect(options, callback);
  };
}

type WireForm = Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'>;

function wireForm({ method, body, headers = {} }: HttpRequest): WireForm {
  if (body === undefined) return { method, headers: { ...headers } };
  if (typeof body === 'string' || body instanceof Uint8Array) return { method, headers: { ...headers }, body };
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    method,
    headers: typed ? { ...headers } : { ...headers, 'content-type': 'application/json' },
    body: json(body),
  };
}

function json(body: object): string {
  try {
    return JSON.stringify(body);
  } catch {
    throw unsendable();
  }
}

async function readBody({ body, headers }: Dispatcher.ResponseData, limit: number): Promise<Buffer> {
  if (Number(headers['content-length'] ?? 0) > limit) {
    body.on('error', () => undefined).destroy();
    throw tooLarge(limit);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop destroys the stream and its socket.
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
