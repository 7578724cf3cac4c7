import { setImmediate as turn } from 'node:timers/promises';
import type { EmailEvent, EventKind } from '@score-crm/adapter-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { type CommitJob, CommitQueue } from '../database/commit-queue.ts';
import type { Statement, StatementLimits } from '../database/database-engine.ts';
import { DatabaseOverloadedError, isDuplicateKey } from '../database/database-errors.ts';
import { runStatements } from '../database/insert-statement.ts';
import { DEFAULT_DATABASE_TIMEOUT_MS, RunningWork, type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { type AttemptEnding, IdempotencyKeysRepository } from '../idempotency/idempotency-keys.repository.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import { entryOf, FeedRepository, type PendingEntryRow } from '../sequence/feed.repository.ts';
import { Sequencer } from '../sequence/sequencer.ts';
import { type ConnectionsMetrics, guardedMetrics, NO_METRICS } from '../telemetry/connections-metrics.ts';
import { inSpan, linkToActiveSpan } from '../telemetry/tracing.ts';
import { BatchIds } from './batch-ids.ts';
import {
  compress,
  EventBatchesRepository,
  type EventBatchRow,
  type NewBatch,
  type StoredBatch,
} from './event-batches.repository.ts';
import { batchIdsFor, eventId, EventsRepository, type NewEvent, type PlacedEvent } from './events.repository.ts';
import { LegacyEventsRepository } from './legacy-events.repository.ts';

/** A webhook request that is to be stored. */
export interface IncomingRequest extends Pick<
  EventBatchRow,
  'receivedAt' | 'size' | 'contentType' | 'parameters' | 'rejected' | 'rejections' | 'reason' | 'rejectedDigest'
> {
  readonly status: 'accepted' | 'rejected';
  /** Compressed; null if it is not needed. */
  readonly body: Buffer | null;
}

/** Events that are to be stored together; how many of them are new shows only then. */
export interface IncomingBatch {
  readonly connection: Pick<ConnectionRow, 'id' | 'number' | 'organizationNumber' | 'vendor'>;
  /** The request that contained the events, or, by position, the events of a message that the service sent. */
  readonly source: IncomingRequest | readonly EmailEvent[];
  /** Read in slices, when it is their turn. */
  readonly events: Iterable<NewEvent>;
  readonly eventCount: number;
  /** The attempt of an idempotency key that ends with it, in the commit of the last events. */
  readonly ending?: AttemptEnding;
}

export interface Stored {
  readonly accepted: number;
  readonly duplicates: number;
}

export interface StoredUnderId extends Stored {
  /** The id of the batch. */
  readonly batch: number;
}

/** A batch on its way into the database; a large one is stored in slices, each in its own commit. */
interface Job extends CommitJob {
  readonly batch: IncomingBatch;
  readonly request: IncomingRequest | undefined;
  readonly begun: number;
  /** To the span of what it belongs to. */
  readonly link: ReturnType<typeof linkToActiveSpan>;
  readonly rest: Iterator<NewEvent>;
  readonly resolve: (stored: StoredUnderId) => void;
  /** 0 until its first slice is stored. The events of sent messages get another one with each slice. */
  id: number;
  slice: readonly NewEvent[];
  /** Events that are stored, or known to be duplicates. */
  done: number;
  accepted: number;
}

/** Webhook requests and sent messages whose events are waiting to be stored, or are being stored. */
export interface QueueState {
  readonly requests: number;
  readonly events: number;
  /** Of compressed bodies. */
  readonly bytes: number;
}

/** The jobs of one commit. */
interface Group {
  readonly jobs: readonly Job[];
  readonly bucket: number;
  /** The ids of the slices of each job. */
  readonly placed: ReadonlyMap<Job, readonly PlacedEvent[]>;
  /** The events of sent messages, by the batch that they get: one for each connection. */
  readonly sent: ReadonlyMap<number, readonly Job[]>;
}

/** What shares one commit at most. */
const COMMIT = { requests: 100, events: 2_000, bytes: 4 * 1024 * 1024 } as const;
/** How many events of one request share a commit at most, so that those of others need not wait long. */
const SLICE_EVENTS = 500;
/** What waits at most in all; one connection may have half of it. */
const QUEUE = { requests: 4_000, events: 250_000, bytes: 64 * 1024 * 1024 } as const;

/**
 * Stores batches of events. Batches that arrive during a commit share the next one. The promise of a batch resolves after its
 * last commit. Connections take turns.
 */
@Injectable()
export class EventWriter {
  private readonly jobs: CommitQueue<Job>;
  private readonly load = new Load();
  private readonly metrics: ConnectionsMetrics;
  /** Whether the last commit contained events that were known. Vendors seldom repeat a single request. */
  private expectsDuplicates = false;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly unitOfWork: UnitOfWork,
    private readonly ids: BatchIds,
    private readonly events: EventsRepository,
    private readonly batches: EventBatchesRepository,
    private readonly legacy: LegacyEventsRepository,
    private readonly feed: FeedRepository,
    private readonly sequencer: Sequencer,
    private readonly keys: IdempotencyKeysRepository,
    private readonly work: RunningWork,
  ) {
    this.metrics = guardedMetrics(options);
    this.jobs = new CommitQueue({
      rowsOf: ({ batch, done }) => batch.eventCount - done,
      parallel: () => unitOfWork.parallelWrites,
      timeoutMs: options.databaseTimeoutMs ?? DEFAULT_DATABASE_TIMEOUT_MS,
      take: (next) => this.nextJobs(next),
      store: (jobs) => this.commit(jobs),
    });
  }

  get queue(): QueueState {
    return this.load.total;
  }

  /**
   * A batch that fails in the middle leaves its first slices behind: when it is repeated, they are duplicates.
   * @throws DatabaseUnavailableError if nothing of it was stored for as long as a unit of work may take;
   *   DatabaseOverloadedError, StatementTooLargeError
   */
  async write(batch: IncomingBatch): Promise<StoredUnderId> {
    return this.work.track(this.enqueue(batch));
  }

  /**
   * Stores events of a request that is stored already, under its id, in the caller's transaction. Those that are known stay.
   * @returns how many events of the request are stored, and how many of them are new
   */
  async writeInto(
    tx: Transaction,
    connection: IncomingBatch['connection'],
    batch: number,
    events: readonly NewEvent[],
  ): Promise<{ readonly stored: number; readonly added: number }> {
    const placed = events.map((event) => ({ id: eventId(batch, event.position), event }));
    const [first, last] = [placed[0], placed.at(-1)];
    if (first === undefined || last === undefined) return { stored: 0, added: 0 };
    const range = [{ first: first.id, last: last.id }];
    const before = new Set(await this.events.storedAmong(tx, range));
    const unknown = await this.legacy.withoutKnown(
      tx,
      placed.filter(({ id }) => !before.has(id)),
    );
    await this.events.insertNew(tx, unknown, await this.events.bucketAt(tx, first.id), this.unitOfWork.statementLimits);
    const stored = new Set(await this.events.storedAmong(tx, range));
    const added = unknown.filter(({ id }) => stored.has(id));
    const limits = this.unitOfWork.statementLimits;
    const entry = entryOf(connection, idsOf(added));
    await runStatements(tx, this.feed.announcements(tx.connection, entry, limits), limits);
    return { stored: stored.size, added: added.length };
  }

  private async enqueue(batch: IncomingBatch): Promise<StoredUnderId> {
    const request = requestOf(batch);
    const finish = this.load.add(batch, request);
    try {
      return await new Promise((resolve, reject) => {
        this.jobs.add({
          turn: batch.connection.id,
          batch,
          request,
          begun: performance.now(),
          link: linkToActiveSpan(),
          rest: batch.events[Symbol.iterator](),
          resolve,
          reject,
          id: 0,
          slice: [],
          done: 0,
          accepted: 0,
          timer: undefined,
          isOver: false,
        });
      });
    } finally {
      finish();
    }
  }

  private async nextJobs(next: () => Job | undefined): Promise<Job[]> {
    const jobs: Job[] = [];
    let events = 0;
    let bytes = 0;
    while (jobs.length < COMMIT.requests && events < COMMIT.events && bytes < COMMIT.bytes) {
      const job = next();
      if (job === undefined) break;
      try {
        job.slice = take(job.rest, Math.min(SLICE_EVENTS, COMMIT.events - events));
      } catch (error) {
        // A record that cannot be built fails only its own batch.
        this.jobs.fail(job, error);
        continue;
      }
      jobs.push(job);
      events += job.slice.length;
      bytes += job.done === 0 ? (job.request?.body?.length ?? 0) : 0;
      // Records are built on the way; many of them must not keep the event loop.
      if (job.slice.length > 100) await turn();
    }
    return jobs;
  }

  private async commit(jobs: readonly Job[]): Promise<void> {
    try {
      const group = await this.place(jobs);
      const bodies = await sentBodies(group);
      const begun = performance.now();
      // A commit belongs to all requests that share it.
      const links = jobs.flatMap(({ link }) => link ?? []);
      const attributes = { 'score.requests': jobs.length };
      const added = await inSpan('events commit', { root: true, links, attributes }, async (span) => {
        const stored = (await this.storeNew(group, bodies)) ?? (await this.storeUnknown(group, bodies));
        if (span.isRecording()) span.setAttribute('score.events', eventsOf(stored));
        return stored;
      });
      this.sequencer.notice();
      this.measure(jobs, added, performance.now() - begun);
      for (const job of jobs) this.advance(job, added.get(job)?.length ?? 0);
    } catch (error) {
      this.metrics.commitFailed();
      throw error;
    }
  }

  private measure(jobs: readonly Job[], added: Group['placed'], durationMs: number): void {
    if (this.metrics === NO_METRICS) return;
    const byVendor = new Map<string, Map<EventKind, number>>();
    let events = 0;
    for (const job of jobs) {
      const { vendor } = job.batch.connection;
      const own = added.get(job) ?? [];
      const duplicates = job.slice.length - own.length;
      events += job.slice.length;
      if (duplicates > 0) this.metrics.duplicatesFound(vendor, duplicates);
      const counts = byVendor.get(vendor) ?? new Map<EventKind, number>();
      byVendor.set(vendor, counts);
      for (const { event } of own) counts.set(event.kind, (counts.get(event.kind) ?? 0) + 1);
    }
    for (const [vendor, counts] of byVendor) {
      for (const [kind, count] of counts) this.metrics.eventsStored(vendor, kind, count);
    }
    this.metrics.committed({ durationMs, requests: jobs.length, events });
  }

  /** After the commit of its slice. */
  private advance(job: Job, accepted: number): void {
    this.ids.countStored(accepted);
    job.done += job.slice.length;
    job.accepted += accepted;
    const isExhausted = job.slice.length === 0;
    job.slice = [];
    if (job.isOver) return;
    if (job.done < job.batch.eventCount && !isExhausted) {
      this.jobs.putBack(job);
      return;
    }
    this.jobs.end(job);
    job.resolve({ accepted: job.accepted, duplicates: job.done - job.accepted, batch: job.id });
  }

  /** Decides the ids of batches and events. */
  private async place(jobs: readonly Job[]): Promise<Group> {
    const sent = new Map<number, Job[]>();
    for (const job of jobs) {
      const { number } = job.batch.connection;
      if (job.request !== undefined || job.slice.length === 0) continue;
      const own = sent.get(number);
      if (own === undefined) sent.set(number, [job]);
      else own.push(job);
    }
    // All instances lock in one order, so that they seldom wait for each other in a circle; and with ids in this order, too,
    // rows are added at the end of their table.
    const unplaced = jobs
      .filter(({ request, id }) => request !== undefined && id === 0)
      .toSorted(({ slice: [a] }, { slice: [b] }) => ((a?.digest ?? '') < (b?.digest ?? '') ? -1 : 1));
    const needed = unplaced.reduce((sum, job) => sum + batchIdsFor(itemCount(job)), sent.size);
    const { first, bucket } = await this.ids.take(needed);
    let next = first;
    for (const job of unplaced) {
      job.id = next;
      next += batchIdsFor(itemCount(job));
    }
    const placed = new Map<Job, PlacedEvent[]>();
    const sentById = new Map<number, readonly Job[]>();
    for (const own of sent.values()) {
      let position = 0;
      for (const job of own) {
        job.id = next;
        placed.set(
          job,
          job.slice.map((event) => ({ id: eventId(next, position++), event })),
        );
      }
      sentById.set(next++, own);
    }
    for (const job of jobs) {
      if (job.request !== undefined) {
        placed.set(
          job,
          job.slice.map((event) => ({ id: eventId(job.id, event.position), event })),
        );
      }
    }
    return { jobs, bucket, placed, sent: sentById };
  }

  /**
   * Stores events in one round trip, on the assumption that none of them is known.
   * @returns undefined if one is, or may be: then nothing is stored
   */
  private async storeNew(group: Group, sentBodies: ReadonlyMap<number, Buffer>): Promise<Group['placed'] | undefined> {
    const isBegun = group.jobs.some(({ request, done }) => request !== undefined && done > 0);
    if (isBegun || this.expectsDuplicates || !this.legacy.isKnownEmpty) return undefined;
    try {
      await this.unitOfWork.writeAtOnce(
        (dataSource, limits) => [
          ...this.events.inserts([...group.placed.values()].flat(), group.bucket, limits),
          ...this.statementsFor(dataSource, group, group.placed, sentBodies, limits),
        ],
        { lane: 'ingest' },
      );
      return group.placed;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      this.expectsDuplicates = true;
      return undefined;
    }
  }

  /** @returns the events of each job that are new */
  private async storeUnknown(group: Group, sentBodies: ReadonlyMap<number, Buffer>): Promise<Group['placed']> {
    const added = await this.unitOfWork.write((tx) => this.store(tx, group, sentBodies), { lane: 'ingest' });
    this.expectsDuplicates = eventsOf(added) < eventsOf(group.placed);
    return added;
  }

  private async store(
    tx: Transaction,
    group: Group,
    sentBodies: ReadonlyMap<number, Buffer>,
  ): Promise<Group['placed']> {
    const limits = this.unitOfWork.statementLimits;
    const all = [...group.placed.values()].flat();
    const unknown = await this.legacy.withoutKnown(tx, all);
    const areAllNew = await this.events.insertNew(tx, unknown, group.bucket, limits);
    const added = areAllNew && unknown.length === all.length ? group.placed : await this.storedOf(tx, group.placed);
    for (const job of group.jobs) if (job.done > 0) await this.updateRow(tx, job, added.get(job)?.length ?? 0);
    await runStatements(tx, this.statementsFor(tx.connection, group, added, sentBodies, limits), limits);
    return added;
  }

  /** What is stored with the events. */
  private *statementsFor(
    dataSource: Transaction['connection'],
    group: Group,
    added: Group['placed'],
    sentBodies: ReadonlyMap<number, Buffer>,
    limits: StatementLimits,
  ): Generator<Statement, undefined> {
    const accepted = new Map([...added].map(([job, events]) => [job, events.length]));
    const batches = [
      ...group.jobs.flatMap((job) => batchOfRequest(job, accepted.get(job) ?? 0)),
      ...[...group.sent].flatMap(([id, jobs]) => batchOfSent(id, jobs, accepted, sentBodies.get(id) ?? null)),
    ];
    yield* this.batches.inserts(dataSource, batches, limits);
    yield* this.feed.announcements(dataSource, entriesOf(group, added), limits);
    yield* this.keys.endings(group.jobs.flatMap(endingOf), limits);
  }

  /** Those that were stored, where some may be duplicates. */
  private async storedOf(tx: Transaction, placed: Group['placed']): Promise<Group['placed']> {
    const slices = [...placed].filter(([, events]) => events.length > 0);
    const ranges = slices.map(([, events]) => ({ first: events[0]?.id ?? 0, last: events.at(-1)?.id ?? 0 }));
    const stored = new Set(await this.events.storedAmong(tx, ranges));
    return new Map(slices.map(([job, events]) => [job, events.filter(({ id }) => stored.has(id))]));
  }

  /** Keeps the row of a request right after each of its later slices. */
  private async updateRow(tx: Transaction, job: Job, accepted: number): Promise<void> {
    const { request, batch } = job;
    if (request === undefined) return;
    const counts = countsAfter(job, accepted);
    await this.batches.update(tx, job.id, counts);
    const isLast = counts.accepted + counts.duplicates >= batch.eventCount;
    if (!isLast || isBodyNeeded(request, counts.accepted)) return;
    await this.batches.dropBody(tx, job.id);
    await this.batches.update(tx, job.id, { bodyBytes: 0 });
  }
}

