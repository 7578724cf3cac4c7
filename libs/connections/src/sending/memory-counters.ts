import type { CountedWindow, SendingCounters } from '../options/sending-counters.ts';

interface Count {
  emails: number;
  readonly endsAt: number;
}

const PRUNE_INTERVAL_MS = 60_000;

/** Counts in the memory of this process: a restart forgets what was sent, and each instance has the whole limit. */
export class MemoryCounters implements SendingCounters {
  private readonly windows = new Map<string, Count>();
  /** When the place of each holder expires, by key. */
  private readonly places = new Map<string, Map<string, number>>();
  private pruneAt = 0;

  async add(windows: readonly CountedWindow[], emails: number, now: number): Promise<CountedWindow | undefined> {
    this.prune(now);
    const full = windows.find(({ key, limit }) => this.count(key, now) + emails > limit);
    if (full !== undefined) return full;
    for (const { key, endsAt } of windows) {
      this.windows.set(key, { emails: this.count(key, now) + emails, endsAt });
    }
    return undefined;
  }

  async subtract(windows: readonly CountedWindow[], emails: number, now: number): Promise<void> {
    for (const { key } of windows) {
      const count = this.windows.get(key);
      if (count !== undefined && count.endsAt > now) count.emails -= emails;
    }
  }

  async counts(keys: readonly string[], now: number): Promise<readonly number[]> {
    return keys.map((key) => this.count(key, now));
  }

  async acquire(key: string, holder: string, limit: number, expiresAt: number, now: number): Promise<boolean> {
    const holders = this.places.get(key) ?? new Map<string, number>();
    for (const [other, until] of holders) if (until <= now) holders.delete(other);
    if (holders.size >= limit) return false;
    holders.set(holder, expiresAt);
    this.places.set(key, holders);
    return true;
  }

  async release(key: string, holder: string): Promise<void> {
    const holders = this.places.get(key);
    holders?.delete(holder);
    if (holders?.size === 0) this.places.delete(key);
  }

  private count(key: string, now: number): number {
    const count = this.windows.get(key);
    return count === undefined || count.endsAt <= now ? 0 : count.emails;
  }

  private prune(now: number): void {
    if (now < this.pruneAt) return;
    this.pruneAt = now + PRUNE_INTERVAL_MS;
    for (const [key, { endsAt }] of this.windows) if (endsAt <= now) this.windows.delete(key);
  }
}
