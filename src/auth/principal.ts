import type { Caller } from '@score-crm/connections';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Scope } from './scope.ts';

/** The sender of a request. All of it comes from the token or the session, never from the request. */
export interface Principal extends Caller {
  readonly scope: Scope;
  /** The API key of the request or of its session; null for a JWT. */
  readonly apiKeyId: string | null;
  /** The connections that it is restricted to; null for no restriction. `connection-access.ts` enforces it. */
  readonly connectionIds: readonly string[] | null;
  /** When its JWT, session or API key ends; null for an API key that does not expire. */
  readonly expiresAt: Date | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    principal?: Principal;
  }
}

/** The principal of the request, set by `BearerGuard`. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (principal === undefined) throw new Error('The route requires no scope, so it has no principal.');
  return principal;
});
