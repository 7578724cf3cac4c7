import { isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { TooManyRequestsError } from './too-many-requests.error.ts';

const FAILURES = 20;
const WINDOW_S = 60;

/**
 * Slows down those who guess: after 20 failed sign-ins within a minute, an address has to wait. A token that was good a
 * moment ago passes, so that one bad client behind a shared address does not lock the others out.
 */
@Injectable()
export class SignInLimiter {
  private readonly failures = new RateLimiterMemory({ points: FAILURES, duration: WINDOW_S });
  private readonly good = new LRUCache<string, true>({ max: 10_000, ttl: 10 * 60_000 });

  /** @throws TooManyRequestsError */
  async check(address: string, digest: string): Promise<void> {
    if (this.good.has(digest)) return;
    const state = await this.failures.get(networkOf(address));
    if (state !== null && state.consumedPoints >= FAILURES) throw new TooManyRequestsError(state.msBeforeNext);
  }

  async failed(address: string): Promise<void> {
    try {
      await this.failures.consume(networkOf(address));
    } catch (error) {
      // Its way to say that the last point is spent; `check` refuses the next attempt.
      if (!(error instanceof RateLimiterRes)) throw error;
    }
  }

  succeeded(digest: string): void {
    this.good.set(digest, true);
  }
}

/** An IPv6 client has a whole /64 to itself. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.parts.slice(0, 4).join(':');
}
