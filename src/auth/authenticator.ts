import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { ApiKeysService } from './api-keys.service.ts';
import { InvalidTokenError } from './invalid-token.error.ts';
import { JwtVerifier } from './jwt-verifier.ts';
import type { Principal } from './principal.ts';

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
