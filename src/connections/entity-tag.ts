import { InvalidQueryError } from '@score-crm/connections';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

export function entityTag(version: number): string {
  return `"${String(version)}"`;
}

/** Passes the version in the header If-Match; undefined without the header, or for `*`. */
export const ExpectedVersion = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  parseIfMatch(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
);

/** @throws InvalidQueryError for anything but one strong tag of a connection */
function parseIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const version = /^"(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version === undefined) {
    const message = 'Use the ETag of the connection, such as "3", or *.';
    throw new InvalidQueryError([{ pointer: '/If-Match', code: 'malformed', message }]);
  }
  return Number(version);
}
