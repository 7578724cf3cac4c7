import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryWindows } from '../src/rate-limits/rate-limiter.ts';

describe('rate limits in memory', () => {
  const policy = { name: 'default', requests: 2, windowS: 10 } as const;

  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('count a key until its window ends, and then from the beginning', () => {
    const windows = new MemoryWindows(policy);
    expect(windows.consume('a')).toEqual({ remaining: 1, resetMs: 10_000, exceeded: false });
    jest.setSystemTime(4_000);
    expect(windows.consume('a')).toEqual({ remaining: 0, resetMs: 6_000, exceeded: false });
    expect(windows.consume('a')).toEqual({ remaining: 0, resetMs: 6_000, exceeded: true });
    expect(windows.consume('b').exceeded).toBe(false);
    jest.setSystemTime(10_000);
    expect(windows.consume('a')).toEqual({ remaining: 1, resetMs: 10_000, exceeded: false });
  });

  it('forget the key that was not used for longest, and keep the others', () => {
    const windows = new MemoryWindows(policy, 2);
    for (const key of ['a', 'a', 'a', 'b', 'a', 'c']) windows.consume(key);
    expect(windows.consume('a').exceeded).toBe(true);
    expect(windows.consume('b').remaining).toBe(1);
  });
});
