import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import type { JwtConfiguration } from '../config/configuration.ts';
import { InvalidTokenError } from './invalid-token.error.ts';
import { CLAIMS, principalOf, unfit } from './jwt-claims.ts';
import type { Principal } from './principal.ts';
import { remoteKeys } from './remote-keys.ts';

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
