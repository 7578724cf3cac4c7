/** A token that is not accepted. Its message is for the client: it has the reason, and nothing of the token. */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';

  /** @param isGenuine whether this service or the identity provider issued the token, which is then no attempt to guess one */
  constructor(
    message: string,
    readonly isGenuine = false,
  ) {
    super(message);
  }
}
