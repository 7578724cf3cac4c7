import type { Readable } from 'node:stream';
import { type HttpRequest, incomingOf } from '../http/messages.ts';
import { ContentEncodingError } from './body.errors.ts';

const PARSED_ELSEWHERE =
  'The body of the request was parsed before it reached @score-crm/connections-http, which needs its bytes. ' +
  'Create the application with { rawBody: true }, or with { bodyParser: false }: NestFactory.create(AppModule, { rawBody: true }). ' +
  'No other middleware or content type parser may read the body.';

/** Whether the client sends a body with the request. */
export function hasBody(request: HttpRequest): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = incomingOf(request).headers;
  return encoding !== undefined || Number(length) > 0;
}

/**
 * The body of a request that has one: its bytes if the framework has parsed it and kept them (`rawBody`), otherwise as it arrives.
 * @throws Error if something else has read the body
 */
export function receivedBody(request: HttpRequest): Readable | Buffer {
  if (request.rawBody !== undefined) return request.rawBody;
  const incoming = incomingOf(request);
  if (incoming.readableDidRead || incoming.readableEnded) throw new Error(PARSED_ELSEWHERE);
  return incoming;
}

/** The header as it was sent: hooks may hide it from the parsers of a framework. */
export function contentTypeOf(request: HttpRequest): string {
  const { rawHeaders } = incomingOf(request);
  const index = rawHeaders.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-type');
  return index === -1 ? '' : (rawHeaders[index + 1] ?? '');
}

/** The media type of the body in lower case, without parameters. */
export function mediaTypeOf(request: HttpRequest): string {
  return contentTypeOf(request).replace(/;.*$/s, '').trim().toLowerCase();
}

/** @throws ContentEncodingError */
export function assertNotCompressed({ headers }: HttpRequest): void {
  const encoding = headers['content-encoding'] ?? '';
  if (encoding !== '' && encoding !== 'identity') throw new ContentEncodingError();
}
