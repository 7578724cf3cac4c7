import { type CanActivate, type CustomDecorator, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import {
  type AppliedRateLimit,
  RateLimiter,
  RateLimitExceededError,
  rateLimitHeaders,
  type RateLimitName,
} from './rate-limiter.ts';

const CONNECTION_TESTS = 'score-connections:limits-connection-tests';

/** A route that contacts a host that a tenant chose, with a rate limit for each organization. */
export function LimitsConnectionTests(): CustomDecorator {
  return SetMetadata(CONNECTION_TESTS, true);
}

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

/** Limits the requests to routes that require a token. It runs after `BearerGuard`. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: PrincipalRateLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const { principal } = http.getRequest<{ readonly principal?: Requester }>();
    if (principal === undefined) return true;
    const isTest = this.reflector.get<true | undefined>(CONNECTION_TESTS, context.getHandler()) === true;
    await this.limits.count(principal, http.getResponse<FastifyReply>(), isTest);
    return true;
  }
}
