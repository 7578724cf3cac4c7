import { setImmediate as turn } from 'node:timers/promises';

/** How much is done at the same time. */
export interface InOrderOptions<Item> {
  /** How many items are worked on. */
  readonly concurrency: number;
  /** How many items are in memory, with those whose results wait for an earlier one. */
  readonly items: number;
  /** How many bytes these items have; a single item may have more. */
  readonly bytes: number;
  readonly sizeOf: (item: Item) => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Works on several items of a source at the same time, and yields the results in the order of the source. The next item is read
 * only when there is room for it.
 *
 * The results of all items that were started are yielded. Then it throws the error of the source, or the reason of the signal,
 * after which no item is started. If the caller stops early, those that were started are finished.
 * @param work never rejects
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item, index: number) => Promise<Result>,
  { concurrency, items: mostItems, bytes: mostBytes, sizeOf, signal }: InOrderOptions<Item>,
): AsyncGenerator<Result, undefined> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const started: { readonly bytes: number; readonly done: Promise<void>; result?: { readonly value: Result } }[] = [];
  let [index, running, bytes] = [0, 0, 0];
  let isReading = false;
  let hasEnded = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => undefined;
  const onAbort = (): void => wake();
  signal?.addEventListener('abort', onAbort);
  const isAborted = (): boolean => signal?.aborted === true;

  const start = (item: Item): void => {
    running++;
    const size = sizeOf(item);
    bytes += size;
    const entry: (typeof started)[number] = {
      bytes: size,
      done: work(item, index++).then((value) => {
        running--;
        entry.result = { value };
        wake();
      }),
    };
    started.push(entry);
  };
  const read = async (): Promise<void> => {
    isReading = true;
    try {
      const next = await source.next();
      if (next.done === true) hasEnded = true;
      else if (!isAborted() && !hasEnded) start(next.value);
    } catch (error) {
      hasEnded = true;
      failure = { error };
    }
    isReading = false;
    wake();
  };
  const hasRoom = (): boolean =>
    running < concurrency && (started.length === 0 || (started.length < mostItems && bytes < mostBytes));

  try {
    for (;;) {
      const isOver = hasEnded || isAborted();
      if (!isOver && !isReading && hasRoom()) void read();
      const [first] = started;
      if (first?.result !== undefined) {
        started.shift();
        bytes -= first.bytes;
        yield first.result.value;
      } else if (first === undefined && isOver) {
        break;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    if (failure !== undefined) throw failure.error;
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', onAbort);
    // A source that is waiting for its next item may never answer.
    if (!hasEnded) void Promise.resolve(source.return?.()).catch(() => undefined);
    hasEnded = true;
    await Promise.all(started.map(({ done }) => done));
  }
}

/** Some places, each for one call at a time. Calls wait for a free one, in order. */
export class Places {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(readonly total: number) {
    this.free = total;
  }

  async use<T>(call: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await call();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}

/** How large a chunk may be. A single item may have more bytes. */
export type ChunkRoom<Item> = Pick<InOrderOptions<Item>, 'items' | 'bytes' | 'sizeOf'>;

/** What reading an item led to. */
type Read<Item> = { readonly next: IteratorResult<Item, unknown> } | { readonly error: unknown };

/**
 * Divides the items of a source into chunks. A chunk ends when it is full, and when the source has no next item yet: what is there
 * does not wait for what may come.
 */
export async function* chunksOf<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  room: ChunkRoom<Item>,
): AsyncGenerator<readonly Item[], undefined> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const read = async (): Promise<Read<Item>> => {
    try {
      return { next: await source.next() };
    } catch (error) {
      return { error };
    }
  };
  let reading: Promise<Read<Item>> | undefined;
  let end: Read<Item> | undefined;
  try {
    while (end === undefined) {
      const chunk: Item[] = [];
      let bytes = 0;
      while (chunk.length < room.items && bytes < room.bytes) {
        reading ??= read();
        const one = await (chunk.length === 0 ? reading : Promise.race([reading, turn()]));
        if (one === undefined) break;
        reading = undefined;
        if ('error' in one || one.next.done === true) {
          end = one;
          break;
        }
        chunk.push(one.next.value);
        bytes += room.sizeOf(one.next.value);
      }
      if (chunk.length > 0) yield chunk;
    }
    if ('error' in end) throw end.error;
  } finally {
    // A source that is waiting for its next item may never answer.
    if (end === undefined) void Promise.resolve(source.return?.()).catch(() => undefined);
  }
}
