import { ServiceError } from '../problems/service.error.ts';
import type { AppliedRateLimit } from './rate-limit.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';

/** The request exceeds at least one of its rate limits. */
export class RateLimitExceededError extends ServiceError {
  readonly code = 'too_many_requests';

  /**
   * @param applied the limits of the request, for the headers of the response
   * @param reason which limit was exceeded, as a sentence
   */
  constructor(
    readonly applied: readonly AppliedRateLimit[],
    reason: string,
  ) {
    super(`${reason} Wait for the seconds in the header Retry-After, then try again.`);
  }

  override get headers(): Record<string, string> {
    return rateLimitHeaders(this.applied);
  }

  override get retryAfterMs(): number {
    return Math.max(0, ...this.applied.filter(({ state }) => state.exceeded).map(({ state }) => state.resetMs));
  }
}
