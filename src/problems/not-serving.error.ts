import { ServiceError } from './service.error.ts';

/** The service is migrating its database, or is stopping. */
export class NotServingError extends ServiceError {
  constructor(readonly code: 'starting' | 'stopping') {
    super(
      code === 'starting'
        ? 'The service is starting and migrates its database. Try again in a moment.'
        : 'This instance is stopping. Send new requests to another one.',
    );
  }
}
