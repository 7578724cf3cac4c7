import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NotServingError } from './not-serving.error.ts';
import { outcomeOf } from './outcome.ts';
import type { Problem } from './problem.ts';

/** Every failure leaves as problem details; ours are logged with the error that caused them. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { headers, ...outcome } = outcomeOf(error);
  // The phases of the service are not failures of a request.
  if (outcome.status >= 500 && !(error instanceof NotServingError)) {
    request.log.error({ requestId: request.id, err: error }, `Request failed: ${outcome.code}`);
  }
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[outcome.status] ?? 'Error',
    ...outcome,
    requestId: request.id,
  };
  void reply
    .code(outcome.status)
    .headers(headers ?? {})
    .type('application/problem+json')
    .send(JSON.stringify(problem));
}
