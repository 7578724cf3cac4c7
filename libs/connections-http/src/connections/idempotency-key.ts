import { InvalidQueryError } from '@score-crm/connections';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ApiHeaderOptions } from '@nestjs/swagger';
import type { HttpRequest, HttpResponse } from '../http/messages.ts';

/** A string of structured fields (RFC 9651, 3.3.3), as the draft of the header requires. Most clients send the key without quotes. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/** Describes the header of a request that can be repeated. */
export const IDEMPOTENCY_KEY = (description: string): ApiHeaderOptions => ({
  name: 'Idempotency-Key',
  required: false,
  description: `${description} 1 to 255 visible ASCII characters, such as a UUID, in quotes or without. Use a new key for each request.`,
  example: '0193a4de-6c2f-7c1e-9f0a-2b6f3f6d8a11',
});

/** Passes the key in the header Idempotency-Key; undefined without the header. */
export const IdempotencyKey = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  parseKey(context.switchToHttp().getRequest<HttpRequest>().headers['idempotency-key']),
);

/** @throws InvalidQueryError for a quoted key with an error; the module checks its characters */
function parseKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = String(header).trim();
  if (!text.startsWith('"')) return text;
  const quoted = QUOTED.exec(text)?.[1];
  if (quoted === undefined) {
    const message = 'The quoted key is not valid. Escape quotes and backslashes, or send the key without quotes.';
    throw new InvalidQueryError([{ pointer: '/Idempotency-Key', code: 'malformed', message }]);
  }
  return quoted.replaceAll(/\\(["\\])/g, '$1');
}

/** Sets the header Idempotency-Replayed if this is the response to an earlier request. @returns the body of the response */
export function withoutReplay<Result extends { readonly replayed?: true }>(
  response: HttpResponse,
  { replayed, ...body }: Result,
): Omit<Result, 'replayed'> {
  if (replayed === true) response.header('idempotency-replayed', 'true');
  return body;
}
