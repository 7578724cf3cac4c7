import { randomUUID } from 'node:crypto';
import { ConnectionsError, type ErrorCode, PROBLEM_MEDIA_TYPE, toProblem } from '@score-crm/connections';
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, Injectable } from '@nestjs/common';
import type { HttpRequest, HttpResponse } from '../http/messages.ts';
import { NestRequestLog, type RequestLog } from '../http/request-log.ts';
import { type ConnectionsHttpOptions, HTTP_OPTIONS } from '../options/connections-http.options.ts';
import { ApiError, FrameworkError } from './api.errors.ts';
import { HTTP_ERROR_CODES } from './error-codes.ts';
import type { Problem } from './problem.dto.ts';

export interface ProblemOptions {
  /** The table of all codes. */
  readonly codes: Readonly<Record<string, ErrorCode>>;
  readonly log: RequestLog;
}

/** Every error of the API is returned as problem details (RFC 9457); those of the application itself are logged with their cause. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  private readonly options: ProblemOptions;

  constructor(@Inject(HTTP_OPTIONS) { errorCodes, requestLog = new NestRequestLog() }: ConnectionsHttpOptions) {
    this.options = { codes: { ...HTTP_ERROR_CODES, ...errorCodes }, log: requestLog };
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(error, http.getRequest<HttpRequest>(), http.getResponse<HttpResponse>(), this.options);
  }
}

/** Returns an error as problem details. */
export function sendProblem(
  error: unknown,
  request: HttpRequest,
  response: HttpResponse,
  { codes, log }: ProblemOptions,
): void {
  const known = hasCode(error) ? error : new FrameworkError(error);
  const { body, headers, isLogged } = toProblem(known, codes);
  const requestId = requestIdOf(request);
  if (isLogged) log.failed({ request, requestId, code: body.code, error });
  const problem: Problem = { ...body, requestId };
  response.status(body.status);
  for (const [name, value] of Object.entries({ ...headers, ...(known instanceof ApiError ? known.headers : {}) })) {
    response.header(name, value);
  }
  response.header('content-type', PROBLEM_MEDIA_TYPE);
  // As text: Express would send an object as application/json.
  response.send(JSON.stringify(problem));
}

/** Whether the error has a code: it is one of the API, the module or the application. */
export function hasCode(error: unknown): error is ConnectionsError<string> {
  return error instanceof ConnectionsError;
}

const REQUEST_ID = /^[A-Za-z0-9._:-]{1,100}$/;

/** Express has no IDs of its own: it gets that of the caller or proxy, if it is safe to log, or a new one. */
function requestIdOf({ id, headers }: HttpRequest): string {
  if (typeof id === 'string') return id;
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}
