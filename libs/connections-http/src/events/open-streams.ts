import { setMaxListeners } from 'node:events';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ApiError } from '../problems/api.errors.ts';

/** Of one organization, on one instance. */
const MAX_STREAMS = 20;

/** The organization has as many streams on this instance as it may have. */
class TooManyStreamsError extends ApiError {
  readonly code = 'too_many_requests';

  constructor() {
    super(`At most ${String(MAX_STREAMS)} event streams of an organization can be open. Close some of them.`);
  }
}

/** Counts the event streams of this instance. */
@Injectable()
export class OpenStreams implements OnModuleDestroy {
  private readonly byOrganization = new Map<string, number>();
  private readonly end = new AbortController();

  constructor() {
    // Each open stream adds a listener; Node would warn of a leak at the eleventh.
    setMaxListeners(0, this.end.signal);
  }

  /** Aborts when the streams end, because the application stops. */
  get ending(): AbortSignal {
    return this.end.signal;
  }

  /** Ends all streams: a server that stops would wait for them. */
  endAll(): void {
    this.end.abort();
  }

  /** Nest calls it before it closes the server. */
  onModuleDestroy(): void {
    this.endAll();
  }

  /** Of all organizations. */
  get count(): number {
    return [...this.byOrganization.values()].reduce((sum, count) => sum + count, 0);
  }

  /** @returns a function that removes the stream @throws TooManyStreamsError */
  add(organization: string): () => void {
    const count = this.byOrganization.get(organization) ?? 0;
    if (count >= MAX_STREAMS) throw new TooManyStreamsError();
    this.byOrganization.set(organization, count + 1);
    return () => {
      const left = (this.byOrganization.get(organization) ?? 1) - 1;
      if (left === 0) this.byOrganization.delete(organization);
      else this.byOrganization.set(organization, left);
    };
  }
}
