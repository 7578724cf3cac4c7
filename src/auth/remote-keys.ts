import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { IdentityProviderUnavailableError } from './identity-provider-unavailable.error.ts';

const TIMEOUT_MS = 3000;
/** How long a revoked key is still accepted. */
const CACHE_MS = 10 * 60_000;
/** The minimum time between fetches that unknown key ids cause. */
const COOLDOWN_MS = 5000;
const PAUSE_AFTER_FAILURE_MS = 1000;

/**
 * The public keys at a JWKS URL, fetched on demand. The operator sets the URL, so unlike hosts that tenants set it may
 * be in a private network.
 * @throws IdentityProviderUnavailableError if a key is needed and the key set cannot be fetched
 */
export function remoteKeys(url: string): JWTVerifyGetKey {
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
