import { sendProblem as sendApiProblem } from '@score-crm/connections-http';
import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { REQUEST_LOG } from '../logging/request-log.ts';
import { ERROR_CODES } from './error-codes.ts';
import { ServiceError } from './service.errors.ts';

/** Errors outside of the API, such as those of the router, are returned as problem details too. */
@Catch()
export class ServiceProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  sendApiProblem(routeError(error, request) ?? error, request, reply, { codes: ERROR_CODES, log: REQUEST_LOG });
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

/** No route has this path. */
export class UnknownUrlError extends ServiceError {
  readonly code = 'not_found';

  constructor() {
    super('Not found. Check the URL; the API reference is at /api/docs.');
  }
}

/** Remembers the routes that are registered after this call, for the errors of the router. */
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

/** @returns undefined unless the router found nothing */
function routeError(error: unknown, request: FastifyRequest): ServiceError | undefined {
  if (!(error instanceof NotFoundException) || !request.is404) return undefined;
  const [path = ''] = request.url.split('?', 1);
  // Several may match: `/connections/test` and `/connections/:id`.
  const known = [...request.server.knownPaths.values()].filter(({ pattern }) => pattern.test(path));
  const methods = new Set(known.flatMap((one) => [...one.methods]));
  // If the path has this method, it was not found for another reason.
  if (methods.size === 0 || methods.has(request.method)) return new UnknownUrlError();
  return new MethodNotAllowedError(request.method, [...methods].toSorted());
}

function patternOf(url: string): RegExp {
  const segments = url
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : segment.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${segments.join('/')}/?$`);
}
