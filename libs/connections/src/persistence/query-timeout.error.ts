import { ConnectionsError } from '../errors/connections.error.ts';

/** The database stopped a query that read too many rows for the time a query may take. */
export class QueryTimeoutError extends ConnectionsError {
  readonly code = 'query_timeout';

  constructor(cause: unknown) {
    super('The query took too long. Narrow it, for example to fewer days or to one recipient.', { cause });
  }
}
