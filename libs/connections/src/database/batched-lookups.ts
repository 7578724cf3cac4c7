export interface LookupLimits {
  /** How many lookups run at the same time. */
  readonly concurrent: number;
  /** How many keys one of them has. */
  readonly keys: number;
}

const DEFAULT_LIMITS: LookupLimits = { concurrent: 2, keys: 100 };

interface Waiting<T> {
  readonly key: string;
  readonly resolve: (value: T | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Looks up keys in batches: while as many lookups are running as the limits allow, further keys wait and share the next one. A
 * lookup begins after its keys have arrived.
 */
export class BatchedLookups<T> {
  private waiting: Waiting<T>[] = [];
  private running = 0;

  /** @param load returns the values of the keys that exist */
  constructor(
    private readonly load: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>,
    private readonly limits: LookupLimits = DEFAULT_LIMITS,
  ) {}

  /** @returns undefined for an unknown key. If `load` fails, every key in its batch fails. */
  find(key: string): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ key, resolve, reject });
      if (this.running < this.limits.concurrent) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running++;
    while (this.waiting.length > 0) {
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
