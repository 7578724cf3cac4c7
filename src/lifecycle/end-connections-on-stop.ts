import type { FastifyInstance } from 'fastify';
import type { Lifecycle } from './lifecycle.ts';

/**
 * Closes the connection after each response during a stop. Fastify waits for requests in flight, but Node would keep
 * their connections alive afterwards, and with them the process.
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
