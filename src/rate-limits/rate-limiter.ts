import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration, type RateLimits } from '../config/configuration.ts';
import { MemoryWindows } from './memory-windows.ts';
import type { AppliedRateLimit, RateLimitName, RateLimitPolicy, RateLimitState } from './rate-limit.ts';
import { RedisConnection } from './redis-connection.ts';
import { RedisWindows } from './redis-windows.ts';

interface Limiter {
  readonly policy: RateLimitPolicy;
  readonly consume: (key: string) => RateLimitState | Promise<RateLimitState>;
}

/** Counts requests in Redis if one is configured and available, otherwise in memory. */
@Injectable()
export class RateLimiter {
  private readonly limiters: ReadonlyMap<RateLimitName, Limiter>;

  constructor(
    @Inject(CONFIGURATION) { rateLimits }: Configuration,
    private readonly redis: RedisConnection,
  ) {
    const active = policies(rateLimits).filter(({ requests }) => requests > 0);
    this.limiters = new Map(active.map((policy) => [policy.name, this.limiterFor(policy)]));
  }

  /** Counts one request of `key`. @returns undefined if the operator disabled this limit. */
  async consume(name: RateLimitName, key: string): Promise<AppliedRateLimit | undefined> {
    const limiter = this.limiters.get(name);
    return limiter === undefined ? undefined : { policy: limiter.policy, state: await limiter.consume(key) };
  }

  private limiterFor(policy: RateLimitPolicy): Limiter {
    const memory = new MemoryWindows(policy);
    const { client } = this.redis;
    if (client === undefined) return { policy, consume: (key) => memory.consume(key) };
    const shared = new RedisWindows(client, policy);
    return {
      policy,
      consume: (key) =>
        this.redis.attempt(
          () => shared.consume(key),
          () => memory.consume(key),
        ),
    };
  }
}

function policies({ requests, connectionTests, signInFailures }: RateLimits): RateLimitPolicy[] {
  return [
    { name: 'default', requests, windowS: 10 },
    { name: 'connection-tests', requests: connectionTests, windowS: 60 },
    { name: 'sign-in', requests: signInFailures, windowS: 60 },
  ];
}
