import { createHash } from 'node:crypto';
import { type Connection, InvalidQueryError } from '@score-crm/connections';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

const DIGEST_LENGTH = 16;
const TAG = /^"(\d{1,9})(?:\.[\w-]{16})?"$/;

/**
 * The version of the connection and a digest of all that is returned of it. The version alone would not do for
 * `If-None-Match`: tests, usages and webhook requests change what a connection shows, but not its version.
 */
export function entityTag(connection: Connection): string {
  const digest = createHash('sha256').update(JSON.stringify(connection)).digest('base64url').slice(0, DIGEST_LENGTH);
  return `"${String(connection.version)}.${digest}"`;
}

/** Passes the version in the header If-Match; undefined without the header, or for `*`. */
export const ExpectedVersion = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  parseIfMatch(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
);

/**
 * The digest is not compared: a change applies to the version.
 * @throws InvalidQueryError for anything but one strong tag of a connection, or its version in quotes
 */
function parseIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const version = TAG.exec(header.trim())?.[1];
  if (version === undefined) {
    const message = 'Use the ETag of the connection, such as "3", or *.';
    throw new InvalidQueryError([{ pointer: '/If-Match', code: 'malformed', message }]);
  }
  return Number(version);
}
