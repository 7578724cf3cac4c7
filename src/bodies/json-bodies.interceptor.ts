import type { Readable } from 'node:stream';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { BodyBudget } from './body-budget.ts';
import { BODY_LIMITS, DEFAULT_BODY_LIMITS, type RouteBodyLimits } from './body-limits.decorator.ts';
import { BodyTooLargeError } from './body-too-large.error.ts';
import { parseJson } from './parse-json.ts';
import { type BodyRoom, readBody } from './read-body.ts';
import { UnauthenticatedBodies } from './unauthenticated-bodies.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** A JSON body that is still to be read. */
    unreadJson?: Readable;
  }
}

/** For all JSON bodies that are being read or processed; one organization may use a quarter, enough for one message. */
const API_BYTES = 128 << 20;
const API_BYTES_PER_ORGANIZATION = 32 << 20;

// US-ASCII is a part of UTF-8.
const UTF_8 = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);
const CHARSET = /;\s*charset\s*=\s*("[^"]*"|[^\s;]*)/gi;

/** Leaves JSON bodies unread until `JsonBodies` reads them. Other types are refused with 415. */
export function leaveJsonUnread(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', (request, payload, done) => {
    try {
      assertUtf8Charset(request.headers['content-type'] ?? '');
      request.unreadJson = payload;
      done(null);
    } catch (error) {
      done(error as Error);
    }
  });
}

/** Reads the JSON body of a request once the guards have accepted it: the sender's organization determines which budget it uses. */
@Injectable()
export class JsonBodies implements NestInterceptor {
  private readonly budget = new BodyBudget({ bytes: API_BYTES, bytesEach: API_BYTES_PER_ORGANIZATION });

  constructor(
    private readonly reflector: Reflector,
    private readonly unauthenticated: UnauthenticatedBodies,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const { unreadJson } = request;
    if (unreadJson !== undefined) {
      const targets = [context.getHandler(), context.getClass()];
      const limits = this.reflector.getAllAndOverride<RouteBodyLimits | undefined>(BODY_LIMITS, targets);
      request.body = await this.read(request, unreadJson, http.getResponse<FastifyReply>(), limits);
    }
    return next.handle();
  }

  private async read(
    request: FastifyRequest,
    body: Readable,
    reply: FastifyReply,
    { bytes, milliseconds }: RouteBodyLimits = DEFAULT_BODY_LIMITS,
  ): Promise<unknown> {
    if (Number(request.headers['content-length'] ?? 0) > bytes) throw new BodyTooLargeError(bytes);
    const incoming = { body, response: reply.raw, limit: bytes, deadlineMs: milliseconds };
    const whole = await readBody(incoming, (refuse) => this.roomFor(request, refuse));
    return parseJson(whole);
  }

  private roomFor({ principal, ip }: FastifyRequest, refuse: (error: Error) => void): BodyRoom {
    return principal === undefined ? this.unauthenticated.open(ip, refuse) : this.budget.open(principal.organization);
  }
}

/**
 * JSON is UTF-8 (RFC 8259, section 8.1). The parameter has no meaning for this media type, but a sender
 * that names another encoding may mean it.
 * @throws UnsupportedMediaTypeException
 */
function assertUtf8Charset(contentType: string): void {
  for (const [, charset = ''] of contentType.matchAll(CHARSET)) {
    if (!UTF_8.has(charset.replaceAll('"', '').toLowerCase())) {
      throw new UnsupportedMediaTypeException('The charset is not supported. Send JSON as UTF-8.');
    }
  }
}
