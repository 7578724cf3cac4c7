import type { EntityManager, QueryRunner } from 'typeorm';
import type { Deadline, Lanes } from './lanes.ts';

export type Work<T> = (tx: EntityManager) => Promise<T>;

/** How many bytes a statement may have. */
export interface StatementLimits {
  /** Where rows can be divided between statements: composing a larger one would block the event loop. */
  readonly usual: number;
  /** The most that the server accepts. */
  readonly most: number;
}

/** How units of work are run on one family of databases. */
export interface DatabaseEngine {
  readonly lanes: Lanes;
  /** What is known to be wrong with the state of a connection; undefined while writes can be stored. */
  readonly fault: string | undefined;
  /** Known after the first unit of work. */
  readonly statementLimits: StatementLimits;
  read<T>(work: Work<T>, deadline: Deadline): Promise<T>;
  /** Resolves only after a COMMIT that the database has confirmed. */
  write<T>(work: Work<T>, deadline: Deadline): Promise<T>;
}

/** The query runner of one unit of work, which ends with it. */
export interface GuardedRunner {
  readonly runner: QueryRunner;
  /** What ended the transaction before the work did, even if the work continued. */
  readonly lost: { readonly error: unknown } | undefined;
  /** From now on its statements fail: what a work left behind must not run outside of its transaction. */
  end(): void;
}

interface RunnerState {
  isReleased: boolean;
  isTransactionActive: boolean;
  transactionDepth: number;
  query: QueryRunner['query'];
}

/**
 * Derives a runner for one unit of work from TypeORM's. The state that TypeORM keeps of a transaction is the derived one's
 * alone: after a failed COMMIT it is wrong, and the next unit of work must not inherit it.
 * @param inTransaction whether the transaction is open; transactions inside of it become savepoints
 * @param endsTransaction whether the transaction is gone after a statement failed with this error
 */
export function guardRunner(
  base: QueryRunner,
  inTransaction: boolean,
  endsTransaction: (error: unknown) => boolean,
): GuardedRunner {
  const runner = Object.create(base) as QueryRunner & RunnerState;
  const guarded: { runner: QueryRunner; lost: GuardedRunner['lost']; end: () => void } = {
    runner,
    lost: undefined,
    end: () => {
      runner.isReleased = true;
    },
  };
  const query = base.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
  Object.assign(runner, {
    isReleased: false,
    isTransactionActive: inTransaction,
    transactionDepth: inTransaction ? 1 : 0,
    manager: base.connection.createEntityManager(runner),
    query: async (...args: unknown[]): Promise<unknown> => {
      if (guarded.lost !== undefined) throw guarded.lost.error;
      try {
        return await query(...args);
      } catch (error) {
        if (inTransaction && endsTransaction(error)) guarded.lost = { error };
        throw error;
      }
    },
  });
  return guarded;
}
