import type { Caller } from '@score-crm/connections';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Scope } from './scope.ts';

/** Who a request comes from. All of it comes from the token or the session, never from the request. */
export interface Principal extends Caller {
  readonly scope: Scope;
  /** The API key that it holds, or that its session was opened with; null for a JWT. */
  readonly apiKeyId: string | null;
  /** The only connections that it may use; null for all of its organization. `connection-access.ts` enforces it. */
  readonly connectionIds: readonly string[] | null;
  /** When its JWT, session or API key ends; null for an API key that does not expire. */
  readonly expiresAt: Date | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    principal?: Principal;
  }
}

/** The principal of the request, as the guard found it. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (principal === undefined) throw new Error('A route without a right has no principal.');
  return principal;
});
