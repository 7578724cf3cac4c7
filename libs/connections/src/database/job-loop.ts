const FIRST_MS = 5_000;
const POLL_MS = 60_000;

interface LoopOptions {
  /** The time until the next run, in milliseconds, asked after each run; a minute by default. */
  readonly nextMs?: () => number;
}

/**
 * Runs jobs that the database holds, one run at a time: soon after the start, when one is added, and once a minute for those of
 * instances that were lost. Its timer does not keep the process alive.
 */
export class JobLoop {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isWanted = false;
  private hasStopped = false;

  /** @param run runs all jobs that wait. It must not reject, and ends soon after `isStopping` has become true */
  constructor(
    private readonly run: () => Promise<void>,
    private readonly options: LoopOptions = {},
  ) {}

  get isStopping(): boolean {
    return this.hasStopped;
  }

  /** The first run is soon. */
  begin(): void {
    this.startAfter(FIRST_MS);
  }

  /** Runs all jobs that wait now. During a run, another one follows it. */
  start(): void {
    this.isWanted = true;
    if (this.running !== undefined || this.hasStopped) return;
    clearTimeout(this.timer);
    this.isWanted = false;
    this.running = this.run().finally(() => {
      this.running = undefined;
      if (this.isWanted) this.start();
      else this.startAfter(this.options.nextMs?.() ?? POLL_MS);
    });
  }

  /** Resolves when the current run has ended. */
  async stop(): Promise<void> {
    this.hasStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private startAfter(ms: number): void {
    if (!this.hasStopped) this.timer = setTimeout(() => this.start(), ms).unref();
  }
}
