/** The service is up, but its database is still being migrated, or it is about to stop. */
export class NotServingError extends Error {
  override readonly name = 'NotServingError';

  constructor(readonly phase: 'starting' | 'stopping') {
    super(
      phase === 'starting'
        ? 'The service is starting and migrates its database. Try again in a moment.'
        : 'This instance is stopping. Send new requests to another one.',
    );
  }
}
