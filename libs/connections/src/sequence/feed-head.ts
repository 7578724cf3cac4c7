import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { FeedRepository } from './feed.repository.ts';

/** How soon readers notice what another instance has appended. */
const POLL_MS = 250;

interface Waiter {
  readonly seq: number;
  readonly resolve: () => void;
}

/** The place of the last entry of the feed, for readers that wait for the next one. One query serves all of them. */
@Injectable()
export class FeedHead {
  private last = 0;
  private readonly waiting = new Set<Waiter>();
  private timer: NodeJS.Timeout | undefined;
  private isPolling = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly feed: FeedRepository,
  ) {}

  /** Wakes those that wait for an entry up to this place. */
  advance(last: number): void {
    if (last <= this.last) return;
    this.last = last;
    for (const waiter of this.waiting) if (waiter.seq < last) waiter.resolve();
  }

  /** Resolves when there is an entry after this place, after a time in milliseconds, or when the signal is aborted. */
  async waitBeyond(seq: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.last > seq || signal.aborted) return;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const waiter = { seq, resolve: end };
    const timer = setTimeout(end, ms).unref();
    signal.addEventListener('abort', end, { once: true });
    this.waiting.add(waiter);
    this.poll();
    await ended;
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    this.waiting.delete(waiter);
    if (this.waiting.size > 0) return;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private poll(): void {
    if (this.timer !== undefined || this.isPolling) return;
    this.timer = setTimeout(() => void this.look(), POLL_MS).unref();
  }

  private async look(): Promise<void> {
    this.timer = undefined;
    this.isPolling = true;
    try {
      const { last } = await this.unitOfWork.read((tx) => this.feed.ends(tx), { lane: 'control' });
      this.advance(last);
    } catch {
      // The readers find out themselves what is wrong with the database.
    } finally {
      this.isPolling = false;
    }
    if (this.waiting.size > 0) this.poll();
  }
}
