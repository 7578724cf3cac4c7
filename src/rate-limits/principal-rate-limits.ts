import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { AppliedRateLimit, RateLimitName } from './rate-limit.ts';
import { RateLimitExceededError } from './rate-limit-exceeded.error.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import { RateLimiter } from './rate-limiter.ts';

const REASONS: Readonly<Record<Exclude<RateLimitName, 'sign-in'>, string>> = {
  default: 'Too many requests from this API key or user.',
  'connection-tests': 'Too many connection tests in this organization.',
};

/** Who a request counts against: an API key, or else the user of a JWT. */
export interface Requester {
  readonly organization: string;
  readonly actor: string;
  readonly apiKeyId: string | null;
}

/** The limits of authenticated requests: all requests by API key or user, connection tests by organization. */
@Injectable()
export class PrincipalRateLimits {
  constructor(private readonly limiter: RateLimiter) {}

  /**
   * Counts a request and writes the headers of its limits.
   * @throws RateLimitExceededError
   */
  async count(principal: Requester, reply: FastifyReply, isConnectionTest = false): Promise<void> {
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
