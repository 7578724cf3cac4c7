import { setImmediate as turn } from 'node:timers/promises';
import { Turns } from './database-engine.ts';
import { DatabaseOverloadedError, DatabaseUnavailableError } from './database-errors.ts';

/** What waits for a commit. Its queue changes it. */
export interface CommitJob {
  /** By which jobs take turns, such as the id of a connection. */
  readonly turn: string;
  readonly reject: (error: unknown) => void;
  /** Whether it has ended, successfully or not. */
  isOver: boolean;
  timer: NodeJS.Timeout | undefined;
}

interface CommitQueueOptions<Job> {
  /** How many commits may run at the same time. */
  readonly parallel: () => number;
  /** How many rows a job has. */
  readonly rowsOf: (job: Job) => number;
  /** How long a job may wait without progress, in milliseconds. */
  readonly timeoutMs: number;
  /** Takes the jobs of the next commit. */
  readonly take: (next: () => Job | undefined) => Promise<readonly Job[]>;
  /** Stores jobs in one commit, and ends them or puts them back. */
  readonly store: (jobs: readonly Job[]) => Promise<void>;
}

/** How many rows must wait for a commit to start beside another: smaller ones would only divide the work. */
const ROWS_FOR_PARALLEL = 100;
/** After this time a commit counts as stuck, and does not keep others waiting. */
const SLOW_COMMIT_MS = 50;

/**
 * Jobs that arrive during a commit share the next one. Keys take turns. A job that makes no progress fails: its caller must not
 * wait for a commit that may never end.
 */
export class CommitQueue<Job extends CommitJob> {
  private readonly waiting = new Turns<Job>();
  private waitingRows = 0;
  private commits = 0;
  /** When the last one started, on the clock of `performance.now()`. */
  private startedAt = 0;
  private slowCommit: NodeJS.Timeout | undefined;
  private isStarting = false;

  constructor(private readonly options: CommitQueueOptions<Job>) {}

  add(job: Job): void {
    this.watch(job);
    this.waiting.add(job.turn, job);
    this.waitingRows += this.options.rowsOf(job);
    void this.start();
  }

  /** Continues a job of which a part was stored, before other jobs of its turn. */
  putBack(job: Job): void {
    this.watch(job);
    this.waiting.putBack(job.turn, job);
    this.waitingRows += this.options.rowsOf(job);
  }

  /** Call it when a job has succeeded. */
  end(job: Job): void {
    clearTimeout(job.timer);
    job.isOver = true;
  }

  fail(job: Job, error: unknown): void {
    this.end(job);
    job.reject(error);
  }

  private watch(job: Job): void {
    clearTimeout(job.timer);
    const expire = (): void => {
      if (this.waiting.remove(job.turn, job)) this.waitingRows -= this.options.rowsOf(job);
      this.fail(job, new DatabaseUnavailableError(new Error('Storing took longer than allowed.')));
    };
    // As in waitAtMost: after a blocked event loop, the commit that has arrived is read first.
    job.timer = setTimeout(
      () => setImmediate(() => setImmediate(() => !job.isOver && expire())),
      this.options.timeoutMs,
    );
  }

  /** Starts commits while something is waiting. */
  private async start(): Promise<void> {
    if (this.isStarting) return;
    this.isStarting = true;
    // What has arrived together is read first, to share a commit.
    await turn();
    while (this.waiting.size > 0 && this.mayCommit()) {
      const taken = await this.options.take(() => this.takeNext());
      this.commits++;
      this.startedAt = performance.now();
      void this.commit(taken.filter((job) => !job.isOver)).finally(() => {
        this.commits--;
        void this.start();
      });
    }
    this.isStarting = false;
    clearTimeout(this.slowCommit);
    if (this.waiting.size > 0) this.slowCommit = setTimeout(() => void this.start(), SLOW_COMMIT_MS);
  }

  private mayCommit(): boolean {
    if (this.commits === 0) return true;
    if (this.commits >= this.options.parallel()) return false;
    return this.waitingRows >= ROWS_FOR_PARALLEL || performance.now() - this.startedAt >= SLOW_COMMIT_MS;
  }

  private takeNext(): Job | undefined {
    const job = this.waiting.take();
    if (job !== undefined) this.waitingRows -= this.options.rowsOf(job);
    return job;
  }

  private async commit(jobs: readonly Job[]): Promise<void> {
    if (jobs.length === 0) return;
    try {
      await this.options.store(jobs);
    } catch (error) {
      // If the database is not available, repeating it for each job would only keep the callers waiting.
      const isEveryones = error instanceof DatabaseUnavailableError || error instanceof DatabaseOverloadedError;
      if (jobs.length === 1 || isEveryones) {
        for (const job of jobs) this.fail(job, error);
        return;
      }
      // One of them is at fault. Committing each by itself shows which.
      for (const job of jobs) if (!job.isOver) await this.commit([job]);
    }
  }
}
