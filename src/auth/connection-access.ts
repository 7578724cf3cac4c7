import { ConnectionNotFoundError } from '@score-crm/connections';
import { type CustomDecorator, ForbiddenException, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from './principal.ts';

export const FOR_RESTRICTED_KEYS = 'score-connections:for-restricted-keys';

/**
 * A route that API keys restricted to connections may call although no connection is in its path. It must show and touch
 * nothing of other connections: `Principal.connectionIds` names those of the key.
 */
export function ForRestrictedKeys(): CustomDecorator {
  return SetMetadata(FOR_RESTRICTED_KEYS, true);
}

const OF_ONE_CONNECTION = /^\/api\/v1\/connections\/:id(?:\/|$)/;

/**
 * Keeps a restricted API key to its connections: others are not found, and routes of the whole organization are forbidden
 * unless they are marked with `ForRestrictedKeys`.
 * @throws ConnectionNotFoundError, ForbiddenException
 */
export function assertRouteIsOpen(principal: Principal, request: FastifyRequest, isMarked: boolean): void {
  if (principal.connectionIds === null) return;
  if (OF_ONE_CONNECTION.test(request.routeOptions.url ?? '')) {
    assertMayUse(principal, (request.params as { readonly id?: unknown }).id);
  } else if (!isMarked) {
    throw new ForbiddenException(
      'This API key is restricted to certain connections. Use a key of the whole organization for this.',
    );
  }
}

/** @throws ConnectionNotFoundError */
export function assertMayUse({ connectionIds }: Principal, id: unknown): void {
  if (connectionIds !== null && !connectionIds.some((own) => own === id)) throw new ConnectionNotFoundError();
}
