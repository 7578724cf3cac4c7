import type { FastifyInstance } from 'fastify';
import { NotServingError } from '../problems/not-serving.error.ts';
import { sendProblem } from '../problems/problem.filter.ts';
import type { Lifecycle, Phase } from './lifecycle.ts';

/** Load balancers that have not noticed a stop yet still get their requests answered. */
const DEFAULT_PHASES: readonly Phase[] = ['serving', 'stopping'];

/** Answers 503 on each route that is not served in the current phase. `@ServedDuring` names the phases of a route. */
export function guardByPhase(fastify: FastifyInstance, lifecycle: Lifecycle): void {
  fastify.addHook('onRequest', async (request, reply) => {
    const { phase } = lifecycle;
    const { servedDuring = DEFAULT_PHASES } = request.routeOptions.config;
    if (phase === 'serving' || servedDuring.includes(phase)) return undefined;
    // The body stays unread: Node must not wait for the rest of it on this connection.
    void reply.headers({ connection: 'close', 'cache-control': 'no-store' });
    sendProblem(new NotServingError(phase), request, reply);
    return reply;
  });
}
