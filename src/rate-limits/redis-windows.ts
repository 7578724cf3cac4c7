import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimitPolicy, RateLimitState } from './rate-limit.ts';

/** Counts requests in fixed windows, in the Redis server that all instances share. */
export class RedisWindows {
  private readonly limiter: RateLimiterRedis;

  constructor(client: Redis, { name, requests, windowS }: RateLimitPolicy) {
    this.limiter = new RateLimiterRedis({
      storeClient: client,
      keyPrefix: `score-connections:rate-limit:${name}`,
      points: requests,
      duration: windowS,
      rejectIfRedisNotReady: true,
    });
  }

  /** @throws Error if Redis fails */
  async consume(key: string): Promise<RateLimitState> {
    try {
      return stateOf(await this.limiter.consume(key), false);
    } catch (error) {
      // The library rejects with a result if no requests are left.
      if (error instanceof RateLimiterRes) return stateOf(error, true);
      throw error;
    }
  }
}

function stateOf({ remainingPoints, msBeforeNext }: RateLimiterRes, exceeded: boolean): RateLimitState {
  return { remaining: Math.max(0, remainingPoints), resetMs: Math.max(0, msBeforeNext), exceeded };
}
