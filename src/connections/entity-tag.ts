import { createHash } from 'node:crypto';
import { type Connection, InvalidQueryError } from '@score-crm/connections';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

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

/** Returns 304 for a GET whose `If-None-Match` has the ETag of the response (RFC 9110, 13.1.2). Call it before routes are added. */
export function supportIfNoneMatch(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const isRead = [route.method].flat().every((method) => method === 'GET' || method === 'HEAD');
    const hooks = [route.onSend ?? []].flat();
    // Fastify derives the HEAD route from the GET route, with its hooks.
    if (isRead && !hooks.includes(omitUnchanged)) route.onSend = [...hooks, omitUnchanged];
  });
}

async function omitUnchanged(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  const tags = request.headers['if-none-match'];
  const etag = reply.getHeader('etag');
  if (reply.statusCode !== 200 || tags === undefined || typeof etag !== 'string') return payload;
  if (!includesTag(tags, etag)) return payload;
  void reply.code(304);
  // Fastify takes the body of a HEAD away by itself.
  if (request.method === 'HEAD') return payload;
  void reply.removeHeader('content-type').removeHeader('content-length');
  return null;
}

/** Weak comparison, as the header requires it. */
function includesTag(tags: string, etag: string): boolean {
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  return tags.trim() === '*' || tags.split(',').some((tag) => opaque(tag) === opaque(etag));
}
