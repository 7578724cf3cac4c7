/** The database ended a query that went through too many rows for the time a query may take. */
export class QueryTimeoutError extends Error {
  override readonly name = 'QueryTimeoutError';

  constructor(cause: unknown) {
    super('The query took too long. Narrow it, for example to fewer days or to one recipient.', { cause });
  }
}
