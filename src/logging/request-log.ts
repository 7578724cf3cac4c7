import type { RequestLog } from '@score-crm/connections-http';
import type { FastifyRequest } from 'fastify';

/** Writes what the API logs about requests to the log of the service, which leaves out what may be secret. */
export const REQUEST_LOG: RequestLog = {
  failed: ({ request, requestId, code, error }) => {
    (request as FastifyRequest).log.error({ requestId, err: error }, `Request failed: ${code}`);
  },
  abandoned: ({ request, outcome }) => {
    const { id: requestId, method, routeOptions, log } = request as FastifyRequest;
    log.info({ requestId, method, route: routeOptions.url, outcome }, 'request ended after its caller disconnected');
  },
};
