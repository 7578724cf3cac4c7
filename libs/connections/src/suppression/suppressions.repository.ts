import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EntitySchema, In } from 'typeorm';
import type { StatementLimits } from '../database/database-engine.ts';
import { columnKinds, type Dialect, dialectOf, NUMBER } from '../database/dialect.ts';
import { type Condition, select } from '../database/indexed-select.ts';
import { InsertStatements, runStatements } from '../database/insert-statement.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import { storedAddress } from '../events/event-record.ts';
import { coded, EVENT_LENGTHS } from '../events/events.repository.ts';
import {
  type AddedReason,
  INITIAL_STATE,
  type SoftBounce,
  type SuppressionCause,
  type SuppressionReason,
  type SuppressionState,
} from './suppression-rules.ts';

/** An address that an organization does not send to. */
export class SuppressionRow {
  id!: number;
  /** `suppressionDigest`. An erased address is still recognized by it. */
  digest!: Buffer;
  organization!: string;
  /** As events have it; null after it was erased. */
  address!: string | null;
  /** That of the event if there is one, otherwise `addedReason`. */
  reason!: SuppressionReason;
  /** The event that caused it; null without one. */
  eventId!: number | null;
  connectionId!: string | null;
  occurredAt!: Date | null;
  /** How someone added it, in addition to what events have caused; null if no one has. */
  addedReason!: AddedReason | null;
  addedBy!: string | null;
  note!: string | null;
  createdAt!: Date;
}

export type NewSuppression = Omit<SuppressionRow, 'id'>;

/** What the events of an address amount to. Its row is locked while they are applied. */
export class SuppressionStateRow {
  digest!: Buffer;
  applied!: number;
  lifted!: number;
  deliveredAt!: number | null;
  softBounces!: readonly SoftBounce[];
  cause!: SuppressionCause | null;
}

// Stored: a code is never used for anything else.
const REASON_CODES: Readonly<Record<SuppressionReason, number>> = {
  hard_bounce: 1,
  soft_bounce: 2,
  complaint: 3,
  unsubscribed: 4,
  manual: 5,
  list_import: 6,
};
const REASONS = coded(REASON_CODES);

export const NOTE_LENGTH = 200;

export function suppressionSchema(dialect: Dialect): EntitySchema<SuppressionRow> {
  const { digest, exact, key, long, serial, small, text, time } = columnKinds(dialect);
  return new EntitySchema<SuppressionRow>({
    name: 'suppression',
    target: SuppressionRow,
    tableName: 'suppressions',
    columns: {
      id: { ...serial, primary: true, generated: 'increment', transformer: NUMBER },
      digest: { ...digest },
      organization: { ...key, length: 64 },
      address: { ...exact, length: EVENT_LENGTHS.recipient, nullable: true },
      reason: { ...small, transformer: REASONS },
      eventId: { name: 'event_id', ...long, nullable: true, transformer: NUMBER },
      connectionId: { name: 'connection_id', ...key, length: 36, nullable: true },
      occurredAt: { name: 'occurred_at', ...time, nullable: true },
      addedReason: { name: 'added_reason', ...small, nullable: true, transformer: REASONS },
      addedBy: { name: 'added_by', ...text, length: 200, nullable: true },
      note: { ...text, length: NOTE_LENGTH, nullable: true },
      createdAt: { name: 'created_at', ...time },
    },
    indices: [
      { name: 'uq_suppressions_digest', columns: ['digest'], unique: true },
      { name: 'ix_suppressions_organization', columns: ['organization', 'id'] },
      { name: 'ix_suppressions_reason', columns: ['organization', 'reason', 'id'] },
    ],
  });
}

export function suppressionStateSchema(dialect: Dialect): EntitySchema<SuppressionStateRow> {
  const { digest, long } = columnKinds(dialect);
  return new EntitySchema<SuppressionStateRow>({
    name: 'suppression_state',
    target: SuppressionStateRow,
    tableName: 'suppression_states',
    columns: {
      digest: { ...digest, primary: true, primaryKeyConstraintName: 'pk_suppression_states' },
      applied: { ...long, transformer: NUMBER },
      lifted: { ...long, transformer: NUMBER },
      deliveredAt: { name: 'delivered_at', ...long, nullable: true, transformer: NUMBER },
      softBounces: { name: 'soft_bounces', type: 'json' },
      cause: { type: 'json', nullable: true },
    },
  });
}

/** In hexadecimal. */
const DIGEST_LENGTH = 32;

/**
 * Identifies an address within an organization, in hexadecimal.
 * @param address in any spelling
 */
export function suppressionDigest(organization: string, address: string): string {
  return hash('sha256', `${organization} ${storedAddress(address)}`).slice(0, DIGEST_LENGTH);
}

export interface SuppressionScan {
  readonly organization: string;
  readonly reason?: SuppressionReason | undefined;
  /** Only older ones than this id, newest first. */
  readonly before?: number | undefined;
  readonly limit: number;
}

