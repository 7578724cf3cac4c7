/** The names of the limits in the response headers. */
export type RateLimitName = 'default' | 'connection-tests' | 'sign-in';

/** How many requests one key may make within a window. */
export interface RateLimitPolicy {
  readonly name: RateLimitName;
  /** 0 for no limit. */
  readonly requests: number;
  readonly windowS: number;
}

/** The state of a key's current window after the counted request. */
export interface RateLimitState {
  readonly remaining: number;
  /** Milliseconds until the window ends and the next one begins. */
  readonly resetMs: number;
  /** Whether the counted request exceeds the limit. */
  readonly exceeded: boolean;
}

/** A policy together with the state of the key that a request counts against. */
export interface AppliedRateLimit {
  readonly policy: RateLimitPolicy;
  readonly state: RateLimitState;
}
