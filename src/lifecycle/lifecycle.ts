import { Injectable } from '@nestjs/common';

export type Phase = 'starting' | 'serving' | 'stopping';

/** Where the service is between its start and its stop. */
@Injectable()
export class Lifecycle {
  /** Resolves once the database is up to date. It stays pending when the start fails. */
  readonly started: Promise<void>;
  private current: Phase = 'starting';
  private resolveStarted!: () => void;

  constructor() {
    this.started = new Promise((resolve) => (this.resolveStarted = resolve));
  }

  get phase(): Phase {
    return this.current;
  }

  serve(): void {
    if (this.current !== 'starting') return;
    this.current = 'serving';
    this.resolveStarted();
  }

  stop(): void {
    this.current = 'stopping';
  }
}
