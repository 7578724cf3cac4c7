import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { RouteConfig } from '@nestjs/platform-fastify';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import { ContentEncodingError } from './body.errors.ts';

export interface JsonBodyLimits {
  readonly bytes: number;
  /** The time in which the whole body must arrive. */
  readonly milliseconds: number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    rawBody?: true;
    jsonBody?: JsonBodyLimits;
  }
}

/** The handler reads the body itself, as the bytes that arrive, regardless of its type. */
export function RawBody(): MethodDecorator {
  return RouteConfig({ rawBody: true } satisfies Partial<FastifyContextConfig>);
}

/** Replaces the default limits of a route's JSON body. */
export function JsonBody(limits: JsonBodyLimits): MethodDecorator {
  return RouteConfig({ jsonBody: limits } satisfies Partial<FastifyContextConfig>);
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it arrives, not read yet. */
    unreadBody?: Readable;
  }
}

// US-ASCII is a subset of UTF-8.
const UTF_8 = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);
const WRONG_TYPE = 'The media type is not supported. Send the body as application/json.';
const CHARSET = /;\s*charset\s*=\s*("[^"]*"|[^\s;]*)/gi;

/**
 * Leaves every body unread until the guards have accepted the request. `JsonBodies` then reads JSON, and handlers with
 * `@RawBody()` read theirs. Other media types are refused with 415.
 */
export function leaveBodiesUnread(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRequest', (request, _reply, done) => {
    // Fastify refuses a type that it cannot parse before it calls any parser. `request.raw.rawHeaders` keep the original.
    if (isRaw(request)) delete request.headers['content-type'];
    done();
  });
  fastify.addContentTypeParser('application/json', (request, payload, done) => {
    try {
      assertUtf8Charset(request.headers['content-type'] ?? '');
      assertNotCompressed(request.headers);
      request.unreadBody = payload;
      done(null);
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addContentTypeParser('*', (request, payload, done) => {
    if (isRaw(request)) request.unreadBody = payload;
    // An unknown URL is 404 for every media type.
    done(isRaw(request) || request.is404 ? null : new UnsupportedMediaTypeException(WRONG_TYPE));
  });
}

function isRaw({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.rawBody === true;
}

/**
 * JSON is UTF-8 (RFC 8259, section 8.1). The parameter has no meaning for this media type, but a sender that names another
 * encoding may use it.
 * @throws UnsupportedMediaTypeException
 */
function assertUtf8Charset(contentType: string): void {
  for (const [, charset = ''] of contentType.matchAll(CHARSET)) {
    if (!UTF_8.has(charset.replaceAll('"', '').toLowerCase())) {
      throw new UnsupportedMediaTypeException('The charset is not supported. Send JSON as UTF-8.');
    }
  }
}

/** @throws ContentEncodingError */
export function assertNotCompressed(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding'] ?? '';
  if (encoding !== '' && encoding !== 'identity') throw new ContentEncodingError();
}
