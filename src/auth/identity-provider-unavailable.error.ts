import { ServiceError } from '../problems/service.error.ts';

/** The keys for verifying JWTs could not be fetched from the identity provider. */
export class IdentityProviderUnavailableError extends ServiceError {
  readonly code = 'identity_provider_unavailable';

  constructor(options: ErrorOptions) {
    super('The keys for verifying tokens could not be fetched. Try again in a moment.', options);
  }
}
