import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { BatchedLookups } from '../src/database/batched-lookups.ts';

describe('batched look-ups', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('run one after the other, however many keys arrive, and find what is there', async () => {
    const sizes: number[] = [];
    let running = 0;
    let most = 0;
    jest.spyOn(performance, 'now').mockReturnValue(1_000);
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
    expect(most).toBe(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    expect(sizes.length).toBeLessThan(20);
  });

  it('have all keys that arrive together', async () => {
    const load = jest.fn(async (keys: readonly string[]) => new Map(keys.map((key) => [key, key])));
    const lookups = new BatchedLookups(load);
    await Promise.all(['a', 'b', 'a', 'c'].map((key) => lookups.find(key)));
    expect(load.mock.calls).toEqual([[['a', 'b', 'c']]]);
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

  it('do not wait for one that takes long, of which there are at most two', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(1_000);
    const started: string[] = [];
    const lookups = new BatchedLookups<string>(([key = '']) => {
      started.push(key);
      return key.startsWith('slow') ? new Promise<never>(() => undefined) : Promise.resolve(new Map([[key, key]]));
    });
    void lookups.find('slow 1');
    await setImmediate();
    now.mockReturnValue(1_050);
    expect(await lookups.find('quick')).toBe('quick');
    void lookups.find('slow 2');
    await setImmediate();
    expect(started).toEqual(['slow 1', 'quick']);
    now.mockReturnValue(1_100);
    void lookups.find('slow 3');
    now.mockReturnValue(1_150);
    void lookups.find('waits');
    await setImmediate();
    expect(started).toEqual(['slow 1', 'quick', 'slow 2']);
  });
});
