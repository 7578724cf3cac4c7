import type { FastifyInstance } from 'fastify';

/** Returns 304 for a GET whose `If-None-Match` has the ETag of the response (RFC 9110, 13.1.2). */
export function supportIfNoneMatch(fastify: FastifyInstance): void {
  fastify.addHook('onSend', async (request, reply, payload: unknown) => {
    const tags = request.headers['if-none-match'];
    const etag = reply.getHeader('etag');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || reply.statusCode !== 200 || tags === undefined || typeof etag !== 'string') return payload;
    if (!includesTag(tags, etag)) return payload;
    void reply.code(304);
    // Fastify takes the body of a HEAD away by itself.
    if (request.method === 'HEAD') return payload;
    void reply.removeHeader('content-type').removeHeader('content-length');
    return null;
  });
}

/** Weak comparison, as the header requires it. */
function includesTag(tags: string, etag: string): boolean {
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  return tags.trim() === '*' || tags.split(',').some((tag) => opaque(tag) === opaque(etag));
}
