import type { FastifyInstance, FastifyRequest } from 'fastify';

const UNREAD = 'application/vnd.score-connections.unread';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the body reaches the handler as a stream. */
    isUnread?: boolean;
  }
}

/** Lets routes read their bodies themselves. */
export function acceptUnreadBodies(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(UNREAD, (request, payload, done) => {
    if (request.isUnread === true) done(null, payload);
    else done(Object.assign(new Error('Send the body as application/json.'), { statusCode: 415 }));
  });
}

/** Has the handler of this request get its body as the stream that it is. For a hook before parsing. */
export function leaveUnread(request: FastifyRequest): void {
  request.isUnread = true;
  request.headers['content-type'] = UNREAD;
}
