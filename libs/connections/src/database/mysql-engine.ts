import type { DataSource, QueryRunner } from 'typeorm';
import {
  type DatabaseEngine,
  type Deadline,
  DeadlineExceededError,
  type GuardedRunner,
  guardRunner,
  Lanes,
  type Statement,
  type StatementLimits,
  waitAtMost,
  type Work,
} from './database-engine.ts';
import { DatabaseUnavailableError, isCommitFailure, isConflict, isConnectionLost } from './database-errors.ts';
import { runStatements, takesSeveralStatements } from './insert-statement.ts';
import {
  ConnectionKiller,
  destroyIdleConnections,
  destroySocket,
  MysqlSessions,
  type PooledConnection,
  poolSize,
  type ServerSession,
} from './mysql-connections.ts';

/** How long a ROLLBACK may take before the connection is destroyed instead. */
const ROLLBACK_MS = 2_000;
/** How many connections that turn out to be dead are replaced before a unit of work fails. */
const CONNECTION_ATTEMPTS = 3;
/**
 * A connection that was not used for this long may be dead. It begins its transaction by itself, so that this shows before
 * anything is stored.
 */
const FRESH_MS = 250;

interface Session extends GuardedRunner {
  readonly base: QueryRunner;
  readonly connection: PooledConnection;
  readonly server: ServerSession;
}

/**
 * A unit of work has a connection of the pool to itself. One whose state is not known for certain, because it did not answer in
 * time or its COMMIT or ROLLBACK failed, is destroyed: it never returns to the pool.
 */
export class MysqlEngine implements DatabaseEngine {
  readonly lanes: Lanes;
  readonly fault = undefined;
  private readonly sessions: MysqlSessions;
  private readonly killer: ConnectionKiller;

  constructor(
    private readonly dataSource: DataSource,
    timeoutMs: number,
  ) {
    this.lanes = Lanes.ofPool(poolSize(dataSource));
    this.sessions = new MysqlSessions(timeoutMs);
    this.killer = new ConnectionKiller(dataSource);
  }

  /** While one waits for the disk, the server works on the others. More would only divide the batches into smaller commits. */
  get parallelWrites(): number {
    return Math.min(3, this.lanes.ingestSize);
  }

  get statementLimits(): StatementLimits {
    return this.sessions.statementLimits;
  }

  async read<T>(work: Work<T>, deadline: Deadline): Promise<T> {
    return this.onLiveConnection(deadline, 'slave', async (session) => {
      try {
        const result = await deadline.wait(work(session.runner.manager), 'Reading from the database');
        this.release(session);
        return result;
      } catch (error) {
        if (error instanceof DeadlineExceededError) this.abandon(session);
        else if (isConnectionLost(error)) this.destroy(session);
        else this.release(session);
        throw isConnectionLost(error) ? new DeadConnectionError(error) : error;
      }
    });
  }

  async write<T>(work: Work<T>, deadline: Deadline): Promise<T> {
    return this.onLiveConnection(deadline, 'master', async (session) => {
      await this.begin(session, deadline);
      let result: T;
      try {
        result = await deadline.wait(work(session.runner.manager), 'Writing to the database');
        // A work that caught the error of a deadlock would commit what it did afterwards, and nothing from before.
        if (session.lost !== undefined) throw session.lost.error;
      } catch (error) {
        await this.rollBack(session, error);
        throw error;
      }
      await this.commit(session, deadline);
      return result;
    });
  }

  async writeAtOnce(statements: readonly Statement[], deadline: Deadline): Promise<void> {
    const bytes = statements.reduce((sum, statement) => sum + statement.bytes, 0);
    const { usual } = this.statementLimits;
    if (!takesSeveralStatements(this.dataSource) || bytes > usual) {
      return this.write((tx) => runStatements(tx, statements, this.statementLimits), deadline);
    }
    const sql = [...statements.map((statement) => statement.sql), 'COMMIT'].join('; ');
    const values = statements.flatMap((statement) => statement.values);
    return this.onLiveConnection(deadline, 'master', async (session) => {
      const isFresh = performance.now() - session.server.usedAt < FRESH_MS;
      if (!isFresh) await this.begin(session, deadline);
      // The server stops at the first statement that fails.
      const sent = session.base.query(isFresh ? `START TRANSACTION; ${sql}` : sql, values);
      try {
        await deadline.wait(sent, 'Storing in the database');
      } catch (error) {
        if (isCommitFailure(error) || isConnectionLost(error) || error instanceof DeadlineExceededError) {
          // Whether it was committed is unknown, so it must not be acknowledged.
          this.abandon(session);
          throw new DatabaseUnavailableError(error);
        }
        await this.rollBack(session, error);
        throw error;
      }
      this.release(session);
    });
  }

