import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';

const DEFAULT_SEND_TIMEOUT_MS = 45_000;
/** The time to store the events of a message that was accepted at the last moment. */
const STORE_MS = 15_000;

/**
 * Work that must end before the database closes: messages that are being sent, and events that are being stored. It may
 * outlive the request that started it.
 */
@Injectable()
export class RunningWork implements BeforeApplicationShutdown {
  private readonly logger = new Logger(RunningWork.name);
  private readonly limitMs: number;
  private readonly running = new Set<Promise<unknown>>();

  constructor(@Inject(MODULE_OPTIONS_TOKEN) { sendTimeoutMs }: ConnectionsModuleOptions) {
    this.limitMs = (sendTimeoutMs ?? DEFAULT_SEND_TIMEOUT_MS) + STORE_MS;
  }

  /** @returns the promise itself; the application does not stop before it has settled. */
  track<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this.running.add(settled);
    void settled.then(() => this.running.delete(settled));
    return work;
  }

  async beforeApplicationShutdown(): Promise<void> {
    const limit = new AbortController();
    const expired = delay(this.limitMs, true, { signal: limit.signal }).catch(() => true);
    // Work that ended may have started other work.
    while (this.running.size > 0) {
      if (await Promise.race([expired, Promise.all(this.running).then(() => false)])) break;
    }
    limit.abort();
    if (this.running.size === 0) return;
    this.logger.error(
      `Stopping with unfinished work: ${String(this.running.size)} still running after ${String(this.limitMs)} ms.`,
    );
  }
}
