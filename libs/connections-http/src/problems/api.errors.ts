import { ConnectionsError } from '@score-crm/connections';
import { HttpException } from '@nestjs/common';
import type { HttpErrorCode } from './error-codes.ts';

/**
 * The base class of the errors of the API. An application may derive its own from it; `ConnectionsHttpOptions.errorCodes` then
 * has their codes.
 */
export abstract class ApiError<Code extends string = HttpErrorCode> extends ConnectionsError<Code> {
  /** Headers of the response, besides `Retry-After`. */
  get headers(): Readonly<Record<string, string>> {
    return {};
  }
}

const CODES: ReadonlyMap<number, HttpErrorCode> = new Map<number, HttpErrorCode>([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [405, 'method_not_allowed'],
  [408, 'body_timeout'],
  [413, 'payload_too_large'],
  [414, 'uri_too_long'],
  [415, 'unsupported_media_type'],
  [429, 'too_many_requests'],
]);

// Fastify's own messages, and Nest's for an unknown route, do not say what to do.
const MESSAGES: ReadonlyMap<HttpErrorCode, string> = new Map<HttpErrorCode, string>([
  ['malformed', 'The request could not be parsed. Send JSON, and check the URL.'],
  ['not_found', 'Not found. Check the URL.'],
  ['uri_too_long', 'The URL, or an ID in it, is too long. Check the IDs in the path.'],
  ['unsupported_media_type', 'Unsupported media type. Send the body as application/json in UTF-8.'],
]);
const INTERNAL = 'Internal error. Try again. If it continues, report the request ID.';

/** An error of Nest, Fastify or Node. One without a status of 4xx is internal: its message stays in the log. */
export class FrameworkError extends ApiError {
  readonly code: HttpErrorCode;

  constructor(error: unknown) {
    const code = codeOf(error);
    const hasOwnMessage = error instanceof HttpException && code !== 'not_found';
    const message = hasOwnMessage ? messageOf(error) : (MESSAGES.get(code) ?? (error as Error).message);
    super(code === 'internal_error' ? INTERNAL : message, { cause: error });
    this.code = code;
  }
}

/** A pipe of the application reports several problems as a list. */
function messageOf(error: HttpException): string {
  const { message } = Object(error.getResponse()) as { readonly message?: unknown };
  return Array.isArray(message) ? message.join(' ') : error.message;
}

function codeOf(error: unknown): HttpErrorCode {
  const status = error instanceof HttpException ? error.getStatus() : statusCodeOf(error);
  if (status === undefined || status < 400 || status >= 500) return 'internal_error';
  return CODES.get(status) ?? 'malformed';
}

function statusCodeOf(error: unknown): number | undefined {
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
