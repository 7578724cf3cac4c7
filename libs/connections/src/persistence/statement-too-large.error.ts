import { ConnectionsError } from '../errors/connections.error.ts';

/** A value is larger than the largest statement that the database server accepts (`max_allowed_packet`). */
export class StatementTooLargeError extends ConnectionsError {
  readonly code = 'statement_too_large';

  constructor(
    /** The maximum size of a statement in bytes. */
    readonly limit: number,
    cause?: unknown,
  ) {
    super(
      `The data is larger than the database accepts (${String(limit)} bytes). Send less, or ask the operator to raise max_allowed_packet.`,
      { cause },
    );
  }
}
