import { ConnectionsError } from '../errors/connections.error.ts';

/** Too many operations are waiting for the database. The same call may succeed in a moment. */
export class DatabaseOverloadedError extends ConnectionsError {
  readonly code = 'overloaded';

  constructor() {
    super('The database is overloaded. Try again in a moment.');
  }
}
