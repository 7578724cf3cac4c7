import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, buildConnector, type Dispatcher, Pool, request } from 'undici';
import { AdapterError, type AdapterErrorCode, configurationError } from '../errors/adapter-error.ts';
import { isJsonObject, type JsonItem } from '../json/json.ts';
import { abortedError, connectError, tlsError } from '../outbound/connect-error.ts';
import { assertPermitted, guardedLookup, OutboundPolicy, type OutboundTarget } from '../outbound/outbound-policy.ts';

export class HttpResponse {
  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly body: Buffer,
  ) {}

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** Returns the first value of a header, or undefined. */
  header(name: string): string | undefined {
    const value = this.headers[name.toLowerCase()];
    return Array.isArray(value) ? value[0] : value;
  }

  text(): string {
    return this.body.toString('utf8');
  }

  /** The parsed body, or undefined if it is not JSON (as the response of a gateway may not be). */
  jsonOrUndefined(): unknown {
    try {
      return JSON.parse(this.text()) as unknown;
    } catch {
      return undefined;
    }
  }

  /** The parsed body if it is a JSON object, and otherwise an empty one. */
  jsonObject(): JsonItem {
    const body = this.jsonOrUndefined();
    return isJsonObject(body) ? body : {};
  }

  /**
   * Parses the body.
   * @throws AdapterError `invalid_response` if it is not JSON
   */
  json(): unknown {
    try {
      return JSON.parse(this.text()) as unknown;
    } catch {
      const hint = 'The vendor’s response is not JSON. Check the base URL, or try again later.';
      throw new AdapterError({
        stage: 'message',
        code: 'invalid_response',
        fault: 'vendor',
        retryable: true,
        status: this.status,
        hint,
      });
    }
  }
}

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
/** How many connections one vendor has at the same time, for all accounts. */
const CONNECTIONS_PER_ORIGIN = 50;

/**
 * The HTTP client for API vendors. It does not follow redirects, limits the response size and the duration, and
 * connects only to addresses and ports that the outbound policy permits. Connections are kept and reused, at most 50 for
 * each origin; further requests wait in the order in which they came. Its errors contain neither headers nor bodies of
 * the request.
 */
@Injectable()
export class HttpClient implements OnApplicationShutdown {
  private readonly agent: Agent;
  private readonly origins = new Map<string, Places>();

  constructor(policy: OutboundPolicy) {
    this.agent = new Agent({
      factory: (origin, options: Pool.Options) =>
        new Pool(origin, {
          ...options,
          connections: CONNECTIONS_PER_ORIGIN,
          connect: guardedConnector(policy, new URL(origin)),
        }),
    });
  }

  /**
   * Sends a request. Resolves for every status, including errors and redirects.
   *
   * @throws AdapterError `timeout`, `aborted`, `response_too_large`, `invalid_request` (a URL, header or body that
   *   cannot be sent), `invalid_response` (not HTTP); at the stage `tls`, any code of `tlsError`; at the stage
   *   `connect`, `host_not_found`, `address_forbidden`, `port_forbidden`, `connection_refused`, `connection_timeout` or
   *   `host_unreachable`. A connection that breaks during the exchange is `connection_closed` at the stage `message`:
   *   the vendor may have processed the request. If the time is over, or the signal aborts, before there is a free
   *   connection, the stage is `connect`.
   */
  async request(options: HttpRequest): Promise<HttpResponse> {
    const wire = wireForm(options);
    const deadline = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
    let leave: (() => void) | undefined;
    try {
      leave = await this.enter(new URL(options.url).origin, signal);
      const answer = await request(options.url, { ...wire, signal, dispatcher: this.agent });
      const body = await readBody(answer, options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES);
      return new HttpResponse(answer.statusCode, answer.headers, body);
    } catch (error) {
      throw httpError(error, signal);
    } finally {
      leave?.();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.agent.closed) await this.agent.close();
  }

  /**
   * Waits until the origin has a free connection.
   * @returns a function to call when it is no longer needed
   */
  private async enter(origin: string, signal: AbortSignal): Promise<() => void> {
    const places = this.origins.get(origin) ?? new Places(CONNECTIONS_PER_ORIGIN);
    this.origins.set(origin, places);
    const forget = (): void => {
      if (places.areFree) this.origins.delete(origin);
    };
    await places.take(signal).finally(forget);
    return () => {
      places.leave();
      forget();
    };
  }
}

