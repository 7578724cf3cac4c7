import { ConnectionsError, PROBLEM_MEDIA_TYPE, toProblem } from '@score-crm/connections';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { methodError } from './allowed-methods.ts';
import { ERROR_CODES, type ErrorCodeName } from './error-codes.ts';
import { FrameworkError } from './framework.error.ts';
import type { Problem } from './problem.ts';
import { ServiceError } from './service.error.ts';

/** Every error is returned as problem details; those of the service itself are logged with their cause. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = hasCode(error) ? error : (methodError(error, request) ?? new FrameworkError(error));
  const { body, headers, isLogged } = toProblem(known, ERROR_CODES);
  if (isLogged) request.log.error({ requestId: request.id, err: error }, `Request failed: ${body.code}`);
  const problem: Problem = { ...body, requestId: request.id };
  void reply
    .code(body.status)
    .headers({ ...headers, ...(known instanceof ServiceError ? known.headers : {}) })
    .type(PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(problem));
}

function hasCode(error: unknown): error is ConnectionsError<ErrorCodeName> {
  return error instanceof ConnectionsError;
}
