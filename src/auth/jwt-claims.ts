import type { JWTPayload } from 'jose';
import { InvalidTokenError } from './invalid-token.error.ts';
import type { Principal } from './principal.ts';
import type { Scope } from './scope.ts';

export const CLAIMS = ['org', 'role', 'sub'] as const;

const ORGANIZATION = /^[A-Za-z0-9._:-]{1,64}$/;
// The subject is logged, so control and format characters, lone surrogates and line separators are not allowed.
const SUBJECT = /^[^\p{C}\p{Zl}\p{Zp}]{1,150}$/u;
const SCOPES = new Map<unknown, Scope>([
  ['owner', 'manage'],
  ['admin', 'manage'],
  ['member', 'read'],
]);

/**
 * The principal that the claims of a JWT identify.
 * @throws InvalidTokenError
 */
export function principalOf({ org, role, sub, exp }: JWTPayload): Principal {
  const scope = SCOPES.get(role);
  if (scope === undefined) throw unfit('role');
  if (exp === undefined) throw unfit('exp');
  return {
    organization: matching('org', org, ORGANIZATION),
    actor: `user:${matching('sub', sub, SUBJECT)}`,
    scope,
    apiKeyId: null,
    connectionIds: null,
    expiresAt: new Date(exp * 1000),
  };
}

/** The sender holds a token that the CRM signed, so naming the claim discloses nothing. */
export function unfit(claim: string): InvalidTokenError {
  return new InvalidTokenError(
    `The token's claim "${claim}" is missing or not valid. Sign in again, or check the service's JWT settings.`,
    true,
  );
}

// A subject that is too long is rejected, not truncated: two users must not become one.
function matching(claim: string, value: unknown, pattern: RegExp): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw unfit(claim);
  return value;
}
