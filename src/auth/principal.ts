import { type ApiCaller, callerOf } from '@score-crm/connections-http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The sender of a request. All of it comes from the token or the session, never from the request. */
export interface Principal extends ApiCaller {
  /** The API key of the request or of its session; null for a JWT. */
  readonly apiKeyId: string | null;
}

/** The principal of a request; undefined if it needs none. `BearerAuthentication` returns all callers of the service. */
export function principalOf(request: FastifyRequest): Principal | undefined {
  return callerOf(request) as Principal | undefined;
}

/** Passes the principal of the request. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const principal = principalOf(context.switchToHttp().getRequest<FastifyRequest>());
  if (principal === undefined) throw new Error('The route requires no scope, so it has no principal.');
  return principal;
});
