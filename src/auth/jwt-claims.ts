import type { JWTPayload } from 'jose';
import { InvalidTokenError } from './invalid-token.error.ts';
import type { Principal } from './principal.ts';
import type { Scope } from './scope.ts';

export const CLAIMS = ['org', 'role', 'sub'] as const;

const ORGANIZATION = /^[A-Za-z0-9._:-]{1,64}$/;
// No control or format characters, no half of a surrogate pair, no line separators: the subject goes into logs.
const SUBJECT = /^[^\p{C}\p{Zl}\p{Zp}]{1,150}$/u;
const SCOPES = new Map<unknown, Scope>([
  ['owner', 'manage'],
  ['admin', 'manage'],
  ['member', 'read'],
]);

/**
 * Whom the claims of the CRM speak of.
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

/** Whoever learns this holds a token that the CRM signed: naming the claim gives nothing away. */
export function unfit(claim: string): InvalidTokenError {
  return new InvalidTokenError(
    `This token is not valid here: its claim "${claim}" is missing or not as expected.`,
    true,
  );
}

// A subject that is too long is refused rather than cut to size: two users must not become one.
function matching(claim: string, value: unknown, pattern: RegExp): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw unfit(claim);
  return value;
}
