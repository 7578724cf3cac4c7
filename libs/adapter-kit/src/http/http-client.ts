import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent, buildConnector, type Dispatcher, request } from 'undici';
import { AdapterError } from '../errors/adapter-error.ts';
import { abortedError, connectError } from '../outbound/connect-error.ts';
import { assertLiteralPermitted, guardedLookup } from '../outbound/guarded-lookup.ts';
import { OutboundPolicy } from '../outbound/outbound-policy.ts';
import { HttpResponse } from './http-response.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, or as JSON where it is an object. */
  readonly body?: string | Uint8Array | object;
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole exchange; 30,000 unless told. */
  readonly timeoutMs?: number;
  /** The answer is refused beyond this size; 1 MiB unless told. */
  readonly maxResponseBytes?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_RESPONSE_BYTES = 1 << 20;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * The HTTP client of the API vendors: it follows no redirect, reads no endless answer, has a deadline, and connects only
 * to addresses that the outbound policy permits. Its errors hold neither headers nor bodies of the request.
 */
@Injectable()
export class HttpClient implements OnApplicationShutdown {
  private readonly agent: Agent;

  constructor(policy: OutboundPolicy) {
    const connectSocket = buildConnector({ lookup: guardedLookup(policy), timeout: CONNECT_TIMEOUT_MS });
    this.agent = new Agent({
      connect: (options, callback) => {
        try {
          assertLiteralPermitted(policy, options.hostname);
        } catch (error) {
          callback(error as Error, null);
          return;
        }
        connectSocket(options, callback);
      },
    });
  }

  /**
   * Any status is an answer, an error status too.
   * @throws AdapterError `timeout`, `aborted`, `response_too_large`, `invalid_request` (a URL or header that cannot be
   *   sent), or one of `connectError`.
   */
  async request(options: HttpRequest): Promise<HttpResponse> {
    const deadline = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
    try {
      const answer = await request(options.url, { ...wireForm(options), signal, dispatcher: this.agent });
      const body = await readBody(answer.body, options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES);
      return new HttpResponse(answer.statusCode, answer.headers, body);
    } catch (error) {
      if (error instanceof AdapterError) throw error;
      if (signal.aborted) throw abortedError(signal, 'message');
      throw isUnsendable(error) ? unsendable() : connectError(error);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.close();
  }
}

function wireForm(options: HttpRequest): Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'> {
  const { method, body } = options;
  if (body === undefined) return { method, headers: { ...options.headers } };
  if (typeof body === 'string' || body instanceof Uint8Array) return { method, headers: { ...options.headers }, body };
  return { method, headers: { 'content-type': 'application/json', ...options.headers }, body: JSON.stringify(body) };
}

async function readBody(stream: Dispatcher.ResponseData['body'], limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop destroys the stream and its socket.
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(limit: number): AdapterError {
  const hint = `The vendor's answer is larger than ${String(limit)} bytes and was not read.`;
  return new AdapterError({ stage: 'message', code: 'response_too_large', fault: 'vendor', retryable: false, hint });
}

function isUnsendable(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'UND_ERR_INVALID_ARG' || code === 'ERR_INVALID_URL' || code === 'ERR_INVALID_CHAR';
}

function unsendable(): AdapterError {
  const hint = 'The request to the vendor holds a URL or header that cannot be sent. Check the settings.';
  return new AdapterError({ stage: 'settings', code: 'invalid_request', fault: 'configuration', retryable: false, hint });
}
