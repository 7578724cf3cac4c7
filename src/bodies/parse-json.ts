import { isUtf8 } from 'node:buffer';
import { type ExceededJsonLimit, exceededJsonLimit, type FieldError, jsonPointer } from '@score-crm/adapter-kit';
import { InvalidInputError } from '@score-crm/connections';
import type { FastifyRequest } from 'fastify';
import { JsonNotUtf8Error, JsonTooComplexError } from './json.errors.ts';

/** A message with all that it may have is of about 6,000 tokens and 3 levels. */
export const JSON_LIMITS = { maxDepth: 32, maxTokens: 20_000 } as const;

const BROKEN_CHARACTER = 'This contains half of a surrogate pair. Send whole characters.';

/**
 * Parses the body of an API request.
 * @throws JsonNotUtf8Error; JsonTooComplexError; an error of the status 400 if it is not JSON; InvalidInputError if a text
 *   contains a lone surrogate, which no database and no mail can hold
 */
export async function parseJson(request: FastifyRequest, bytes: Buffer): Promise<unknown> {
  if (!isUtf8(bytes)) throw new JsonNotUtf8Error();
  const exceeded: ExceededJsonLimit | undefined = exceededJsonLimit(bytes, JSON_LIMITS);
  if (exceeded !== undefined) throw new JsonTooComplexError(exceeded, JSON_LIMITS);
  const value = await parse(request, bytes.toString());
  const errors = brokenTexts(value, []);
  if (errors.length > 0) throw new InvalidInputError(errors);
  return value;
}

/** Fastify's parser, which refuses `__proto__` and skips a byte order mark. */
function parse(request: FastifyRequest, text: string): Promise<unknown> {
  const parser = request.server.getDefaultJsonParser('error', 'error');
  return new Promise((resolve, reject) => {
    void parser(request, text, (error, value) => (error === null ? resolve(value) : reject(error)));
  });
}

/** The depth and the number of values were limited before. */
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
