/** Whether a token is valid cannot be told: the keys of those who issue it cannot be had. */
export class IdentityProviderUnavailableError extends Error {
  override readonly name = 'IdentityProviderUnavailableError';

  constructor(options: ErrorOptions) {
    super('The keys that tokens are checked with cannot be fetched at the moment.', options);
  }
}
