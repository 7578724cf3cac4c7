import { Injectable } from '@nestjs/common';
import { type DataSource, EntitySchema } from 'typeorm';
import { databaseClock } from '../database/database-clock.ts';
import type { Statement, StatementLimits } from '../database/database-engine.ts';
import { type DeletedRange, deleteRange, type KeyRange } from '../database/delete-rows.ts';
import { columnKinds, type Dialect, dialectOf, NUMBER } from '../database/dialect.ts';
import { select } from '../database/indexed-select.ts';
import { isWithoutDuplicates } from '../database/insert-statement.ts';
import type { Transaction } from '../database/unit-of-work.ts';

/** A key, and the attempt that has it. */
export class IdempotencyKeyRow {
  /** The id of what the attempt creates, which begins with its time (UUID, version 7). */
  attempt!: Buffer;
  /** Identifies the key within its connection or organization. */
  digest!: Buffer;
  /** Identifies the request. */
  fingerprint!: Buffer;
  /** Until when the attempt may be running, in milliseconds of the database's clock; 0 after it has ended. */
  leasedUntil!: number;
  /** What the attempt returned; null if that is not known. */
  result!: Buffer | null;
}

export function idempotencyKeySchema(dialect: Dialect): EntitySchema<IdempotencyKeyRow> {
  const { bytes, digest, long } = columnKinds(dialect);
  return new EntitySchema<IdempotencyKeyRow>({
    name: 'idempotency_key',
    target: IdempotencyKeyRow,
    tableName: 'idempotency_keys',
    columns: {
      attempt: { ...digest, primary: true, primaryKeyConstraintName: 'pk_idempotency_keys' },
      digest: { ...digest },
      fingerprint: { ...digest },
      leasedUntil: { name: 'leased_until', ...long, transformer: NUMBER },
      result: { ...bytes, nullable: true },
    },
    indices: [{ name: 'uq_idempotency_keys_digest', columns: ['digest'], unique: true }],
  });
}

/** An attempt that needs its key. Ids and digests are in hexadecimal. */
export interface NewAttempt {
  readonly attempt: string;
  readonly digest: string;
  readonly fingerprint: string;
}

/** The attempt that has a key. */
export interface KeyHolder extends NewAttempt {
  /** Whether it may still be running. */
  readonly isRunning: boolean;
  readonly result: Buffer | null;
}

/** How an attempt has ended. */
export interface AttemptEnding {
  readonly attempt: string;
  /** `released`: nothing was done, so that the key is free again. `unknown`: whether something was done is not known. */
  readonly outcome: 'done' | 'unknown' | 'released';
  /** Of `done`. */
  readonly result?: Buffer;
}

interface HolderRow {
  readonly attempt: Buffer;
  readonly digest: Buffer;
  readonly fingerprint: Buffer;
  readonly running: number;
  readonly result: Buffer | null;
}

const KEEP: Readonly<Record<Dialect, string>> = {
  mysql: ' ON DUPLICATE KEY UPDATE digest = digest',
  sqlite: ' ON CONFLICT (digest) DO NOTHING',
};
const DELETED_PER_STEP = 1_000;
/** Beside the result. */
const ENDING_BYTES = 120;

/** The table `idempotency_keys`. Rows follow each other in time; only the index of the digests is in random order. */
@Injectable()
export class IdempotencyKeysRepository {
  /**
   * Gives keys to attempts. A key that another attempt has stays with it.
   * @param leaseMs how long an attempt may take
   * @returns the attempts that have the keys now, by digest; undefined if all keys were free
   */
  async reserve(
    tx: Transaction,
    attempts: readonly NewAttempt[],
    leaseMs: number,
  ): Promise<ReadonlyMap<string, KeyHolder> | undefined> {
    const clock = databaseClock(tx.connection);
    const ending = KEEP[dialectOf(tx.connection.options.type)];
    const inserted: unknown = await tx.query(insertOf(attempts, leaseMs, clock) + ending);
    if (isWithoutDuplicates(inserted)) return undefined;
    const digests = [...new Set(attempts.map(({ digest }) => literal(digest)))].toSorted();
    const found = (await select(tx, {
      columns: `attempt, digest, fingerprint, CASE WHEN leased_until > ${clock} THEN 1 ELSE 0 END AS running, result`,
      table: 'idempotency_keys',
      index: 'uq_idempotency_keys_digest',
      conditions: [[`digest IN (${digests.join(', ')})`]],
    })) as HolderRow[];
    return new Map(
      found.map(({ attempt, digest, fingerprint, running, result }) => {
        const hex = digest.toString('hex');
        const holder = { attempt: attempt.toString('hex'), digest: hex, fingerprint: fingerprint.toString('hex') };
        return [hex, { ...holder, isRunning: running === 1, result }];
      }),
    );
  }

  /** A statement that gives keys to attempts, and fails if one of the keys is taken. */
  reservation(dataSource: DataSource, attempts: readonly NewAttempt[], leaseMs: number): Statement {
    const sql = insertOf(attempts, leaseMs, databaseClock(dataSource));
    return { sql, values: [], bytes: sql.length };
  }

  /** Statements that end attempts, for the transaction that stores what they have done. */
  *endings(endings: readonly AttemptEnding[], { usual }: StatementLimits): Generator<Statement, undefined> {
    const released = endings.filter(({ outcome }) => outcome === 'released').map(({ attempt }) => literal(attempt));
    if (released.length > 0) {
      const sql = `DELETE FROM idempotency_keys WHERE attempt IN (${released.join(', ')})`;
      yield { sql, values: [], bytes: sql.length };
    }
    let group: AttemptEnding[] = [];
    let bytes = 0;
    for (const ending of endings) {
      if (ending.outcome === 'released') continue;
      const size = ENDING_BYTES + 2 * (ending.result?.length ?? 0);
      if (group.length > 0 && bytes + size > usual) {
        yield updateOf(group, bytes);
        [group, bytes] = [[], 0];
      }
      group.push(ending);
      bytes += size;
    }
    if (group.length > 0) yield updateOf(group, bytes);
  }

  /** Deletes the next keys of a range of attempts. */
  async deleteRange(tx: Transaction, attempts: KeyRange<Buffer>): Promise<DeletedRange<Buffer>> {
    return deleteRange(tx, IdempotencyKeyRow, 'attempt', attempts, DELETED_PER_STEP);
  }
}

function insertOf(attempts: readonly NewAttempt[], leaseMs: number, clock: string): string {
  // In the order of the index: two instances seldom wait for each other, and neighbors share pages.
  const rows = attempts
    .toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
    .map(
      ({ attempt, digest, fingerprint }) =>
        `(${[attempt, digest, fingerprint].map(literal).join(', ')}, ${clock} + ${String(leaseMs)}, NULL)`,
    );
  return `INSERT INTO idempotency_keys (attempt, digest, fingerprint, leased_until, result) VALUES ${rows.join(', ')}`;
}

function updateOf(endings: readonly AttemptEnding[], bytes: number): Statement {
  const cases = endings.map(({ attempt }) => `WHEN ${literal(attempt)} THEN ?`).join(' ');
  const attempts = endings.map(({ attempt }) => literal(attempt)).join(', ');
  return {
    sql: `UPDATE idempotency_keys SET leased_until = 0, result = CASE attempt ${cases} END WHERE attempt IN (${attempts})`,
    values: endings.map(({ result }) => result ?? null),
    bytes,
  };
}

/** In a statement. It needs no escaping: it is the output of a hash function, or an id. */
function literal(hex: string): string {
  return `x'${hex}'`;
}
