import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type CommitJob, CommitQueue } from '../database/commit-queue.ts';
import { DatabaseOverloadedError, isDuplicateKey } from '../database/database-errors.ts';
import { runStatements } from '../database/insert-statement.ts';
import { DEFAULT_DATABASE_TIMEOUT_MS, RunningWork, type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import { InvalidQueryError } from '../input/paging.ts';
import {
  type ConnectionsModuleOptions,
  DEFAULT_SEND_TIMEOUT_MS,
  MODULE_OPTIONS_TOKEN,
} from '../options/connections.module-options.ts';
import { IdempotencyKeysRepository, type KeyHolder, type NewAttempt } from './idempotency-keys.repository.ts';

/** The idempotency key was used for another request. */
export class IdempotencyKeyReusedError extends ConnectionsError {
  readonly code = 'idempotency_key_reused';

  constructor() {
    super('This idempotency key was used for a different request. Use a new key for each request.');
  }
}

/** An earlier request with the same idempotency key has not ended yet. */
export class RequestInProgressError extends ConnectionsError {
  readonly code = 'request_in_progress';

  constructor() {
    super('A request with this idempotency key is in progress. Repeat the request later to get its response.');
  }
}

/** What is known of the attempt that used a key before. */
export interface EarlierAttempt {
  /** The id of what it creates. */
  readonly id: string;
  /** What it returned; null if that is not known. */
  readonly result: Buffer | null;
}

/** A request with an idempotency key. */
export interface KeyedRequest {
  readonly organization: string;
  /** Within which keys are compared, such as the id of a connection. */
  readonly scope: string;
  readonly key: string;
  /** Identifies the request, in hexadecimal: repetitions have the same one. */
  readonly fingerprint: string;
  /** The id of what the request creates: a UUID of version 7. */
  readonly id: string;
}

interface Reservation extends CommitJob {
  readonly attempt: NewAttempt;
  readonly resolve: (holder: KeyHolder | undefined) => void;
}

const KEY = /^[\x21-\x7e]{1,255}$/;
/** Of digests, in hexadecimal digits. */
export const DIGEST_LENGTH = 32;
/** For how long a key is kept at least. */
export const KEY_RETENTION_MS = 24 * 60 * 60 * 1_000;
const ATTEMPTS_PER_COMMIT = 200;
const MAX_WAITING = 4_000;
/** Two, so that one that waits for a lock does not delay the others. More would divide attempts into smaller commits. */
const PARALLEL_COMMITS = 2;
const LEASE_MARGIN_MS = 5_000;

/** Gives each idempotency key to one attempt: of several requests with the same key, only that one is processed. */
@Injectable()
export class IdempotencyKeys {
  private readonly reservations: CommitQueue<Reservation>;
  private readonly leaseMs: number;
  private waiting = 0;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly unitOfWork: UnitOfWork,
    private readonly keys: IdempotencyKeysRepository,
    private readonly work: RunningWork,
  ) {
    const { sendTimeoutMs = DEFAULT_SEND_TIMEOUT_MS, databaseTimeoutMs = DEFAULT_DATABASE_TIMEOUT_MS } = options;
    // An attempt reads, sends, and stores its result.
    this.leaseMs = sendTimeoutMs + 2 * databaseTimeoutMs + LEASE_MARGIN_MS;
    this.reservations = new CommitQueue({
      rowsOf: () => 1,
      parallel: () => Math.min(PARALLEL_COMMITS, unitOfWork.parallelWrites),
      timeoutMs: databaseTimeoutMs,
      take: async (next) => takeSome(next),
      store: (jobs) => this.store(jobs),
    });
  }

  /**
   * Reserves the key of a request. Requests that arrive together share a commit.
   * @returns undefined if the request is the first one with its key, and may be processed; otherwise the earlier one
   * @throws IdempotencyKeyReusedError, RequestInProgressError, InvalidQueryError; DatabaseUnavailableError if it is not
   *   known whether the key is reserved, and DatabaseOverloadedError
   */
  async reserve(request: KeyedRequest): Promise<EarlierAttempt | undefined> {
    const attempt = attemptOf(request);
    if (this.waiting >= MAX_WAITING) throw new DatabaseOverloadedError();
    this.waiting++;
    try {
      const holder = await this.work.track(
        new Promise<KeyHolder | undefined>((resolve, reject) => {
          this.reservations.add({ turn: request.scope, attempt, resolve, reject, isOver: false, timer: undefined });
        }),
      );
      return earlierAttempt(attempt, holder);
    } finally {
      this.waiting--;
    }
  }

  /** Reserves the key of a request that the caller's transaction processes completely, and returns nothing but its id. */
  async reserveIn(tx: Transaction, request: KeyedRequest): Promise<EarlierAttempt | undefined> {
    const attempt = attemptOf(request);
    const holders = await this.keys.reserve(tx, [attempt], this.leaseMs);
    const earlier = earlierAttempt(attempt, holders?.get(attempt.digest));
    const limits = this.unitOfWork.statementLimits;
    if (earlier === undefined) {
      const done = { attempt: attempt.attempt, outcome: 'done', result: Buffer.alloc(0) } as const;
      await runStatements(tx, this.keys.endings([done], limits), limits);
    }
    return earlier;
  }

  private async store(jobs: readonly Reservation[]): Promise<void> {
    const attempts = jobs.map(({ attempt }) => attempt);
    const holders = (await this.reserveFree(attempts))
      ? undefined
      : await this.unitOfWork.write((tx) => this.keys.reserve(tx, attempts, this.leaseMs), { lane: 'ingest' });
    for (const job of jobs) {
      this.reservations.end(job);
      job.resolve(holders?.get(job.attempt.digest));
    }
  }

  /** @returns false if one of the keys is taken: then none is reserved */
  private async reserveFree(attempts: readonly NewAttempt[]): Promise<boolean> {
    try {
      await this.unitOfWork.writeAtOnce((dataSource) => [this.keys.reservation(dataSource, attempts, this.leaseMs)], {
        lane: 'ingest',
      });
      return true;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return false;
    }
  }
}