  /** A pooled connection may be dead without anyone having noticed: as long as nothing was done on it, the next one is used. */
  private async onLiveConnection<T>(
    deadline: Deadline,
    mode: 'master' | 'slave',
    run: (session: Session) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run(await this.acquire(deadline, mode));
      } catch (error) {
        if (!(error instanceof DeadConnectionError)) throw error;
        if (attempt === CONNECTION_ATTEMPTS || deadline.isOver) throw new DatabaseUnavailableError(error.cause);
      }
    }
  }

  private async acquire(deadline: Deadline, mode: 'master' | 'slave'): Promise<Session> {
    const base = this.dataSource.createQueryRunner(mode);
    const connecting = base.connect() as Promise<PooledConnection>;
    let connection: PooledConnection;
    try {
      connection = await deadline.wait(connecting, 'Waiting for a database connection');
    } catch (error) {
      // It may still come, and belongs to the pool then.
      connecting.then(
        () => void base.release(),
        () => undefined,
      );
      throw error;
    }
    try {
      const server = await deadline.wait(this.sessions.of(connection), 'Preparing a database connection');
      const guarded = guardRunner(base, mode === 'master', endsTransaction);
      return Object.assign(guarded, { base, connection, server });
    } catch (error) {
      this.discard(connection, undefined);
      throw error instanceof DeadlineExceededError ? error : new DeadConnectionError(error);
    }
  }

  private async begin(session: Session, deadline: Deadline): Promise<void> {
    try {
      await deadline.wait(session.base.query('START TRANSACTION'), 'Beginning a transaction');
    } catch (error) {
      if (error instanceof DeadlineExceededError) this.abandon(session);
      else this.destroy(session);
      throw isConnectionLost(error) ? new DeadConnectionError(error) : new DatabaseUnavailableError(error);
    }
  }

  private async commit(session: Session, deadline: Deadline): Promise<void> {
    try {
      await deadline.wait(session.base.query('COMMIT'), 'Committing a transaction');
      this.release(session);
    } catch (error) {
      if (isConflict(error)) {
        await this.rollBack(session, error);
        throw error;
      }
      // Whether it was committed is unknown, so it must not be acknowledged.
      this.abandon(session);
      throw new DatabaseUnavailableError(error);
    }
  }

  private async rollBack(session: Session, failure: unknown): Promise<void> {
    session.end();
    if (failure instanceof DeadlineExceededError) {
      this.abandon(session);
      return;
    }
    if (isConnectionLost(failure)) {
      this.destroy(session);
      return;
    }
    try {
      await waitAtMost(session.base.query('ROLLBACK'), ROLLBACK_MS, 'Rolling back a transaction');
      this.release(session);
    } catch {
      this.abandon(session);
    }
  }

  private release(session: Session): void {
    session.end();
    session.server.usedAt = performance.now();
    void session.base.release();
  }

  private destroy(session: Session): void {
    session.end();
    this.discard(session.connection, undefined);
  }

  /** Destroys a connection that does not answer, and frees the locks that the server holds for it. */
  private abandon(session: Session): void {
    session.end();
    this.discard(session.connection, session.server);
    // What made this one silent has probably made those silent that wait in the pool.
    destroyIdleConnections(this.dataSource);
  }

  private discard(connection: PooledConnection, server: ServerSession | undefined): void {
    connection.destroy();
    destroySocket(connection);
    if (server !== undefined) this.killer.kill(server);
  }
}

/** The connection was dead before anything was done on it. */
class DeadConnectionError extends Error {
  constructor(cause: unknown) {
    super('The connection to the database was lost.', { cause });
  }
}

/** The server has rolled the whole transaction back by itself, or is gone. */
function endsTransaction(error: unknown): boolean {
  return isConflict(error) || isConnectionLost(error);
}
