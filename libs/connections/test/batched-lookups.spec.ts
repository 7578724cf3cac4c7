import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { BatchedLookups } from '../src/database/batched-lookups.ts';

describe('batched look-ups', () => {
  it('run at most two at a time, however many keys arrive, and find what is there', async () => {
    const sizes: number[] = [];
    let running = 0;
    let most = 0;
    const lookups = new BatchedLookups(async (keys) => {
      sizes.push(keys.length);
      most = Math.max(most, ++running);
      await setImmediate();
      running--;
      return new Map(keys.includes('valid') ? [['valid', 'Ada']] : []);
    });
    const unknown = Array.from({ length: 1_000 }, (_none, index) => lookups.find(`guess ${String(index)}`));
    const valid = [lookups.find('valid'), lookups.find('valid')];
    expect(await Promise.all(valid)).toEqual(['Ada', 'Ada']);
    expect(new Set(await Promise.all(unknown))).toEqual(new Set([undefined]));
    expect(most).toBe(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    expect(sizes.length).toBeLessThan(20);
  });

  it('continue after a failure, which rejects only its own keys', async () => {
    let calls = 0;
    const lookups = new BatchedLookups(async (keys) => {
      if (++calls === 1) throw new Error('no database');
      return new Map(keys.map((key) => [key, key]));
    });
    await expect(lookups.find('first')).rejects.toThrow('no database');
    expect(await lookups.find('second')).toBe('second');
  });
});
