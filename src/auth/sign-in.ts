import { Injectable } from '@nestjs/common';
import { Authenticator } from './authenticator.ts';
import { InvalidTokenError } from './invalid-token.error.ts';
import type { Principal } from './principal.ts';
import { SignInLimiter } from './sign-in-limiter.ts';

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
