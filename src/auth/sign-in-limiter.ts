import { isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { RateLimitExceededError } from '../rate-limits/rate-limit-exceeded.error.ts';
import { RateLimiter } from '../rate-limits/rate-limiter.ts';

/**
 * Limits failed sign-ins by network address. It counts after a token was rejected and never before, so a valid token is
 * accepted regardless of other requests from the same address.
 */
@Injectable()
export class SignInLimiter {
  constructor(private readonly limiter: RateLimiter) {}

  /**
   * Counts a failed sign-in.
   * @throws RateLimitExceededError if the address has exceeded its limit
   */
  async failed(address: string): Promise<void> {
    const applied = await this.limiter.consume('sign-in', networkOf(address));
    if (applied?.state.exceeded !== true) return;
    throw new RateLimitExceededError([applied], 'Too many failed sign-ins from your network address.');
  }
}

/** An IPv6 client has a whole /64 to itself. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.parts.slice(0, 4).join(':');
}
