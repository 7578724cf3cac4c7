import type { FastifyInstance } from 'fastify';
import { NotServingError } from '../problems/not-serving.error.ts';
import { sendProblem } from '../problems/problem.filter.ts';
import type { Lifecycle } from './lifecycle.ts';

const LIVE = '/health/live';
const READY = '/health/ready';

/**
 * Answers 503 to everything but `/health/live` until the service has started. During a stop `/health/ready` alone answers 503:
 * load balancers that have not noticed yet still get their requests answered.
 */
export function guardByPhase(fastify: FastifyInstance, lifecycle: Lifecycle): void {
  fastify.addHook('onRequest', async (request, reply) => {
    const { phase } = lifecycle;
    const { url } = request.routeOptions;
    if (phase === 'serving' || (phase === 'starting' ? url === LIVE : url !== READY)) return undefined;
    // The body stays unread: Node must not wait for the rest of it on this connection.
    void reply.header('connection', 'close');
    sendProblem(new NotServingError(phase), request, reply);
    return reply;
  });
}
