import { Inject, Injectable } from '@nestjs/common';
import { networkOf } from '../bodies/read-body.ts';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { ApiKeysService } from './api-keys.service.ts';
import { InvalidTokenError } from './auth.errors.ts';
import { JwtVerifier } from './jwt-verifier.ts';
import type { Principal } from './principal.ts';
import { RateLimiter, RateLimitExceededError } from '../rate-limits/rate-limiter.ts';

const API_KEY = /^sk_/;
// The verifier rejects an empty signature.
const JWT = /^[^.]+\.[^.]+\.[^.]*$/;

/** Returns the principal of a token, which is an API key or a JWT. */
@Injectable()
export class Authenticator {
  private readonly jwts: JwtVerifier | undefined;

  constructor(
    private readonly apiKeys: ApiKeysService,
    @Inject(CONFIGURATION) { jwt }: Configuration,
  ) {
    this.jwts = jwt === undefined ? undefined : new JwtVerifier(jwt);
  }

  /**
   * @throws InvalidTokenError
   * @throws IdentityProviderUnavailableError
   */
  async authenticate(token: string): Promise<Principal> {
    if (API_KEY.test(token)) return this.apiKeys.authenticate(token);
    if (!JWT.test(token))
      throw new InvalidTokenError('The token is not an API key or a JWT. Check that you copied all of it.');
    if (this.jwts === undefined)
      throw new InvalidTokenError('This service accepts only API keys. Create one, or configure JWT authentication.');
    return this.jwts.verify(token);
  }
}

/**
 * Limits failed sign-ins by network address. It counts after a token was rejected and never before, so a valid token is
 * accepted regardless of other requests from the same address.
 */
@Injectable()
export class SignInLimiter {
  constructor(private readonly limiter: RateLimiter) {}

  /**
   * Counts a failed sign-in.
   * @throws RateLimitExceededError if the address has exceeded its limit
   */
  async failed(address: string): Promise<void> {
    const applied = await this.limiter.consume('sign-in', networkOf(address));
    if (applied?.state.exceeded !== true) return;
    throw new RateLimitExceededError([applied], 'Too many failed sign-ins from your network address.');
  }
}

/** Signs in with a token, from a header or to create a session, and limits failed attempts. */
@Injectable()
export class SignIn {
  constructor(
    private readonly limiter: SignInLimiter,
    private readonly authenticator: Authenticator,
  ) {}

  /**
   * @param address the network address of the sender
   * @throws InvalidTokenError
   * @throws RateLimitExceededError for an invalid token from an address that has sent too many
   * @throws IdentityProviderUnavailableError
   */
  async withToken(token: string, address: string): Promise<Principal> {
    try {
      return await this.authenticator.authenticate(token);
    } catch (error) {
      if (error instanceof InvalidTokenError && !error.isGenuine) await this.limiter.failed(address);
      throw error;
    }
  }
}