const DIGESTS_PER_STATEMENT = 1_000;

// What someone has added first stays. MySQL assigns in this order, and a later assignment sees the values of earlier ones.
const ADD: Readonly<Record<Dialect, string>> = {
  mysql:
    ' ON DUPLICATE KEY UPDATE added_by = IF(added_reason IS NULL, VALUES(added_by), added_by),' +
    ' note = IF(added_reason IS NULL, VALUES(note), note), added_reason = IFNULL(added_reason, VALUES(added_reason))',
  sqlite:
    ' ON CONFLICT (digest) DO UPDATE SET added_by = CASE WHEN added_reason IS NULL THEN excluded.added_by ELSE added_by END,' +
    ' note = CASE WHEN added_reason IS NULL THEN excluded.note ELSE note END,' +
    ' added_reason = IFNULL(added_reason, excluded.added_reason)',
};
const CAUSE: Readonly<Record<Dialect, string>> = {
  mysql:
    ' ON DUPLICATE KEY UPDATE reason = VALUES(reason), event_id = VALUES(event_id),' +
    ' connection_id = VALUES(connection_id), occurred_at = VALUES(occurred_at)',
  sqlite:
    ' ON CONFLICT (digest) DO UPDATE SET reason = excluded.reason, event_id = excluded.event_id,' +
    ' connection_id = excluded.connection_id, occurred_at = excluded.occurred_at',
};
const KEEP: Readonly<Record<Dialect, string>> = {
  mysql: ' ON DUPLICATE KEY UPDATE digest = digest',
  sqlite: ' ON CONFLICT (digest) DO NOTHING',
};
const REPLACE: Readonly<Record<Dialect, string>> = {
  mysql:
    ' ON DUPLICATE KEY UPDATE applied = VALUES(applied), lifted = VALUES(lifted), delivered_at = VALUES(delivered_at),' +
    ' soft_bounces = VALUES(soft_bounces), cause = VALUES(cause)',
  sqlite:
    ' ON CONFLICT (digest) DO UPDATE SET applied = excluded.applied, lifted = excluded.lifted,' +
    ' delivered_at = excluded.delivered_at, soft_bounces = excluded.soft_bounces, cause = excluded.cause',
};

/** The tables `suppressions` and `suppression_states`. */
@Injectable()
export class SuppressionsRepository {
  private readonly added = new InsertStatements<NewSuppression>(SuppressionRow, ADD);
  private readonly caused = new InsertStatements<NewSuppression>(SuppressionRow, CAUSE);
  private readonly newStates = new InsertStatements<SuppressionStateRow>(SuppressionStateRow, KEEP);
  private readonly changedStates = new InsertStatements<SuppressionStateRow>(SuppressionStateRow, REPLACE);

  /** Of these digests, those that are suppressed, with the reason. Of others, it reads the index only. */
  async reasons(tx: Transaction, digests: readonly string[]): Promise<Map<string, SuppressionReason>> {
    const reasons = new Map<string, SuppressionReason>();
    for (const some of portions([...new Set(digests)])) {
      const rows = await tx.query<{ digest: Buffer; reason: number }[]>(
        `SELECT digest, reason FROM suppressions WHERE digest IN (${some.map(literal).join(', ')})`,
      );
      for (const { digest, reason } of rows) {
        reasons.set(digest.toString('hex'), REASONS.from(reason) as SuppressionReason);
      }
    }
    return reasons;
  }

  async find(tx: Transaction, digest: string): Promise<SuppressionRow | null> {
    return tx.findOneBy(SuppressionRow, { digest: Buffer.from(digest, 'hex') });
  }

  /** Newest first. */
  async list(tx: Transaction, { organization, reason, before, limit }: SuppressionScan): Promise<SuppressionRow[]> {
    const conditions: Condition[] = [['organization = ?', organization]];
    if (reason !== undefined) conditions.push(['reason = ?', REASON_CODES[reason]]);
    if (before !== undefined) conditions.push(['id < ?', before]);
    return this.page(tx, reason !== undefined, conditions, `ORDER BY id DESC LIMIT ${String(limit)}`);
  }

  /** The next ones after an id, the oldest first. */
  async next(tx: Transaction, organization: string, after: number, limit: number): Promise<SuppressionRow[]> {
    const conditions: Condition[] = [
      ['organization = ?', organization],
      ['id > ?', after],
    ];
    return this.page(tx, false, conditions, `ORDER BY id LIMIT ${String(limit)}`);
  }

  /**
   * Adds what someone has entered or imported. What is known of an address already stays.
   * @returns the digests of those that were not suppressed before
   */
  async add(tx: Transaction, rows: readonly NewSuppression[], limits: StatementLimits): Promise<ReadonlySet<string>> {
    const digests = rows.map(({ digest }) => digest.toString('hex'));
    const known = await this.reasons(tx, digests);
    // In the order of the index: two imports of the same addresses must not wait for each other.
    const sorted = rows.toSorted((a, b) => Buffer.compare(a.digest, b.digest));
    await runStatements(tx, this.added.of(tx.connection).of(sorted, limits), limits);
    return new Set(digests.filter((digest) => !known.has(digest)));
  }

