import type { Caller } from '@score-crm/connections';
import { applyDecorators, type CustomDecorator, SetMetadata } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';

/** What a key may do. Each scope includes the ones before it. */
export const SCOPES = ['read', 'send', 'manage'] as const;
export type Scope = (typeof SCOPES)[number];

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
