import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Turns } from '../database/database-engine.ts';
import { DatabaseOverloadedError, DatabaseUnavailableError } from '../database/database-errors.ts';
import { DEFAULT_DATABASE_TIMEOUT_MS, RunningWork, type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import { EventsRepository, type NewEvent } from './events.repository.ts';
import { type WebhookRequestRow, WebhookRequestsRepository } from './webhook-requests.repository.ts';

/** A request that is to be stored; how many of its events are new shows only then. */
export interface IncomingRequest {
  readonly connectionId: string;
  /** Null for the events of a message that the service sent. */
  readonly row: Omit<WebhookRequestRow, 'accepted' | 'duplicates'> | null;
  /** Read in slices, when it is their turn. */
  readonly events: Iterable<NewEvent>;
  readonly eventCount: number;
}

export interface Stored {
  readonly accepted: number;
  readonly duplicates: number;
}

/** A request on its way into the database; a large one is stored in slices, each in its own commit. */
interface Job {
  readonly request: IncomingRequest;
  readonly rest: Iterator<NewEvent>;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: unknown) => void;
  slice: readonly NewEvent[];
  /** Events that are stored, or known to be duplicates. */
  done: number;
  accepted: number;
  /** The highest id of its stored events: what is new in a later slice is above it. */
  lastId: number;
  timer: NodeJS.Timeout | undefined;
  isOver: boolean;
}

/** What one slice brought. */
interface Progress {
  readonly accepted: number;
  readonly lastId: number;
}

// On SQLite nothing comes in during a commit: those that came together are given the time to meet.
const GATHER_MS = 2;
/** What shares one commit at most. */
const COMMIT = { requests: 100, events: 2_000, bytes: 4 * 1024 * 1024 } as const;
/** How many events of one request share a commit at most, so that those of others need not wait long. */
const SLICE_EVENTS = 500;
/** What waits at most in all; one connection may have half of it. */
const QUEUE = { requests: 4_000, events: 250_000, bytes: 64 * 1024 * 1024 } as const;

/**
 * Stores requests with their events. Requests that arrive during a commit share the next one. The promise of a request
 * resolves after its last commit. Connections take turns.
 */
@Injectable()
export class EventWriter {
  private readonly waiting = new Turns<Job>();
  private readonly load = new Load();
  private readonly timeoutMs: number;
  private running = false;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: EventsRepository,
    private readonly requests: WebhookRequestsRepository,
    private readonly work: RunningWork,
  ) {
    this.timeoutMs = options.databaseTimeoutMs ?? DEFAULT_DATABASE_TIMEOUT_MS;
  }

  /**
   * A request that fails in the middle leaves its first slices behind: when it is repeated, they are duplicates.
   * @throws DatabaseUnavailableError if nothing of it was stored for as long as a unit of work may take;
   *   DatabaseOverloadedError, StatementTooLargeError
   */
  async write(request: IncomingRequest): Promise<Stored> {
    return this.work.track(this.enqueue(request));
  }

  private async enqueue(request: IncomingRequest): Promise<Stored> {
    const finish = this.load.add(request);
    try {
      return await new Promise((resolve, reject) => {
        const job: Job = {
          request,
          rest: request.events[Symbol.iterator](),
          resolve,
          reject,
          slice: [],
          done: 0,
          accepted: 0,
          lastId: 0,
          timer: undefined,
          isOver: false,
        };
        this.watch(job);
        this.waiting.add(request.connectionId, job);
        if (!this.running) void this.run();
      });
    } finally {
      finish();
    }
  }

  /** Fails a job that makes no progress: its caller must not wait for a commit that may never end. */
  private watch(job: Job): void {
    clearTimeout(job.timer);
    const expire = (): void => {
      this.waiting.remove(job.request.connectionId, job);
      this.fail(job, new DatabaseUnavailableError(new Error('Storing events took longer than allowed.')));
    };
    // As in waitAtMost: after a blocked event loop, the commit that has arrived is read first.
    job.timer = setTimeout(() => setImmediate(() => setImmediate(() => !job.isOver && expire())), this.timeoutMs);
  }

  private fail(job: Job, error: unknown): void {
    clearTimeout(job.timer);
    job.isOver = true;
    job.reject(error);
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting.size > 0) {
      await delay(GATHER_MS);
      await this.commit(await this.nextGroup());
    }
    this.running = false;
  }

  private async nextGroup(): Promise<Job[]> {
    const group: Job[] = [];
    let events = 0;
    let bytes = 0;
    while (group.length < COMMIT.requests && events < COMMIT.events && bytes < COMMIT.bytes) {
      const job = this.waiting.take();
      if (job === undefined) break;
      try {
        job.slice = take(job.rest, Math.min(SLICE_EVENTS, COMMIT.events - events));
      } catch (error) {
        // A record that cannot be built fails only its own request.
        this.fail(job, error);
        continue;
      }
      group.push(job);
      events += job.slice.length;
      bytes += job.done === 0 ? (job.request.row?.body?.length ?? 0) : 0;
      // Records are built on the way; many of them must not keep the event loop.
      if (job.slice.length > 100) await turn();
    }
    return group.filter((job) => !job.isOver);
  }

  private async commit(group: readonly Job[]): Promise<void> {
    if (group.length === 0) return;
    try {
      const progress = await this.unitOfWork.write((tx) => this.store(tx, group), { lane: 'ingest' });
      for (const [index, job] of group.entries()) this.advance(job, progress[index] as Progress);
    } catch (error) {
      // If the database is not available, repeating it for each request would only keep the senders waiting.
      const isEveryones = error instanceof DatabaseUnavailableError || error instanceof DatabaseOverloadedError;
      if (group.length === 1 || isEveryones) {
        for (const job of group) this.fail(job, error);
        return;
      }
      // One of them is at fault. Committing each by itself shows which.
      for (const job of group) if (!job.isOver) await this.commit([job]);
    }
  }

  /** After the commit of its slice. */
  private advance(job: Job, { accepted, lastId }: Progress): void {
    job.done += job.slice.length;
    job.accepted += accepted;
    job.lastId = Math.max(job.lastId, lastId);
    const isExhausted = job.slice.length === 0;
    job.slice = [];
    if (job.isOver) return;
    const { connectionId, eventCount } = job.request;
    if (job.done < eventCount && !isExhausted) {
      this.watch(job);
      this.waiting.putBack(connectionId, job);
      return;
    }
    clearTimeout(job.timer);
    job.isOver = true;
    job.resolve({ accepted: job.accepted, duplicates: job.done - job.accepted });
  }

  private async store(tx: Transaction, group: readonly Job[]): Promise<Progress[]> {
    const limits = this.unitOfWork.statementLimits;
    await this.events.insertNew(
      tx,
      group.flatMap(({ slice }) => slice),
      limits,
    );
    const news = await this.events.countNew(
      tx,
      group.flatMap(({ request, lastId }) => (request.row === null ? [] : [{ requestId: request.row.id, lastId }])),
    );
    const progress = group.map(({ request, slice }): Progress => {
      // The service's own events are never duplicates.
      if (request.row === null) return { accepted: slice.length, lastId: 0 };
      return news.get(request.row.id) ?? { accepted: 0, lastId: 0 };
    });
    const rows = group.flatMap((job, index) => (job.done === 0 ? rowOf(job, progress[index] as Progress) : []));
    // Sent messages have no request.
    if (rows.length > 0) await this.requests.insert(tx, rows, limits);
    for (const [index, job] of group.entries()) {
      if (job.done > 0) await this.updateRow(tx, job, progress[index] as Progress);
    }
    return progress;
  }

  /** Keeps the row of a request right after each of its slices. */
  private async updateRow(tx: Transaction, job: Job, progress: Progress): Promise<void> {
    const { row, eventCount } = job.request;
    if (row === null) return;
    const counts = countsAfter(job, progress);
    await this.requests.updateCounts(tx, row.id, counts);
    const isLast = counts.accepted + counts.duplicates >= eventCount;
    if (isLast && !isBodyNeeded(row, counts.accepted)) await this.requests.dropBody(tx, row.id);
  }
}