/** Those that wait get a place in the order in which they came. */
class Places {
  private readonly waiting = new Set<() => void>();
  private taken = 0;

  constructor(private readonly size: number) {}

  get areFree(): boolean {
    return this.taken === 0;
  }

  /** @throws AdapterError `aborted` or `timeout` */
  async take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortedError(signal);
    if (this.taken < this.size) {
      this.taken += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const begin = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.waiting.delete(begin);
        reject(abortedError(signal));
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiting.add(begin);
    });
  }

  leave(): void {
    const [next] = this.waiting;
    if (next === undefined) {
      this.taken -= 1;
      return;
    }
    this.waiting.delete(next);
    next();
  }
}

/** Errors of connections that could not be established: nothing of the request was sent. */
const failedConnects = new WeakSet<Error>();

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
      failedConnects.add(error as Error);
      callback(error as Error, null);
      return;
    }
    connect(options, (...result) => {
      const [error] = result;
      if (error !== null) failedConnects.add(error);
      callback(...result);
    });
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

const UNSENDABLE = new Set([
  'ERR_INVALID_ARG_TYPE',
  'ERR_INVALID_ARG_VALUE',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_URL',
  'UND_ERR_INVALID_ARG',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);
const VENDOR_HINTS: Readonly<Partial<Record<AdapterErrorCode, string>>> = {
  connection_refused: 'The vendor’s server refused the connection. Try again later.',
  connection_timeout:
    'The vendor’s server did not respond. Try again later, and check that a firewall allows HTTPS to the vendor.',
  host_unreachable:
    'The vendor’s server cannot be reached. Try again later, and check that this service can reach the internet.',
  connection_closed: 'The vendor’s server closed the connection. Try again later.',
};
const UNREADABLE = /^(HPE_.*|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_.*)$/;

/**
 * Converts an undici error into an AdapterError. Nothing of the request is included, neither as text nor as `cause`.
 */
function httpError(error: unknown, signal: AbortSignal): AdapterError {
  if (error instanceof AdapterError) return error;
  if (signal.aborted) return abortedError(signal, 'message');
  const { code = '', name } = error as NodeJS.ErrnoException;
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return timedOut();
  if (code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED') return closed();
  if (UNSENDABLE.has(code)) return unsendable();
  // Some parser errors have no code.
  if (UNREADABLE.test(code) || name === 'HTTPParserError') return unreadable();
  if (!failedConnects.has(error as Error)) return forVendor(connectError(error, 'message'));
  return tlsError(error) ?? forVendor(connectError(error));
}

/** Users do not enter the host and port of a vendor's API, so the hint must not mention them. */
function forVendor({ details }: AdapterError): AdapterError {
  const hint = VENDOR_HINTS[details.code];
  return new AdapterError(hint === undefined ? details : { ...details, hint });
}

function tooLarge(limit: number): AdapterError {
  const hint = `The vendor’s response exceeds the limit of ${String(limit)} bytes. Contact the vendor.`;
  return new AdapterError({ stage: 'message', code: 'response_too_large', fault: 'vendor', retryable: false, hint });
}

function unsendable(): AdapterError {
  const hint = 'The request contains a URL, header or body that cannot be sent. Check the settings.';
  return configurationError('invalid_request', hint, { stage: 'settings' });
}

function timedOut(): AdapterError {
  const hint = 'The vendor took too long to respond. Try again later.';
  return new AdapterError({ stage: 'message', code: 'timeout', fault: 'network', retryable: true, hint });
}

function closed(): AdapterError {
  const hint = 'The service is shutting down. Try again later.';
  return new AdapterError({ stage: 'connect', code: 'aborted', fault: 'network', retryable: true, hint });
}

function unreadable(): AdapterError {
  const hint = 'The vendor’s response is not valid HTTP. Check the base URL, or try again later.';
  return new AdapterError({ stage: 'message', code: 'invalid_response', fault: 'vendor', retryable: true, hint });
}
