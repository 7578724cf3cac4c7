import { Injectable } from '@nestjs/common';
import { digestOf } from './api-keys.service.ts';
import { Authenticator } from './authenticator.ts';
import { InvalidTokenError } from './invalid-token.error.ts';
import type { Principal } from './principal.ts';
import { SignInLimiter } from './sign-in-limiter.ts';

/** The one way in with a token, whether it comes in a header or to open a session: those who guess are slowed down. */
@Injectable()
export class SignIn {
  constructor(
    private readonly limiter: SignInLimiter,
    private readonly authenticator: Authenticator,
  ) {}

  /**
   * @param address where the token comes from.
   * @throws InvalidTokenError
   * @throws TooManyRequestsError
   * @throws IdentityProviderUnavailableError
   */
  async withToken(token: string, address: string): Promise<Principal> {
    const digest = digestOf(token);
    await this.limiter.check(address, digest);
    try {
      const principal = await this.authenticator.authenticate(token);
      this.limiter.succeeded(digest);
      return principal;
    } catch (error) {
      // What is not the token's fault is no attempt to guess one.
      if (error instanceof InvalidTokenError) await this.limiter.failed(address);
      throw error;
    }
  }
}
