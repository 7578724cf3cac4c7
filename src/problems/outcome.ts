import { STATUS_CODES } from 'node:http';
import {
  ConnectionNotFoundError,
  DatabaseOverloadedError,
  DatabaseUnavailableError,
  EventNotFoundError,
  InvalidInputError,
  QueryTimeoutError,
  SecretsUnreadableError,
  UnknownVendorError,
  VersionMismatchError,
} from '@score-crm/connections';
import { HttpException } from '@nestjs/common';
import { ApiKeyNotFoundError } from '../auth/api-key-not-found.error.ts';
import { IdentityProviderUnavailableError } from '../auth/identity-provider-unavailable.error.ts';
import { RateLimitExceededError } from '../rate-limits/rate-limit-exceeded.error.ts';
import { rateLimitHeaders } from '../rate-limits/rate-limit-headers.ts';
import { bodyOutcome } from './body-outcome.ts';
import { InvalidQueryError } from './invalid-query.error.ts';
import type { Outcome } from './outcome.types.ts';
import { NotServingError } from './not-serving.error.ts';
import { sendOutcome } from './send-outcome.ts';
import { usageOutcome } from './usage-outcome.ts';
import { webhookOutcome } from './webhook-outcome.ts';

const RETRY_AFTER_S = '5';

/** What an error means to the client. Whatever is not known here is our fault, and says nothing of itself. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof InvalidInputError) {
    const detail = error.isIncomplete
      ? `The input is not valid. The first ${String(error.errors.length)} faults are listed under errors.`
      : 'The input is not valid. Each fault is listed under errors.';
    return { status: 422, code: 'invalid_input', detail, errors: error.errors };
  }
  if (error instanceof InvalidQueryError) {
    return { status: 400, code: 'invalid_query', detail: error.message, errors: error.errors };
  }
  if (isNotFound(error)) {
    return { status: 404, code: 'not_found', detail: (error as Error).message };
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
  if (error instanceof IdentityProviderUnavailableError) {
    const headers = { 'retry-after': RETRY_AFTER_S };
    const detail = `${error.message} Try again in a moment.`;
    return { status: 503, code: 'identity_provider_unavailable', detail, headers };
  }
  if (error instanceof RateLimitExceededError) {
    const retryAfterS = Math.max(1, Math.ceil(error.retryAfterMs / 1000));
    const headers = { ...rateLimitHeaders(error.applied), 'retry-after': String(retryAfterS) };
    return { status: 429, code: 'too_many_requests', detail: error.message, headers };
  }
  if (error instanceof NotServingError) {
    return { status: 503, code: error.phase, detail: error.message, headers: { 'retry-after': RETRY_AFTER_S } };
  }
  if (error instanceof QueryTimeoutError) {
    return { status: 503, code: 'query_timeout', detail: error.message, headers: { 'retry-after': RETRY_AFTER_S } };
  }
  if (error instanceof DatabaseOverloadedError) {
    return { status: 503, code: 'overloaded', detail: error.message, headers: { 'retry-after': RETRY_AFTER_S } };
  }
  return bodyOutcome(error) ?? sendOutcome(error) ?? usageOutcome(error) ?? webhookOutcome(error) ?? httpOutcome(error);
}

function isNotFound(error: unknown): boolean {
  return [ConnectionNotFoundError, EventNotFoundError, UnknownVendorError, ApiKeyNotFoundError].some(
    (type) => error instanceof type,
  );
}

// The faults that Nest and Fastify find by themselves, in words that say what to do.
const DETAILS = new Map<number, string>([
  [400, 'The request cannot be read. Send JSON, and check the URL.'],
  [404, 'There is nothing at this address. The API is described at /api/docs.'],
  [415, 'The media type is not supported. Send the body as application/json in UTF-8.'],
]);

function httpOutcome(error: unknown): Outcome {
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  if (status === undefined || status >= 500) {
    const detail = 'Something went wrong on our side. Try again; if it stays, report the request id.';
    return { status: status ?? 500, code: 'internal_error', detail };
  }
  return { status, code: codeOf(status), detail: DETAILS.get(status) ?? (error as Error).message };
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