  /** Adds what events have caused, or changes the event of those that are suppressed already. */
  async setCauses(tx: Transaction, rows: readonly NewSuppression[], limits: StatementLimits): Promise<void> {
    await runStatements(tx, this.caused.of(tx.connection).of(rows, limits), limits);
  }

  /** Removes what events have caused. What someone has added stays. */
  async clearCauses(tx: Transaction, digests: readonly string[]): Promise<void> {
    for (const some of portions(digests)) {
      const where = `digest IN (${some.map(literal).join(', ')}) AND event_id IS NOT NULL`;
      await tx.query(`DELETE FROM suppressions WHERE ${where} AND added_reason IS NULL`);
      const cleared = 'reason = added_reason, event_id = NULL, connection_id = NULL, occurred_at = NULL';
      await tx.query(`UPDATE suppressions SET ${cleared} WHERE ${where}`);
    }
  }

  /** @returns false if it was removed already */
  async remove(tx: Transaction, id: number): Promise<boolean> {
    return (await tx.delete(SuppressionRow, { id })).affected === 1;
  }

  /** Forgets an address, which remains suppressed. @returns how many suppressions had it */
  async eraseAddress(tx: Transaction, digest: string): Promise<number> {
    const row = await this.find(tx, digest);
    if (row === null) {
      await tx.delete(SuppressionStateRow, { digest: Buffer.from(digest, 'hex') });
      return 0;
    }
    await tx.update(SuppressionRow, { id: row.id }, { address: null, note: null });
    return row.address === null ? 0 : 1;
  }

  /** Of these digests, those of which a state is stored. */
  async withState(tx: Transaction, digests: readonly string[]): Promise<string[]> {
    const known: string[] = [];
    for (const some of portions(digests)) {
      const rows = await tx.query<{ digest: Buffer }[]>(
        `SELECT digest FROM suppression_states WHERE digest IN (${some.map(literal).join(', ')})`,
      );
      known.push(...rows.map(({ digest }) => digest.toString('hex')));
    }
    return known;
  }

  /**
   * Locks the states of these digests for the rest of the transaction, and reads what was committed last. A state that is
   * not stored yet is created.
   */
  async lockStates(
    tx: Transaction,
    digests: readonly string[],
    limits: StatementLimits,
  ): Promise<Map<string, SuppressionState>> {
    const sorted = [...new Set(digests)].toSorted();
    const initial = sorted.map((digest) => ({ ...INITIAL_STATE, digest: Buffer.from(digest, 'hex') }));
    await runStatements(tx, this.newStates.of(tx.connection).of(initial, limits), limits);
    const states = new Map<string, SuppressionState>();
    for (const some of portions(sorted)) {
      const query = tx
        .createQueryBuilder(SuppressionStateRow, 's')
        .where({ digest: In(some.map((digest) => Buffer.from(digest, 'hex'))) });
      // The transaction may have read before: without a lock, it would read what was committed then.
      if (dialectOf(tx.connection.options.type) === 'mysql') query.setLock('pessimistic_write');
      for (const { digest, ...state } of await query.getMany()) states.set(digest.toString('hex'), state);
    }
    return states;
  }

  async saveStates(
    tx: Transaction,
    states: ReadonlyMap<string, SuppressionState>,
    limits: StatementLimits,
  ): Promise<void> {
    const rows = Array.from(states, ([digest, state]) => ({ ...state, digest: Buffer.from(digest, 'hex') }));
    await runStatements(tx, this.changedStates.of(tx.connection).of(rows, limits), limits);
  }

  private async page(
    tx: Transaction,
    isByReason: boolean,
    conditions: readonly Condition[],
    ending: string,
  ): Promise<SuppressionRow[]> {
    const index = isByReason ? 'ix_suppressions_reason' : 'ix_suppressions_organization';
    const selection = { columns: 'id', table: 'suppressions', index, conditions, ending };
    const found = (await select(tx, selection)) as { id: number | string }[];
    const ids = found.map(({ id }) => Number(id));
    if (ids.length === 0) return [];
    const rows = new Map((await tx.findBy(SuppressionRow, { id: In(ids) })).map((row) => [row.id, row]));
    return ids.flatMap((id) => rows.get(id) ?? []);
  }
}

/** A digest in a statement. It needs no escaping: it is the output of a hash function. */
function literal(digest: string): string {
  return `x'${digest}'`;
}

function* portions(digests: readonly string[]): Generator<readonly string[], undefined> {
  for (let start = 0; start < digests.length; start += DIGESTS_PER_STATEMENT) {
    yield digests.slice(start, start + DIGESTS_PER_STATEMENT);
  }
}
