/** The body did not arrive in time. */
export class SlowBodyError extends Error {
  override readonly name = 'SlowBodyError';

  constructor(deadlineMs: number) {
    super(`The body did not arrive within ${String(deadlineMs / 1000)} seconds. Send it faster.`);
  }
}