/** Of what is waiting, and of what is being stored. */
class Load {
  readonly total: Weight = { requests: 0, events: 0, bytes: 0 };
  private readonly byConnection = new Map<string, Weight>();

  /** @returns a function that removes it. @throws DatabaseOverloadedError */
  add({ connection, eventCount }: IncomingBatch, request: IncomingRequest | undefined): () => void {
    const own = this.byConnection.get(connection.id) ?? { requests: 0, events: 0, bytes: 0 };
    const weight = { requests: 1, events: eventCount, bytes: request?.body?.length ?? 0 };
    if (exceeds(this.total, weight, 1) || exceeds(own, weight, 0.5)) throw new DatabaseOverloadedError();
    this.byConnection.set(connection.id, own);
    for (const load of [this.total, own]) change(load, weight, 1);
    return () => {
      for (const load of [this.total, own]) change(load, weight, -1);
      if (own.requests === 0) this.byConnection.delete(connection.id);
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

function eventsOf(placed: Group['placed']): number {
  return [...placed.values()].reduce((sum, { length }) => sum + length, 0);
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

function requestOf({ source }: IncomingBatch): IncomingRequest | undefined {
  return 'status' in source ? source : undefined;
}

/** With the items that are not events: positions count them, too. */
function itemCount({ batch, request }: Job): number {
  return batch.eventCount + (request?.rejected ?? 0);
}

function countsAfter({ accepted, done, slice }: Job, added: number): Stored {
  const after = accepted + added;
  return { accepted: after, duplicates: done + slice.length - after };
}

/** With the last slice. */
function endingOf({ batch: { eventCount, ending }, done, slice }: Job): readonly AttemptEnding[] {
  return ending === undefined || (slice.length > 0 && done + slice.length < eventCount) ? [] : [ending];
}

/** With the first slice of a request. */
function batchOfRequest(job: Job, accepted: number): StoredBatch[] {
  const { request, batch } = job;
  if (request === undefined || job.done > 0) return [];
  const { body, ...row } = request;
  const counts = countsAfter(job, accepted);
  const isWhole = job.slice.length >= batch.eventCount;
  return [
    {
      row: { ...row, ...counts, ...commonOf(job), id: job.id },
      body: !isWhole || isBodyNeeded(request, counts.accepted) ? body : null,
    },
  ];
}

/** None if all of its events are known: a commit that was thought to have failed has stored them. */
function batchOfSent(
  id: number,
  jobs: readonly Job[],
  accepted: ReadonlyMap<Job, number>,
  body: Buffer | null,
): StoredBatch[] {
  const [first] = jobs;
  const total = jobs.reduce((sum, job) => sum + (accepted.get(job) ?? 0), 0);
  if (first === undefined || total === 0) return [];
  const row: NewBatch = {
    ...commonOf(first),
    id,
    status: 'sent',
    receivedAt: new Date(),
    size: 0,
    contentType: null,
    parameters: null,
    accepted: total,
    duplicates: jobs.reduce((sum, { slice }) => sum + slice.length, 0) - total,
    rejected: 0,
    rejections: null,
    reason: null,
    rejectedDigest: null,
  };
  return [{ row, body }];
}

function commonOf({
  batch: { connection },
  begun,
}: Job): Pick<
  EventBatchRow,
  'connection' | 'organization' | 'durationMs' | 'headers' | 'occurrences' | 'lastReceivedAt'
> {
  return {
    connection: connection.number,
    organization: connection.organizationNumber,
    durationMs: Math.round(performance.now() - begun),
    headers: null,
    occurrences: 1,
    lastReceivedAt: null,
  };
}

/** What readers of the feed get of a commit: an entry for each request, and one for each batch of sent messages. */
function entriesOf({ jobs, sent }: Group, added: ReadonlyMap<Job, readonly PlacedEvent[]>): readonly PendingEntryRow[] {
  const ofRequests = jobs.filter(({ request }) => request !== undefined).map((job) => [job]);
  return [...ofRequests, ...sent.values()]
    .flatMap((group) => {
      const ids = idsOf(group.flatMap((job) => added.get(job) ?? []));
      return group[0] === undefined ? [] : entryOf(group[0].batch.connection, ids);
    })
    .toSorted((a, b) => a.first - b.first);
}

function idsOf(events: readonly PlacedEvent[]): readonly number[] {
  return events.map(({ id }) => id).toSorted((a, b) => a - b);
}

/** The details of the events of sent messages, in the order of their positions. */
async function sentBodies({ sent }: Group): Promise<ReadonlyMap<number, Buffer>> {
  const bodies = new Map<number, Buffer>();
  for (const [id, jobs] of sent) {
    const events = jobs.flatMap(({ batch: { source }, slice }) =>
      slice.map(({ position }) => (source as readonly EmailEvent[])[position]),
    );
    bodies.set(id, await compress(Buffer.from(JSON.stringify(events))));
  }
  return bodies;
}

/** The body of a request that brought nothing new is not kept: the raw form of its events is in the one before. */
function isBodyNeeded({ rejected, status }: IncomingRequest, accepted: number): boolean {
  return accepted > 0 || rejected > 0 || status === 'rejected';
}
