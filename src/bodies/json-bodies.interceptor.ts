import type { Readable } from 'node:stream';
import { isAscii, isUtf8 } from 'node:buffer';
import { exceededJsonLimit, type FieldError, jsonPointer } from '@score-crm/adapter-kit';
import { InvalidInputError } from '@score-crm/connections';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import { BodyBudget, type BodyRoom, readBody, UnauthenticatedBodies } from './read-body.ts';
import { BodyTooLargeError, JsonNotUtf8Error, JsonTooComplexError, MalformedJsonError } from './body.errors.ts';
import type { JsonBodyLimits } from './unread-bodies.ts';

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
    const { rawBody, jsonBody } = request.routeOptions.config;
    if (request.unreadBody !== undefined && rawBody !== true) {
      request.body = await this.read(request, request.unreadBody, http.getResponse<FastifyReply>(), jsonBody);
    }
    return next.handle();
  }

  /** @returns undefined for an empty body: clients declare JSON for requests without a body too */
  private async read(
    request: FastifyRequest,
    body: Readable,
    reply: FastifyReply,
    { bytes, milliseconds }: JsonBodyLimits = DEFAULT_LIMITS,
  ): Promise<unknown> {
    if (Number(request.headers['content-length'] ?? 0) > bytes) throw new BodyTooLargeError(bytes);
    const incoming = { body, response: reply.raw, limit: bytes, deadlineMs: milliseconds };
    const whole = await readBody(incoming, (refuse) => this.roomFor(request, refuse));
    return whole.length === 0 ? undefined : parseJson(whole);
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
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new JsonNotUtf8Error();
  const exceeded = exceededJsonLimit(bytes, JSON_LIMITS);
  if (exceeded !== undefined) throw new JsonTooComplexError(exceeded, JSON_LIMITS);
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
