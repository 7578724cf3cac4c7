import type { Readable } from 'node:stream';
import { isAscii, isUtf8 } from 'node:buffer';
import { exceededJsonLimit, type FieldError, jsonPointer } from '@score-crm/adapter-kit';
import { InvalidInputError } from '@score-crm/connections';
import {
  type CallHandler,
  type CustomDecorator,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Observable } from 'rxjs';
import { callerOf } from '../callers/caller.ts';
import { type HttpRequest, type HttpResponse, outgoingOf } from '../http/messages.ts';
import { BodyTooLargeError, JsonNotUtf8Error, JsonTooComplexError, MalformedJsonError } from './body.errors.ts';
import { BodyBudget, type BodyRoom, readBody, UnauthenticatedBodies } from './read-body.ts';
import { assertNotCompressed, contentTypeOf, hasBody, mediaTypeOf, receivedBody } from './received-body.ts';

export interface JsonBodyLimits {
  readonly bytes: number;
  /** The time in which the whole body must arrive. */
  readonly milliseconds: number;
  /** How many values and member names it may have; 20,000 by default. */
  readonly tokens?: number;
}

const JSON_BODY = 'score-connections:json-body';
const OTHER_BODY = 'score-connections:other-body';

/** Replaces the default limits of a route's JSON body. */
export function JsonBody(limits: JsonBodyLimits): CustomDecorator {
  return SetMetadata(JSON_BODY, limits);
}

/** The handler reads the body itself, with `streamBody`. */
export function StreamedBody(): CustomDecorator {
  return SetMetadata(OTHER_BODY, true);
}

// US-ASCII is a subset of UTF-8.
const UTF_8 = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);
const WRONG_TYPE = 'The media type is not supported. Send the body as application/json.';
const CHARSET = /;\s*charset\s*=\s*("[^"]*"|[^\s;]*)/gi;

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

const DEFAULT_LIMITS: JsonBodyLimits = { bytes: 1 << 20, milliseconds: 10_000 };

/** For all JSON bodies that are being read or processed. One organization may use a quarter, enough for one message. */
const API_BYTES = 128 << 20;
const API_BYTES_PER_ORGANIZATION = 32 << 20;

/** The memory for JSON bodies: the sender's organization determines which budget a body uses. */
@Injectable()
export class JsonMemory {
  private readonly budget = new BodyBudget({ bytes: API_BYTES, bytesEach: API_BYTES_PER_ORGANIZATION });

  constructor(private readonly unauthenticated: UnauthenticatedBodies) {}

  roomFor(request: HttpRequest, refuse: (error: Error) => void): BodyRoom {
    const caller = callerOf(request);
    return caller === undefined
      ? this.unauthenticated.open(request.ip ?? '', refuse)
      : this.budget.open(caller.organization);
  }
}

const WITHOUT_BODY = new Set(['GET', 'HEAD']);

/** Reads the JSON body of a request once the guards have accepted it. */
@Injectable()
export class JsonBodies implements NestInterceptor {
  constructor(
    private readonly memory: JsonMemory,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<HttpRequest>();
    const handler = context.getHandler();
    const isOther = this.reflector.get<true | undefined>(OTHER_BODY, handler) === true;
    if (!isOther && !WITHOUT_BODY.has(request.method)) {
      const limits = this.reflector.get<JsonBodyLimits | undefined>(JSON_BODY, handler);
      request.body = await this.read(request, http.getResponse<HttpResponse>(), limits);
    }
    return next.handle();
  }

  /** @returns undefined for an empty body: clients declare JSON for requests without a body too */
  private async read(
    request: HttpRequest,
    response: HttpResponse,
    { bytes, milliseconds, tokens }: JsonBodyLimits = DEFAULT_LIMITS,
  ): Promise<unknown> {
    if (!hasBody(request)) return undefined;
    assertJson(request);
    if (Number(request.headers['content-length'] ?? 0) > bytes) throw new BodyTooLargeError(bytes);
    const body = receivedBody(request);
    const whole = Buffer.isBuffer(body)
      ? body
      : await this.readStream(request, response, body, { bytes, milliseconds });
    if (whole.length > bytes) throw new BodyTooLargeError(bytes);
    return whole.length === 0 ? undefined : parseJson(whole, tokens);
  }

  private readStream(
    request: HttpRequest,
    response: HttpResponse,
    body: Readable,
    { bytes, milliseconds }: JsonBodyLimits,
  ): Promise<Buffer> {
    const incoming = { body, response: outgoingOf(response), limit: bytes, deadlineMs: milliseconds };
    return readBody(incoming, (refuse) => this.memory.roomFor(request, refuse));
  }
}

/** @throws UnsupportedMediaTypeException, ContentEncodingError */
function assertJson(request: HttpRequest): void {
  if (mediaTypeOf(request) !== 'application/json') throw new UnsupportedMediaTypeException(WRONG_TYPE);
  assertUtf8Charset(contentTypeOf(request));
  assertNotCompressed(request);
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
