/** The secrets of a connection cannot be opened with the configured keys. They are left as they are. */
export class SecretsUnreadableError extends Error {
  override readonly name = 'SecretsUnreadableError';

  constructor(readonly connectionId: string) {
    super(
      `The secrets of connection ${connectionId} cannot be opened with the configured ENCRYPTION_KEYS. Add the key that encrypted them, or enter every secret of the connection anew.`,
    );
  }
}
