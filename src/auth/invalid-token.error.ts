/** A token that lets nobody in. Its message is for the client: it says why, and nothing of the token. */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
}
