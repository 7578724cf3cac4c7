import { LRUCache } from 'lru-cache';
import type { RateLimitPolicy, RateLimitState } from './rate-limit.ts';

interface Window {
  count: number;
  readonly endsAt: number;
}

/** The maximum number of keys. A new key replaces the least recently used one. */
const MAX_KEYS = 50_000;

/** Counts requests in fixed windows, in the memory of this process. */
export class MemoryWindows {
  private readonly windows: LRUCache<string, Window>;

  constructor(
    private readonly policy: RateLimitPolicy,
    maxKeys = MAX_KEYS,
  ) {
    this.windows = new LRUCache({ max: maxKeys });
  }

  consume(key: string): RateLimitState {
    const { requests, windowS } = this.policy;
    const now = Date.now();
    let window = this.windows.get(key);
    if (window === undefined || window.endsAt <= now) {
      window = { count: 0, endsAt: now + windowS * 1000 };
      this.windows.set(key, window);
    }
    window.count++;
    return {
      remaining: Math.max(0, requests - window.count),
      resetMs: window.endsAt - now,
      exceeded: window.count > requests,
    };
  }
}
