import { ConnectionsError } from '../errors/connections.error.ts';

/** The database does not respond, or cannot write at the moment. The same call may succeed later. */
export class DatabaseUnavailableError extends ConnectionsError {
  readonly code = 'database_unavailable';

  constructor(cause: unknown) {
    super('The database is unavailable. Try again in a moment.', { cause });
  }
}
