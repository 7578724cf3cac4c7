import { setImmediate as turn } from 'node:timers/promises';

export interface LookupLimits {
  /** How many lookups run at the same time. */
  readonly concurrent: number;
  /** How many keys one of them has. */
  readonly keys: number;
}

const DEFAULT_LIMITS: LookupLimits = { concurrent: 2, keys: 100 };
/** After this time a lookup does not keep others waiting, in milliseconds. */
const SLOW_MS = 50;

interface Waiting<T> {
  readonly key: string;
  readonly resolve: (value: T | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Looks up keys in batches: keys that arrive during a lookup share the next one. If a lookup takes long, another one starts
 * beside it. A lookup begins after its keys have arrived.
 */
export class BatchedLookups<T> {
  private waiting: Waiting<T>[] = [];
  private running = 0;
  /** When the last lookup began, on the clock of `performance.now()`. */
  private begun = 0;

  /** @param load returns the values of the keys that exist */
  constructor(
    private readonly load: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>,
    private readonly limits: LookupLimits = DEFAULT_LIMITS,
  ) {}

  /** @returns undefined for an unknown key. If `load` fails, every key in its batch fails. */
  find(key: string): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ key, resolve, reject });
      if (this.mayRun()) void this.run();
    });
  }

  private mayRun(): boolean {
    if (this.running === 0) return true;
    return this.running < this.limits.concurrent && performance.now() - this.begun >= SLOW_MS;
  }

  private async run(): Promise<void> {
    this.running++;
    this.begun = performance.now();
    // What arrives together shares a lookup.
    await turn();
    while (this.waiting.length > 0) {
      this.begun = performance.now();
      const batch = this.waiting.splice(0, this.limits.keys);
      try {
        const found = await this.load([...new Set(batch.map(({ key }) => key))]);
        for (const { key, resolve } of batch) resolve(found.get(key));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.running--;
  }
}
