import { createHash } from 'node:crypto';
import { InvalidQueryError } from '@score-crm/connections';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ApiHeaderOptions } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A resource whose changes are counted. */
interface Versioned {
  readonly version: number;
}

const DIGEST_LENGTH = 16;
const TAG = /^"(\d{1,9})(?:\.[\w-]{16})?"$/;

/**
 * The version of a resource and a digest of all that is returned of it. The version alone would not do for
 * `If-None-Match`: tests, usages and webhook requests change what a connection shows, but not its version.
 */
function entityTag(resource: Versioned): string {
  const digest = createHash('sha256').update(JSON.stringify(resource)).digest('base64url').slice(0, DIGEST_LENGTH);
  return `"${String(resource.version)}.${digest}"`;
}

/** Sets the header ETag. @returns the resource */
export function withETag<Resource extends Versioned>(reply: FastifyReply, resource: Resource): Resource {
  void reply.header('etag', entityTag(resource));
  return resource;
}

/** Describes the header of a request that changes a resource. */
export const IF_MATCH = (resource: string): ApiHeaderOptions => ({
  name: 'If-Match',
  required: false,
  description: `The \`ETag\` of the ${resource} when you read it. The request fails with 412 if the ${resource} has changed.`,
});

/** Describes the header of a request that reads a resource. */
export const IF_NONE_MATCH = (resource: string): ApiHeaderOptions => ({
  name: 'If-None-Match',
  required: false,
  description: `The \`ETag\` of a ${resource} that you have stored. The response is 304 if the ${resource} has not changed.`,
});

/** Passes the version in the header If-Match; undefined without the header, or for `*`. */
export const ExpectedVersion = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  parseIfMatch(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
);

/**
 * The digest is not compared: a change applies to the version.
 * @throws InvalidQueryError for anything but one strong tag of a resource, or its version in quotes
 */
function parseIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const version = TAG.exec(header.trim())?.[1];
  if (version === undefined) {
    const message = 'Use the ETag of the resource, such as "3", or *.';
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
