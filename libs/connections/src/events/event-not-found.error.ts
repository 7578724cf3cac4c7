import { ConnectionsError } from '../errors/connections.error.ts';

/** The connection has no event with this id. */
export class EventNotFoundError extends ConnectionsError {
  readonly code = 'not_found';

  constructor() {
    super('Event not found. Check the ID.');
  }
}
