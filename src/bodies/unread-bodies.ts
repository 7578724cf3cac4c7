import type { FastifyInstance } from 'fastify';

/**
 * Leaves every body unread until the guards have accepted the request. The API then reads JSON, and other bodies of the routes that
 * accept them.
 */
export function leaveBodiesUnread(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRequest', (request, _reply, done) => {
    // Fastify refuses a type that it cannot parse before it calls any parser. The API reads `rawHeaders`.
    delete request.headers['content-type'];
    done();
  });
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
}
