/** Too much is waiting for the database already. The same call may succeed in a moment. */
export class DatabaseOverloadedError extends Error {
  override readonly name = 'DatabaseOverloadedError';

  constructor() {
    super('The database is overloaded. Try again in a moment.');
  }
}
