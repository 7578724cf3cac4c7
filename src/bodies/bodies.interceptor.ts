import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { isAscii, isUtf8 } from 'node:buffer';
import { exceededJsonLimit, type FieldError, jsonPointer } from '@score-crm/adapter-kit';
import { InvalidInputError } from '@score-crm/connections';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { BodyBudget, type BodyRoom, readBody, UnauthenticatedBodies } from './read-body.ts';
import {
  BodyTooLargeError,
  ContentEncodingError,
  JsonNotUtf8Error,
  JsonTooComplexError,
  MalformedJsonError,
} from './body.errors.ts';

export interface JsonBodyLimits {
  readonly bytes: number;
  /** The time in which the whole body must arrive. */
  readonly milliseconds: number;
  /** How many values and member names it may have; 20,000 by default. */
  readonly tokens?: number;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The handler reads the body itself, as the bytes that arrive, regardless of its type. */
    rawBody?: true;
    jsonBody?: JsonBodyLimits;
  }
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
 * Leaves every body unread until the guards have accepted the request. `JsonBodies` then reads JSON, and handlers of routes
 * with `rawBody` read theirs. Other media types are refused with 415.
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

const DEFAULT_LIMITS: JsonBodyLimits = { bytes: 1 << 20, milliseconds: 10_000 };

/** For all JSON bodies that are being read or processed. One organization may use a quarter, enough for one message. */
const API_BYTES = 128 << 20;
const API_BYTES_PER_ORGANIZATION = 32 << 20;

/** Reads the JSON body of a request once the guards have accepted it: the sender's organization determines which budget it uses. */
@Injectable()
export class JsonBodies implements NestInterceptor {
  private readonly budget = new BodyBudget({ bytes: API_BYTES, bytesEach: API_BYTES_PER_ORGANIZATION });

  constructor(private readonly unauthenticated: UnauthenticatedBodies) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const { jsonBody } = request.routeOptions.config;
    if (request.unreadBody !== undefined && !isRaw(request)) {
      request.body = await this.read(request, request.unreadBody, http.getResponse<FastifyReply>(), jsonBody);
    }
    return next.handle();
  }

  /** @returns undefined for an empty body: clients declare JSON for requests without a body too */
  private async read(
    request: FastifyRequest,
    body: Readable,
    reply: FastifyReply,
    { bytes, milliseconds, tokens }: JsonBodyLimits = DEFAULT_LIMITS,
  ): Promise<unknown> {
    if (Number(request.headers['content-length'] ?? 0) > bytes) throw new BodyTooLargeError(bytes);
    const incoming = { body, response: reply.raw, limit: bytes, deadlineMs: milliseconds };
    const whole = await readBody(incoming, (refuse) => this.roomFor(request, refuse));
    return whole.length === 0 ? undefined : parseJson(whole, tokens);
  }

  private roomFor({ principal, ip }: FastifyRequest, refuse: (error: Error) => void): BodyRoom {
    return principal === undefined ? this.unauthenticated.open(ip, refuse) : this.budget.open(principal.organization);
  }
}

/** The largest valid message has about 6,000 tokens and 3 levels. */
const JSON_LIMITS = { maxDepth: 32, maxTokens: 20_000 } as const;

const BROKEN_CHARACTER = 'The text contains a lone surrogate. Send complete characters.';
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Parses the body of an API request. A byte order mark is skipped.
 * @throws JsonNotUtf8Error, JsonTooComplexError, MalformedJsonError; InvalidInputError if a text contains a lone surrogate,
 *   which neither a database nor an email can hold
 */
export function parseJson(bytes: Buffer, maxTokens: number = JSON_LIMITS.maxTokens): unknown {
  if (!isUtf8(bytes)) throw new JsonNotUtf8Error();
  const limits = { ...JSON_LIMITS, maxTokens };
  const exceeded = exceededJsonLimit(bytes, limits);
  if (exceeded !== undefined) throw new JsonTooComplexError(exceeded, limits);
  const value = parse(bytes);
  const errors = brokenTexts(value, []);
  if (errors.length > 0) throw new InvalidInputError(errors);
  return value;
}

function parse(bytes: Buffer): unknown {
  // Attachments are base64: this takes a tenth of the time for ASCII.
  const text = isAscii(bytes) ? bytes.toString('latin1') : bytes.toString();
  try {
    return JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text) as unknown;
  } catch {
    throw new MalformedJsonError();
  }
}

/**
 * Call this only after depth and number of values were checked. A name such as `__proto__` is a member like any other here;
 * `validateInput` reports it.
 */
function brokenTexts(value: unknown, path: readonly (string | number)[]): FieldError[] {
  if (typeof value === 'string') {
    return value.isWellFormed() ? [] : [{ pointer: jsonPointer(...path), code: 'invalid', message: BROKEN_CHARACTER }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name.isWellFormed()) return brokenTexts(member, [...path, name]);
    const pointer = jsonPointer(...path, name.toWellFormed());
    return [{ pointer, code: 'invalid', message: BROKEN_CHARACTER }];
  });
}
