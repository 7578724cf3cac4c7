/** As the response headers name the limits. */
export type RateLimitName = 'default' | 'connection-tests' | 'sign-in';

/** How many requests one key may make within a window. */
export interface RateLimitPolicy {
  readonly name: RateLimitName;
  /** 0: no limit. */
  readonly requests: number;
  readonly windowS: number;
}

/** Where a key is in its current window, after the request that asked. */
export interface RateLimitState {
  readonly remaining: number;
  /** Milliseconds until the window ends and the next one begins. */
  readonly resetMs: number;
  /** Whether the request that asked is one too many. */
  readonly exceeded: boolean;
}

/** A policy together with the state of the key that a request counts against. */
export interface AppliedRateLimit {
  readonly policy: RateLimitPolicy;
  readonly state: RateLimitState;
}
