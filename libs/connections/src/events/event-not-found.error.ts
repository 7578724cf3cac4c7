/** The connection has no such event. */
export class EventNotFoundError extends Error {
  override readonly name = 'EventNotFoundError';

  constructor() {
    super('There is no event with this id.');
  }
}
