import { Injectable } from '@nestjs/common';

export type Phase = 'starting' | 'serving' | 'stopping';

/** The phase of the service. */
@Injectable()
export class Lifecycle {
  /** Resolves once the database is migrated. It stays pending if the start fails. */
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
