import { beforeEach, describe, expect, it } from '@jest/globals';
import { SignInLimiter } from '../src/auth/sign-in-limiter.ts';
import { TooManyRequestsError } from '../src/auth/too-many-requests.error.ts';

describe('failed sign-ins', () => {
  let limiter: SignInLimiter;

  beforeEach(() => {
    limiter = new SignInLimiter();
  });

  async function isSlowed(guesser: string, other: string): Promise<boolean> {
    for (let failure = 0; failure < 20; failure++) await limiter.failed(guesser);
    return limiter.check(other, 'digest').then(
      () => false,
      (error: unknown) => error instanceof TooManyRequestsError,
    );
  }

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:ffff::1'],
    ['2001:db8::1:2:3:4', '2001:db8::9:2:3:4'],
    ['2001:db8::1', '2001:db8:0:0:1::'],
    ['2001:DB8::1', '2001:db8::2'],
  ])('from %s slow %s down, which is the same network', async (guesser, other) => {
    expect(await isSlowed(guesser, other)).toBe(true);
  });

  it.each([
    ['192.0.2.7', '192.0.2.8'],
    ['2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['2001:db8::1', '2001:db8:0:1::1'],
  ])('from %s leave %s alone, which is another', async (guesser, other) => {
    expect(await isSlowed(guesser, other)).toBe(false);
  });

  it('leave alone who had a good token a moment ago', async () => {
    limiter.succeeded('good');
    for (let failure = 0; failure < 25; failure++) await limiter.failed('192.0.2.7');
    await expect(limiter.check('192.0.2.7', 'good')).resolves.toBeUndefined();
  });
});
