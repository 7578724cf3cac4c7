import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** What requests of Fastify and Express have in common. */
export interface HttpRequest {
  readonly method: string;
  /** The URL as the client sent it. */
  readonly originalUrl: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: unknown;
  readonly query: unknown;
  /** The network address of the client; it depends on the proxies that the application trusts. */
  readonly ip?: string | undefined;
  /** Fastify gives each request an ID, Express only with a middleware. */
  readonly id?: unknown;
  /** The bytes of the body, if the application was created with `{ rawBody: true }` and its framework has parsed them. */
  readonly rawBody?: Buffer | undefined;
  body?: unknown;
  /** Node's request on Fastify. On Express, the request is Node's own. */
  readonly raw?: IncomingMessage;
}

/** What responses of Fastify and Express have in common. */
export interface HttpResponse {
  status(code: number): unknown;
  header(name: string, value: string): unknown;
  send(body: string): unknown;
  /** Node's response on Fastify. On Express, the response is Node's own. */
  readonly raw?: ServerResponse;
}

/** Node's request. */
export function incomingOf(request: HttpRequest): IncomingMessage {
  return request.raw ?? (request as unknown as IncomingMessage);
}

/** Node's response. */
export function outgoingOf(response: HttpResponse): ServerResponse {
  return response.raw ?? (response as unknown as ServerResponse);
}

/** The path of a request, without the query and a trailing slash. */
export function pathOf({ originalUrl }: HttpRequest): string {
  return originalUrl.replace(/\?.*$/s, '').replace(/\/$/, '');
}
