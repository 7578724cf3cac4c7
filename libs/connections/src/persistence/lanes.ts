import { DatabaseOverloadedError } from './database-overloaded.error.ts';
import type { Deadline } from './deadline.ts';
import { Turns } from './turns.ts';

/**
 * The purpose of a unit of work. Each lane has its own database connections, so that one kind of work cannot use all of
 * them: `query` is for reads that may go through many rows, `ingest` for webhooks and for events of sent messages, `control`
 * for health checks, and `api` for everything else.
 */
export type Lane = 'api' | 'query' | 'ingest' | 'control';

/** How many units of work wait for one lane before further ones are rejected. */
const MAX_WAITING = 1_000;

interface Slots {
  free: number;
  readonly waiting: Turns<() => void>;
}

/** Hands out the connections of the lanes. Those that wait for the same lane take turns by key. */
export class Lanes {
  private readonly slots: Readonly<Record<Lane, Slots>>;
  private readonly isShared: boolean;

  private constructor(sizes: Readonly<Record<Lane, number>> | undefined) {
    this.isShared = sizes === undefined;
    const slots = (free: number): Slots => ({ free, waiting: new Turns() });
    const shared = slots(1);
    this.slots = {
      api: sizes === undefined ? shared : slots(sizes.api),
      query: sizes === undefined ? shared : slots(sizes.query),
      ingest: sizes === undefined ? shared : slots(sizes.ingest),
      control: sizes === undefined ? shared : slots(sizes.control),
    };
  }

  /** Divides a pool. A pool of fewer than four connections serves a lane with each, and its own queue does the rest. */
  static ofPool(size: number): Lanes {
    const share = (part: number): number => Math.max(1, Math.floor(size * part));
    const [query, ingest, control] = [share(0.2), share(0.3), 1];
    return new Lanes({ api: Math.max(1, size - query - ingest - control), query, ingest, control });
  }

  /** One connection for all; lanes take turns on it. */
  static ofOneConnection(): Lanes {
    return new Lanes(undefined);
  }

  /**
   * Waits for a connection of the lane.
   * @param key by which those that wait take turns, such as the organization
   * @returns a function that releases the connection
   * @throws DatabaseOverloadedError, DeadlineExceededError
   */
  async acquire(lane: Lane, key: string, deadline: Deadline): Promise<() => void> {
    const slots = this.slots[lane];
    const release = (): void => {
      const next = slots.waiting.take();
      if (next === undefined) slots.free++;
      else next();
    };
    if (slots.free > 0) {
      slots.free--;
      return release;
    }
    if (slots.waiting.size >= MAX_WAITING) throw new DatabaseOverloadedError();
    const turn = this.isShared ? `${lane} ${key}` : key;
    let start: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    slots.waiting.add(turn, start);
    try {
      await deadline.wait(started, 'Waiting for a database connection');
    } catch (error) {
      // It may have received the connection at the same moment.
      if (!slots.waiting.remove(turn, start)) release();
      throw error;
    }
    return release;
  }
}
