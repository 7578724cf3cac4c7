/** A value is larger than the largest statement that the database server accepts (`max_allowed_packet`). */
export class StatementTooLargeError extends Error {
  override readonly name = 'StatementTooLargeError';

  constructor(
    /** How many bytes a statement may have. */
    readonly limit: number,
    cause?: unknown,
  ) {
    super(`A statement may have at most ${String(limit)} bytes. Raise max_allowed_packet on the server.`, { cause });
  }
}
