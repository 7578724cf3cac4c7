import type { ApiCaller, RequestLimits } from '@score-crm/connections-http';
import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { ServiceError } from '../problems/service.errors.ts';
import { CONFIGURATION, type Configuration, type RateLimits } from '../config/configuration.ts';
import { RedisConnection } from './redis-connection.ts';

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

/**
 * The headers `RateLimit-Policy` and `RateLimit` as lists of structured fields (RFC 9651).
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function rateLimitHeaders(applied: readonly AppliedRateLimit[]): Record<string, string> {
  if (applied.length === 0) return {};
  const policies = applied.map(({ policy }) => item(policy.name, { q: policy.requests, w: policy.windowS }));
  const states = applied.map(({ policy, state }) =>
    item(policy.name, { r: state.remaining, t: Math.ceil(state.resetMs / 1000) }),
  );
  return { 'ratelimit-policy': policies.join(', '), ratelimit: states.join(', ') };
}

function item(name: string, parameters: Readonly<Record<string, number>>): string {
  return [`"${name}"`, ...Object.entries(parameters).map(([key, value]) => `${key}=${String(value)}`)].join(';');
}

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

/** Counts requests in fixed windows, in the Redis server that all instances share. */
class RedisWindows {
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

const REASONS: Readonly<Record<Exclude<RateLimitName, 'sign-in'>, string>> = {
  default: 'Too many requests from this API key or user.',
  'connection-tests': 'Too many connection tests in this organization.',
};

/** Who a request counts against: an API key, or else the user of a JWT. */
interface Requester extends ApiCaller {
  readonly apiKeyId: string | null;
}

/** The limits of authenticated requests: all requests by API key or user, connection tests by organization. */
@Injectable()
export class PrincipalRateLimits implements RequestLimits {
  constructor(private readonly limiter: RateLimiter) {}

  /** @throws RateLimitExceededError */
  count(caller: ApiCaller, context: ExecutionContext, isConnectionTest: boolean): Promise<void> {
    // All callers of the service are principals.
    return this.countFor(caller as Requester, context.switchToHttp().getResponse<FastifyReply>(), isConnectionTest);
  }

  /**
   * Counts a request and writes the headers of its limits.
   * @throws RateLimitExceededError
   */
  async countFor(principal: Requester, reply: FastifyReply, isConnectionTest = false): Promise<void> {
    const applied: AppliedRateLimit[] = [];
    await this.apply('default', holderOf(principal), applied);
    if (isConnectionTest) await this.apply('connection-tests', principal.organization, applied);
    void reply.headers(rateLimitHeaders(applied));
  }

  private async apply(name: keyof typeof REASONS, key: string, applied: AppliedRateLimit[]): Promise<void> {
    const limit = await this.limiter.consume(name, key);
    if (limit === undefined) return;
    applied.push(limit);
    if (limit.state.exceeded) throw new RateLimitExceededError(applied, REASONS[name]);
  }
}

/** A session counts as the key or user that created it. */
function holderOf({ organization, actor, apiKeyId }: Requester): string {
  return apiKeyId === null ? `${organization}:${actor}` : apiKeyId;
}
