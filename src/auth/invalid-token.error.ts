import { ServiceError } from '../problems/service.error.ts';

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
