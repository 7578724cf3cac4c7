import type { CountedWindow, SendingCounters } from '@score-crm/connections';
import type { Redis } from 'ioredis';
import type { RedisConnection } from './redis-connection.ts';

const PREFIX = 'score-connections:sending:';
/** How long a window outlives its end: the clocks of the instances differ. */
const CLOCK_SLACK_MS = 60_000;

// Scripts, because all windows must be checked and counted at the same time; rate-limiter-flexible counts one limit at a time.

/** ARGV: the emails, then the limit and the remaining milliseconds of each key. Returns the position of the first full window, or 0. */
const ADD = `
local emails = tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') + emails > tonumber(ARGV[2 * i]) then return i end
end
for i, key in ipairs(KEYS) do
  redis.call('INCRBY', key, emails)
  redis.call('PEXPIRE', key, ARGV[2 * i + 1])
end
return 0`;

/** A key that has expired would be created again, and never expire. */
const SUBTRACT = `
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then redis.call('DECRBY', key, ARGV[1]) end
end`;

/** ARGV: now, the limit, the holder, when its place expires, and in how many milliseconds. */
const ACQUIRE = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1`;

/** Counts in the Redis server that all instances share. Each method rejects if Redis does not respond. */
export class RedisCounters implements SendingCounters {
  constructor(private readonly redis: RedisConnection) {}

  async add(windows: readonly CountedWindow[], emails: number, now: number): Promise<CountedWindow | undefined> {
    const limits = windows.flatMap(({ limit, endsAt }) => [limit, endsAt - now + CLOCK_SLACK_MS]);
    const full = await this.run((client) => client.eval(ADD, windows.length, ...keysOf(windows), emails, ...limits));
    return windows[Number(full) - 1];
  }

  async subtract(windows: readonly CountedWindow[], emails: number): Promise<void> {
    await this.run((client) => client.eval(SUBTRACT, windows.length, ...keysOf(windows), emails));
  }

  async counts(keys: readonly string[]): Promise<readonly number[]> {
    const counts = await this.run((client) => client.mget(keys.map((key) => PREFIX + key)));
    return counts.map(Number);
  }

  async acquire(key: string, holder: string, limit: number, expiresAt: number, now: number): Promise<boolean> {
    const given = [now, limit, holder, expiresAt, expiresAt - now + CLOCK_SLACK_MS];
    return (await this.run((client) => client.eval(ACQUIRE, 1, PREFIX + key, ...given))) === 1;
  }

  async release(key: string, holder: string): Promise<void> {
    await this.run((client) => client.zrem(PREFIX + key, holder));
  }

  private run<T>(call: (client: Redis) => Promise<T>): Promise<T> {
    const { client } = this.redis;
    return this.redis.attempt<T>(
      () => call(client as Redis),
      () => {
        throw new Error('Redis is not available.');
      },
    );
  }
}

function keysOf(windows: readonly CountedWindow[]): readonly string[] {
  return windows.map(({ key }) => PREFIX + key);
}
