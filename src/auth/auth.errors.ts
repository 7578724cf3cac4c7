import { ServiceError } from '../problems/service.errors.ts';

/** A token that is not accepted. The message names the reason for the client, and contains nothing of the token. */
export class InvalidTokenError extends ServiceError {
  readonly code = 'unauthorized';

  /** @param isGenuine whether this service or the identity provider issued the token, so it is not an attempt to guess one */
  constructor(
    message: string,
    readonly isGenuine = false,
  ) {
    super(message);
  }
}

/** The keys for verifying JWTs could not be fetched from the identity provider. */
export class IdentityProviderUnavailableError extends ServiceError {
  readonly code = 'identity_provider_unavailable';

  constructor(options: ErrorOptions) {
    super('The keys for verifying tokens could not be fetched. Try again in a moment.', options);
  }
}

/** The organization has no API key with this ID. */
export class ApiKeyNotFoundError extends ServiceError {
  readonly code = 'not_found';

  constructor() {
    super('API key not found. Check the ID.');
  }
}