function takeSome(next: () => Reservation | undefined): readonly Reservation[] {
  const jobs: Reservation[] = [];
  for (let job = next(); job !== undefined; job = next()) {
    jobs.push(job);
    if (jobs.length === ATTEMPTS_PER_COMMIT) break;
  }
  return jobs;
}

export function isIdempotencyKey(key: unknown): key is string {
  return typeof key === 'string' && KEY.test(key);
}

/** @throws InvalidQueryError */
function attemptOf({ organization, scope, key, fingerprint, id }: KeyedRequest): NewAttempt {
  if (!isIdempotencyKey(key)) {
    const message = 'Use 1 to 255 visible ASCII characters without spaces, such as a UUID.';
    throw new InvalidQueryError([{ pointer: '/Idempotency-Key', code: 'malformed', message }]);
  }
  // None of the three contains a space.
  const digest = hash('sha256', `${organization} ${scope} ${key}`).slice(0, DIGEST_LENGTH);
  return { attempt: attemptId(id), digest, fingerprint };
}

/** @throws IdempotencyKeyReusedError, RequestInProgressError */
function earlierAttempt(own: NewAttempt, holder: KeyHolder | undefined): EarlierAttempt | undefined {
  if (holder === undefined || holder.attempt === own.attempt) return undefined;
  if (holder.fingerprint !== own.fingerprint) throw new IdempotencyKeyReusedError();
  if (holder.isRunning && holder.result === null) throw new RequestInProgressError();
  return { id: idOf(holder.attempt), result: holder.result };
}

/** The id of an attempt as the repository needs it. */
export function attemptId(uuid: string): string {
  return uuid.replaceAll('-', '');
}

function idOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The fingerprint of a request: that of an object does not depend on the order of its members. */
export function fingerprintOf(request: object): string {
  return hash('sha256', canonicalJson(request)).slice(0, DIGEST_LENGTH);
}

/** JSON with the members of each object in alphabetical order. */
export function canonicalJson(value: object): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    const isPlain = typeof member === 'object' && member !== null && !Array.isArray(member);
    return isPlain ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1))) : member;
  });
}
