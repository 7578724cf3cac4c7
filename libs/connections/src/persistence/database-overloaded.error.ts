/** Too much is waiting for the database already. The same call may succeed in a moment. */
export class DatabaseOverloadedError extends Error {
  override readonly name = 'DatabaseOverloadedError';

  constructor() {
    super('Too much is waiting for the database at the moment. Try again in a moment.');
  }
}
