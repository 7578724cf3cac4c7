import { ConnectionNotFoundError } from '@score-crm/connections';
import { type CustomDecorator, ForbiddenException, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from './principal.ts';

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
