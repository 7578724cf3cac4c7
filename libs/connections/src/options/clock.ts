import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** The time that outgoing webhooks and sending limits go by. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }

  /** @returns false if the signal was aborted first */
  async wait(ms: number, signal?: AbortSignal): Promise<boolean> {
    return delay(ms, true, signal === undefined ? {} : { signal }).catch(() => false);
  }
}
