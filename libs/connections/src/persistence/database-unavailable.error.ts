/** The database cannot be reached, or cannot take a write at the moment. The same call may succeed later. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';

  constructor(cause: unknown) {
    super('The database is not available at the moment.', { cause });
  }
}
