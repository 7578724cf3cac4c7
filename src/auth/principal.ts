import { type Caller, ConnectionNotFoundError } from '@score-crm/connections';
import {
  applyDecorators,
  createParamDecorator,
  type CustomDecorator,
  type ExecutionContext,
  ForbiddenException,
  SetMetadata,
} from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

/** What a key may do. Each scope includes the ones before it. */
export const SCOPES = ['read', 'send', 'manage'] as const;
export type Scope = (typeof SCOPES)[number];

export function includesScope(held: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(held) >= SCOPES.indexOf(needed);
}

/** The sender of a request. All of it comes from the token or the session, never from the request. */
export interface Principal extends Caller {
  readonly scope: Scope;
  /** The API key of the request or of its session; null for a JWT. */
  readonly apiKeyId: string | null;
  /** The connections that it is restricted to; null for no restriction. `assertRouteIsOpen` enforces it. */
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

export const REQUIRED_SCOPE = 'score-connections:required-scope';

/** The scope that a route requires. Requests to a route without this decorator, or `Public`, are rejected. */
export function Requires(scope: Scope): MethodDecorator {
  return applyDecorators(SetMetadata(REQUIRED_SCOPE, scope), ApiSecurity('bearer', [scope]), ApiSecurity('session'));
}

export const PUBLIC = 'score-connections:public';

/** A route that requires no token. */
export function Public(): MethodDecorator & ClassDecorator {
  return SetMetadata(PUBLIC, true);
}

export const FOR_RESTRICTED_KEYS = 'score-connections:for-restricted-keys';

/**
 * Allows API keys that are restricted to connections to call a route without a connection in its path. The route itself
 * must not return or change other connections than `Principal.connectionIds`.
 */
export function ForRestrictedKeys(): CustomDecorator {
  return SetMetadata(FOR_RESTRICTED_KEYS, true);
}

const OF_ONE_CONNECTION = /^\/api\/v1\/connections\/:id(?:\/|$)/;

/**
 * Limits a restricted API key to its connections. Others are not found, and routes of the whole organization are forbidden
 * unless they have `@ForRestrictedKeys()`.
 * @throws ConnectionNotFoundError, ForbiddenException
 */
export function assertRouteIsOpen(principal: Principal, request: FastifyRequest, isMarked: boolean): void {
  if (principal.connectionIds === null) return;
  if (OF_ONE_CONNECTION.test(request.routeOptions.url ?? '')) {
    assertMayUse(principal, (request.params as { readonly id?: unknown }).id);
  } else if (!isMarked) {
    throw new ForbiddenException('This API key is restricted to certain connections. Use a key without a restriction.');
  }
}

/** @throws ConnectionNotFoundError */
export function assertMayUse({ connectionIds }: Principal, id: unknown): void {
  if (connectionIds !== null && !connectionIds.some((own) => own === id)) throw new ConnectionNotFoundError();
}
