import { STATUS_CODES } from 'node:http';
import {
  ConnectionNotFoundError,
  DatabaseUnavailableError,
  InvalidInputError,
  SecretsUnreadableError,
  UnknownVendorError,
  VersionMismatchError,
} from '@score-crm/connections';
import { HttpException } from '@nestjs/common';
import { TooManyRequestsError } from '../auth/too-many-requests.error.ts';
import { InvalidQueryError } from './invalid-query.error.ts';
import type { ProblemFault } from './problem.ts';

/** How a request ended that did not succeed. */
export interface Outcome {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly ProblemFault[];
  readonly headers?: Readonly<Record<string, string>>;
}

const RETRY_AFTER_S = '5';

/** What an error means to the client. Whatever is not known here is our fault, and says nothing of itself. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof InvalidInputError) {
    const detail = 'The input is not valid. Each fault is named under errors.';
    return { status: 422, code: 'invalid_input', detail, errors: error.errors };
  }
  if (error instanceof InvalidQueryError) {
    return { status: 400, code: 'invalid_query', detail: error.message, errors: error.errors };
  }
  if (error instanceof ConnectionNotFoundError || error instanceof UnknownVendorError) {
    return { status: 404, code: 'not_found', detail: error.message };
  }
  if (error instanceof VersionMismatchError) {
    const headers = { etag: `"${String(error.currentVersion)}"` };
    return { status: 412, code: 'version_mismatch', detail: error.message, headers };
  }
  if (error instanceof SecretsUnreadableError) {
    return { status: 503, code: 'secrets_unreadable', detail: error.message };
  }
  if (error instanceof DatabaseUnavailableError) {
    const headers = { 'retry-after': RETRY_AFTER_S };
    return { status: 503, code: 'database_unavailable', detail: `${error.message} Try again in a moment.`, headers };
  }
  if (error instanceof TooManyRequestsError) {
    const headers = { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) };
    return { status: 429, code: 'too_many_requests', detail: error.message, headers };
  }
  return httpOutcome(error);
}

// The faults that Nest and Fastify find by themselves, in words that say what to do.
const DETAILS = new Map<number, string>([
  [400, 'The request cannot be read. Send JSON, and check the URL.'],
  [404, 'There is nothing at this address. The API is described at /api/docs.'],
  [413, 'The body is too large. Send at most 1 MiB.'],
  [415, 'Send the body as application/json.'],
]);

function httpOutcome(error: unknown): Outcome {
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  if (status === undefined || status >= 500) {
    const detail = 'Something went wrong on our side. Try again; if it stays, report the request id.';
    return { status: status ?? 500, code: 'internal_error', detail };
  }
  const detail = DETAILS.get(status) ?? (error as Error).message;
  return { status, code: codeOf(status), detail: isOurs(status, error) ? (error as Error).message : detail };
}

/** Whether the message was written for the client, rather than by a framework. */
function isOurs(status: number, error: unknown): boolean {
  return status === 404 && error instanceof HttpException && !error.message.startsWith('Cannot ');
}

function statusOf(error: unknown): number | undefined {
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}

const CODES = new Map<number, string>([
  [400, 'malformed'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
]);

function codeOf(status: number): string {
  return CODES.get(status) ?? (STATUS_CODES[status] ?? 'error').toLowerCase().replace(/[^a-z]+/g, '_');
}
