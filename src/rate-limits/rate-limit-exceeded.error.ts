import type { AppliedRateLimit } from './rate-limit.ts';

/** A request that is one too many for at least one of its limits. */
export class RateLimitExceededError extends Error {
  override readonly name = 'RateLimitExceededError';

  /**
   * @param applied the limits of the request, for the headers of the response
   * @param reason what there was too much of, as a sentence
   */
  constructor(
    readonly applied: readonly AppliedRateLimit[],
    reason: string,
  ) {
    super(`${reason} Wait for the time in the header Retry-After, then try again.`);
  }

  get retryAfterMs(): number {
    return Math.max(0, ...this.applied.filter(({ state }) => state.exceeded).map(({ state }) => state.resetMs));
  }
}
