import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../config/configuration.ts';
import { ApiKeysService } from './api-keys.service.ts';
import { InvalidTokenError } from './invalid-token.error.ts';
import { JwtVerifier } from './jwt-verifier.ts';
import type { Principal } from './principal.ts';

const API_KEY = /^sk_/;
// The third part, the signature, may be empty; then the verifier refuses it.
const JWT = /^[^.]+\.[^.]+\.[^.]*$/;

/** Tells whose a token is, of whichever kind it is. */
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
      throw new InvalidTokenError('This token is not valid: it is not of a kind that is known here.');
    if (this.jwts === undefined) throw new InvalidTokenError('This token is not valid: only API keys are taken here.');
    return this.jwts.verify(token);
  }
}
