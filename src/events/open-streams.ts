import { Injectable } from '@nestjs/common';
import { ServiceError } from '../problems/service.errors.ts';

/** Of one organization, on one instance. */
const MAX_STREAMS = 20;

/** The organization has as many streams on this instance as it may have. */
class TooManyStreamsError extends ServiceError {
  readonly code = 'too_many_requests';

  constructor() {
    super(`At most ${String(MAX_STREAMS)} event streams of an organization can be open. Close some of them.`);
  }
}

/** Counts the event streams of this instance. */
@Injectable()
export class OpenStreams {
  private readonly byOrganization = new Map<string, number>();

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
