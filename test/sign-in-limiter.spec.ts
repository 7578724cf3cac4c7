import { beforeEach, describe, expect, it } from '@jest/globals';
import { SignInLimiter } from '../src/auth/bearer.guard.ts';
import type { Configuration } from '../src/config/configuration.ts';
import { RateLimiter, RateLimitExceededError } from '../src/rate-limits/rate-limiter.ts';
import { RedisConnection } from '../src/rate-limits/redis-connection.ts';

describe('failed sign-ins', () => {
  let limiter: SignInLimiter;

  beforeEach(() => {
    const rateLimits = { requests: 0, connectionTests: 0, signInFailures: 20 };
    const configuration = { rateLimits } as Configuration;
    limiter = new SignInLimiter(new RateLimiter(configuration, new RedisConnection(configuration)));
  });

  async function isLimited(guesser: string, other: string): Promise<boolean> {
    for (let failure = 0; failure < 20; failure++) await limiter.failed(guesser);
    return limiter.failed(other).then(
      () => false,
      (error: unknown) => error instanceof RateLimitExceededError,
    );
  }

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:ffff::1'],
    ['2001:db8::1:2:3:4', '2001:db8::9:2:3:4'],
    ['2001:db8::1', '2001:db8:0:0:1::'],
    ['2001:DB8::1', '2001:db8::2'],
  ])('from %s count for %s, which is the same network', async (guesser, other) => {
    expect(await isLimited(guesser, other)).toBe(true);
  });

  it.each([
    ['192.0.2.7', '192.0.2.8'],
    ['2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['2001:db8::1', '2001:db8:0:1::1'],
  ])('from %s do not count for %s, which is another network', async (guesser, other) => {
    expect(await isLimited(guesser, other)).toBe(false);
  });
});
