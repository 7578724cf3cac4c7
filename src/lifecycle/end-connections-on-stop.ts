import type { FastifyInstance } from 'fastify';
import type { Lifecycle } from './lifecycle.ts';

/**
 * Ends the connection of every request that is answered during a stop. Fastify waits for what is in flight, but Node
 * would keep such a connection alive afterwards, and the process with it.
 */
export function endConnectionsOnStop(fastify: FastifyInstance, lifecycle: Lifecycle): void {
  fastify.addHook('preClose', (done) => {
    lifecycle.stop();
    done();
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (lifecycle.phase === 'stopping') void reply.header('connection', 'close');
    done(null, payload);
  });
}
