/** The body has more bytes than its route accepts. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';

  constructor(readonly limit: number) {
    super(`The body is too large. Send at most ${String(limit)} bytes.`);
  }
}
