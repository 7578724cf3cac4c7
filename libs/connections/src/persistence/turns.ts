/** A queue in which keys take turns: a key with many items delays the next item of another key by one turn at most. */
export class Turns<T> {
  private readonly queues = new Map<string, T[]>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** How many items of a key are waiting. */
  sizeOf(key: string): number {
    return this.queues.get(key)?.length ?? 0;
  }

  add(key: string, item: T): void {
    const queue = this.queues.get(key);
    if (queue === undefined) this.queues.set(key, [item]);
    else queue.push(item);
    this.count++;
  }

  /** The first item of the key whose turn it is; that key then goes to the back. */
  take(): T | undefined {
    // A map keeps the order in which keys were added.
    const [next] = this.queues;
    if (next === undefined) return undefined;
    const [key, queue] = next;
    const item = queue.shift();
    this.queues.delete(key);
    if (queue.length > 0) this.queues.set(key, queue);
    this.count--;
    return item;
  }

  /** Puts an item that was taken before the other items of its key; its key waits for its next turn. */
  putBack(key: string, item: T): void {
    const queue = this.queues.get(key);
    if (queue === undefined) this.queues.set(key, [item]);
    else queue.unshift(item);
    this.count++;
  }

  /** @returns false if it is not waiting (any longer). */
  remove(key: string, item: T): boolean {
    const queue = this.queues.get(key);
    const index = queue?.indexOf(item) ?? -1;
    if (queue === undefined || index === -1) return false;
    queue.splice(index, 1);
    if (queue.length === 0) this.queues.delete(key);
    this.count--;
    return true;
  }
}
