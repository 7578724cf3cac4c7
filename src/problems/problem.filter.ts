import { ConnectionsError, PROBLEM_MEDIA_TYPE, toProblem } from '@score-crm/connections';
import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ERROR_CODES, type ErrorCodeName } from './error-codes.ts';
import { FrameworkError, ServiceError } from './service.errors.ts';
import type { Problem } from './problem.dto.ts';

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

/** Whether it is an error of the service or the module. */
export function hasCode(error: unknown): error is ConnectionsError<ErrorCodeName> {
  return error instanceof ConnectionsError;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The paths of all routes, with their methods. */
    readonly knownPaths: Map<string, KnownPath>;
  }
}

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** The path exists, but not with this method. */
export class MethodNotAllowedError extends ServiceError {
  readonly code = 'method_not_allowed';

  constructor(
    method: string,
    readonly allowed: readonly string[],
  ) {
    super(`${method} is not allowed here. Allowed methods: ${allowed.join(', ')}.`);
  }

  override get headers(): { readonly allow: string } {
    return { allow: this.allowed.join(', ') };
  }
}

/** Remembers the routes that are registered after this call, for `methodError`. */
export function rememberPaths(fastify: FastifyInstance): void {
  const paths = new Map<string, KnownPath>();
  fastify.decorate('knownPaths', paths);
  fastify.addHook('onRoute', ({ url, method }) => {
    // A wildcard matches paths that do not exist.
    if (url.includes('*')) return;
    const path = paths.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const name of [method].flat()) path.methods.add(name);
    paths.set(url, path);
  });
}

/** @returns undefined unless the router found nothing because of the method */
function methodError(error: unknown, request: FastifyRequest): MethodNotAllowedError | undefined {
  if (!(error instanceof NotFoundException) || !request.is404) return undefined;
  const [path = ''] = request.url.split('?', 1);
  // Several may match: `/connections/test` and `/connections/:id`.
  const known = [...request.server.knownPaths.values()].filter(({ pattern }) => pattern.test(path));
  const methods = new Set(known.flatMap((one) => [...one.methods]));
  // If the path has this method, it was not found for another reason.
  if (methods.size === 0 || methods.has(request.method)) return undefined;
  return new MethodNotAllowedError(request.method, [...methods].toSorted());
}

function patternOf(url: string): RegExp {
  const segments = url
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : segment.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${segments.join('/')}/?$`);
}
