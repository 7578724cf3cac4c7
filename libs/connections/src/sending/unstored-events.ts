import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { DatabaseOverloadedError, DatabaseUnavailableError } from '../database/database-errors.ts';
import { safeMessage } from '../errors/safe-message.ts';
import { EventWriter, type IncomingBatch } from '../events/event-writer.ts';

/** What became of one message while the database was not available: its events, or the end of its idempotency key. */
interface UnstoredMessage {
  readonly batch: IncomingBatch;
  /** The log continues it with “could not be stored”. */
  readonly what: string;
}

const MAX_EVENTS = 20_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/** Keeps the events of sent messages in memory until the database accepts them. Events that are still unstored when the application stops are logged. */
@Injectable()
export class UnstoredEvents implements BeforeApplicationShutdown {
  private readonly logger = new Logger(UnstoredEvents.name);
  private readonly messages: UnstoredMessage[] = [];
  private readonly stopped = new AbortController();
  private events = 0;
  /** Of the attempt that was under way when the stop began. */
  private failure: unknown;
  private writing: Promise<void> | undefined;

  constructor(private readonly writer: EventWriter) {}

  /** @returns false if there is no room, or if waiting would not help after this error. */
  add(message: UnstoredMessage, error: unknown): boolean {
    const isFull = this.events + weightOf(message) > MAX_EVENTS;
    if (isFull || !isTemporary(error) || this.stopped.signal.aborted) return false;
    this.messages.push(message);
    this.events += weightOf(message);
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
    });
    return true;
  }

  /** While the database is still open. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped.abort();
    await this.writing;
    const left = this.messages.splice(0);
    const { failure } = this;
    // Together, so that they share one deadline; not at all if the one that was under way has just failed.
    await Promise.all(
      left.map(async (message) => {
        if (failure !== undefined) this.lose(message, failure);
        else await this.write(message).catch((error: unknown) => this.lose(message, error));
      }),
    );
  }

  private async writeAll(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; this.messages.length > 0; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
      try {
        await delay(pause, undefined, { signal: this.stopped.signal, ref: false });
      } catch {
        return;
      }
      await this.writeSome();
    }
  }

  private async writeSome(): Promise<void> {
    for (let message = this.messages[0]; message !== undefined; message = this.messages[0]) {
      try {
        await this.write(message);
      } catch (error) {
        if (this.stopped.signal.aborted) this.failure = error;
        if (isTemporary(error)) return;
        this.lose(message, error);
      }
      this.messages.shift();
      this.events -= weightOf(message);
      if (this.stopped.signal.aborted) return;
    }
  }

  private async write({ batch }: UnstoredMessage): Promise<void> {
    // Those that a failed commit has stored after all are not stored again: their digests are known.
    await this.writer.write(batch);
  }

  private lose({ what }: UnstoredMessage, error: unknown): void {
    this.logger.error(`${what} could not be stored: ${safeMessage(error)}`);
  }
}

/** A message without events needs memory, too. */
function weightOf({ batch }: UnstoredMessage): number {
  return Math.max(1, batch.eventCount);
}

function isTemporary(error: unknown): boolean {
  return error instanceof DatabaseUnavailableError || error instanceof DatabaseOverloadedError;
}
