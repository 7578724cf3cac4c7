import type { Caller } from '@score-crm/connections';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Scope } from './scope.ts';

/** Who a request comes from. Organisation and scope come from the token, never from the request. */
export interface Principal extends Caller {
  readonly scope: Scope;
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
