import { ConnectionsError } from '../errors/connections.error.ts';

/** No configured key decrypts the secrets of a connection. They are unchanged. */
export class SecretsUnreadableError extends ConnectionsError {
  readonly code = 'secrets_unreadable';

  constructor(readonly connectionId: string) {
    super(
      `The secrets of connection ${connectionId} cannot be decrypted with the configured encryption keys. Add the key that encrypted them, or enter all secrets of the connection again.`,
    );
  }
}
