import { createHash } from 'node:crypto';
import { InvalidQueryError } from '@score-crm/connections';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ApiHeaderOptions } from '@nestjs/swagger';
import type { HttpRequest, HttpResponse } from '../http/messages.ts';

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
export function withETag<Resource extends Versioned>(response: HttpResponse, resource: Resource): Resource {
  response.header('etag', entityTag(resource));
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
  parseIfMatch(context.switchToHttp().getRequest<HttpRequest>().headers['if-match']),
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

/**
 * Sets the header ETag, and the status 304 if the header `If-None-Match` has it (RFC 9110, 13.1.2).
 * @returns the body of the response: the resource, or undefined if the client has it already
 */
export function unlessUnchanged<Resource extends Versioned>(
  request: HttpRequest,
  response: HttpResponse,
  resource: Resource,
): Resource | undefined {
  const etag = entityTag(resource);
  response.header('etag', etag);
  const { 'if-none-match': tags } = request.headers;
  if (tags === undefined || !includesTag(tags, etag)) return resource;
  response.status(304);
  return undefined;
}

/** Weak comparison, as the header requires it. */
function includesTag(tags: string, etag: string): boolean {
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  return tags.trim() === '*' || tags.split(',').some((tag) => opaque(tag) === opaque(etag));
}
