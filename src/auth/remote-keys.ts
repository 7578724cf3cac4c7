import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { IdentityProviderUnavailableError } from './identity-provider-unavailable.error.ts';

const TIMEOUT_MS = 3000;
/** How long a key that was withdrawn still counts. */
const CACHE_MS = 10 * 60_000;
/** How soon after a fetch an unknown key makes it fetch again. */
const COOLDOWN_MS = 5000;
const PAUSE_AFTER_FAILURE_MS = 1000;

/**
 * The public keys at a JWKS address, fetched when they are needed. The address is the operator's own setting, so it may
 * lead into the private network, unlike what tenants set.
 * @throws IdentityProviderUnavailableError if a key is needed and the set cannot be had.
 */
export function remoteKeys(url: string): JWTVerifyGetKey {
  let failure: { readonly error: unknown; readonly until: number } | undefined;
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: CACHE_MS,
    cooldownDuration: COOLDOWN_MS,
    // Anyone can send what looks like a token: a provider in distress must not be asked for each of them.
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

/** The set is there, and the token names none of its keys, or does not say which. */
function isFaultOfToken(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
}
