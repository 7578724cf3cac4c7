import type { FastifyInstance } from 'fastify';

/**
 * Ends the connection of every request that is answered during a stop. Fastify waits for what is in flight, but Node
 * would keep such a connection alive afterwards, and the process with it.
 */
export function endConnectionsOnStop(fastify: FastifyInstance): void {
  let stopping = false;
  fastify.addHook('preClose', (done) => {
    stopping = true;
    done();
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (stopping) void reply.header('connection', 'close');
    done(null, payload);
  });
}