/** Of what is waiting, and of what is being stored. */
class Load {
  private readonly total: Weight = { requests: 0, events: 0, bytes: 0 };
  private readonly byConnection = new Map<string, Weight>();

  /** @returns a function that removes it. @throws DatabaseOverloadedError */
  add({ connectionId, row, eventCount }: IncomingRequest): () => void {
    const own = this.byConnection.get(connectionId) ?? { requests: 0, events: 0, bytes: 0 };
    const weight = { requests: 1, events: eventCount, bytes: row?.body?.length ?? 0 };
    if (exceeds(this.total, weight, 1) || exceeds(own, weight, 0.5)) throw new DatabaseOverloadedError();
    this.byConnection.set(connectionId, own);
    for (const load of [this.total, own]) change(load, weight, 1);
    return () => {
      for (const load of [this.total, own]) change(load, weight, -1);
      if (own.requests === 0) this.byConnection.delete(connectionId);
    };
  }
}

type Weight = Record<'requests' | 'events' | 'bytes', number>;
const KINDS = ['requests', 'events', 'bytes'] as const;

/** A request of any size is accepted while no other is waiting. */
function exceeds(load: Weight, weight: Weight, share: number): boolean {
  return load.requests > 0 && KINDS.some((kind) => load[kind] + weight[kind] > QUEUE[kind] * share);
}

function change(load: Weight, weight: Weight, sign: 1 | -1): void {
  for (const kind of KINDS) load[kind] += sign * weight[kind];
}

function take(iterator: Iterator<NewEvent>, count: number): NewEvent[] {
  const taken: NewEvent[] = [];
  while (taken.length < count) {
    const next = iterator.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

function countsAfter({ accepted, done, slice }: Job, progress: Progress): Stored {
  const after = accepted + progress.accepted;
  return { accepted: after, duplicates: done + slice.length - after };
}

function rowOf(job: Job, progress: Progress): WebhookRequestRow[] {
  const { row, eventCount } = job.request;
  if (row === null) return [];
  const counts = countsAfter(job, progress);
  const isWhole = job.slice.length >= eventCount;
  return [{ ...row, ...counts, body: !isWhole || isBodyNeeded(row, counts.accepted) ? row.body : null }];
}

/** The body of a request that brought nothing new is not kept: the raw form of its events is in the one before. */
function isBodyNeeded(row: NonNullable<IncomingRequest['row']>, accepted: number): boolean {
  return accepted > 0 || row.rejected > 0 || row.status === 'rejected';
}
