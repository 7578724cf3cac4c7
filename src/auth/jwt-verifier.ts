import type { Scope } from '@score-crm/connections-http';
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import type { JwtConfiguration } from '../config/configuration.ts';
import { IdentityProviderUnavailableError, InvalidTokenError } from './auth.errors.ts';
import type { Principal } from './principal.ts';

const CLOCK_TOLERANCE_S = 5;

/** Verifies the JWTs that the CRM issues. */
export class JwtVerifier {
  private readonly keys: JWTVerifyGetKey;
  private readonly options: JWTVerifyOptions;

  constructor({ issuer, audience, key }: JwtConfiguration) {
    this.keys = key.kind === 'secret' ? sharedSecret(key.secret) : remoteKeys(key.url);
    this.options = {
      issuer,
      audience,
      // Never both kinds: a public key must not be used as a shared secret.
      algorithms: key.kind === 'secret' ? ['HS256'] : ['RS256', 'ES256', 'EdDSA'],
      requiredClaims: ['exp', ...CLAIMS],
      clockTolerance: CLOCK_TOLERANCE_S,
    };
  }

  /**
   * @throws InvalidTokenError
   * @throws IdentityProviderUnavailableError
   */
  async verify(token: string): Promise<Principal> {
    return principalOf(await this.claimsOf(token));
  }

  private async claimsOf(token: string): Promise<JWTPayload> {
    try {
      return (await jwtVerify(token, this.keys, this.options)).payload;
    } catch (error) {
      // jose verifies the signature before the claims: the first three are thrown for tokens with a valid signature.
      if (error instanceof errors.JWTExpired)
        throw new InvalidTokenError('The token has expired. Sign in again.', true);
      if (error instanceof errors.JWTClaimValidationFailed) throw unfit(error.claim);
      if (error instanceof errors.JWTInvalid) throw new InvalidTokenError('The token is not valid.', true);
      if (error instanceof errors.JOSEError) throw new InvalidTokenError('The token is not valid.');
      throw error;
    }
  }
}

function sharedSecret(secret: string): JWTVerifyGetKey {
  const bytes = new TextEncoder().encode(secret);
  return async () => bytes;
}

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
function unfit(claim: string): InvalidTokenError {
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

const TIMEOUT_MS = 3000;
/** How long a revoked key is still accepted. */
const CACHE_MS = 10 * 60_000;
/** The minimum time between fetches that unknown key IDs cause. */
const COOLDOWN_MS = 5000;
const PAUSE_AFTER_FAILURE_MS = 1000;

/**
 * The public keys at a JWKS URL, fetched on demand. The operator sets the URL, so unlike hosts that tenants set it may
 * be in a private network.
 * @throws IdentityProviderUnavailableError if a key is needed and the key set cannot be fetched
 */
function remoteKeys(url: string): JWTVerifyGetKey {
  let failure: { readonly error: unknown; readonly until: number } | undefined;
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: CACHE_MS,
    cooldownDuration: COOLDOWN_MS,
    // Anyone can send something that looks like a token. It must not cause a request to a provider that is failing.
    [customFetch]: async (href, init) => {
      if (failure !== undefined && Date.now() < failure.until) throw failure.error;
      failure = undefined;
      return fetch(href, init);
    },
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (isFaultOfToken(error)) throw error;
      failure ??= { error, until: Date.now() + PAUSE_AFTER_FAILURE_MS };
      throw new IdentityProviderUnavailableError({ cause: error });
    }
  };
}

/** The key set was fetched, but no key matches the token, or more than one does. */
function isFaultOfToken(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
}
