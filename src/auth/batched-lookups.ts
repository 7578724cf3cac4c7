/** The maximum number of concurrent lookups, and of keys in each. */
const CONCURRENT = 4;
const BATCH_SIZE = 100;

interface Waiting<T> {
  readonly key: string;
  readonly resolve: (value: T | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Looks up keys in batches: while `CONCURRENT` lookups are running, further keys wait and share the next one. A flood of
 * unknown tokens uses few database connections, and a valid token among them is still accepted.
 */
export class BatchedLookups<T> {
  private waiting: Waiting<T>[] = [];
  private running = 0;

  /** @param load returns the values of the keys that exist, of at most 100 */
  constructor(private readonly load: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>) {}

  /** @returns undefined for an unknown key. If `load` fails, every key in its batch fails. */
  find(key: string): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ key, resolve, reject });
      if (this.running < CONCURRENT) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running++;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH_SIZE);
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
