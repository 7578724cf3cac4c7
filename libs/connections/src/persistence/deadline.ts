/** The time for a piece of work is over. The work itself may still be running. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError';
}

/** The moment by which a piece of work must have ended, with everything that it waits for. */
export class Deadline {
  private readonly end: number;

  constructor(readonly timeoutMs: number) {
    this.end = performance.now() + timeoutMs;
  }

  get remainingMs(): number {
    return Math.max(0, this.end - performance.now());
  }

  get isOver(): boolean {
    return this.remainingMs === 0;
  }

  /**
   * Waits for a promise, but not beyond the deadline: drivers never settle what a silent socket owes.
   * @param what names the promise in the error
   * @throws DeadlineExceededError
   */
  async wait<T>(promise: Promise<T>, what: string): Promise<T> {
    return waitAtMost(promise, this.remainingMs, what);
  }
}

/** @throws DeadlineExceededError after `milliseconds`. A later rejection of the promise is ignored. */
export async function waitAtMost<T>(promise: Promise<T>, milliseconds: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    const expire = (): void => reject(new DeadlineExceededError(`${what} took longer than allowed.`));
    // After a blocked event loop, timers fire before the answers that have arrived are read: those are let in first.
    timer = setTimeout(() => setImmediate(() => setImmediate(expire)), milliseconds);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
