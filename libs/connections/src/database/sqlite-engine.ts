import type { DataSource, QueryRunner } from 'typeorm';
import {
  type DatabaseEngine,
  type Deadline,
  type GuardedRunner,
  guardRunner,
  Lanes,
  type Statement,
  type StatementLimits,
  type Work,
} from './database-engine.ts';
import { DatabaseUnavailableError, isConstraint, isLocked } from './database-errors.ts';
import { runStatements } from './insert-statement.ts';

/** What is used of better-sqlite3. */
interface SqliteConnection {
  readonly open: boolean;
  /** Whether SQLite itself has a transaction open: the only truth after a failure. */
  readonly inTransaction: boolean;
  readonly memory: boolean;
  exec(sql: string): unknown;
  pragma(text: string): unknown;
  close(): unknown;
}

/** What is used of TypeORM's driver. */
interface SqliteDriver {
  databaseConnection: SqliteConnection;
  /** The one query runner that the driver keeps; without it, it makes another one. */
  queryRunner?: QueryRunner | undefined;
  createQueryRunner(mode: 'master'): QueryRunner;
  connect(): Promise<void>;
  afterConnect(): Promise<void>;
}

const ROLLBACK_ATTEMPTS = 2;
/** The most is the length that SQLite allows by default. */
const STATEMENT_LIMITS: StatementLimits = { usual: 1024 * 1024, most: 1_000_000_000 };

/**
 * One connection, which cannot run two transactions at the same time: its caller runs one unit of work at a time.
 * A transaction starts with BEGIN IMMEDIATE, so that a lock of another process shows before any work was done.
 */
export class SqliteEngine implements DatabaseEngine {
  readonly lanes = Lanes.ofOneConnection();
  readonly parallelWrites = 1;
  readonly statementLimits = STATEMENT_LIMITS;
  fault: string | undefined;
  private readonly driver: SqliteDriver;
  private prepared: SqliteConnection | undefined;

  constructor(private readonly dataSource: DataSource) {
    this.driver = dataSource.driver as unknown as SqliteDriver;
  }

  async read<T>(work: Work<T>, deadline: Deadline): Promise<T> {
    await this.connection();
    const session = this.session(false);
    try {
      return await deadline.wait(work(session.runner.manager), 'Reading from the database');
    } finally {
      session.end();
    }
  }

  async write<T>(work: Work<T>, deadline: Deadline): Promise<T> {
    const connection = await this.connection();
    if (connection.inTransaction) await this.endForeignTransaction(connection);
    // TypeORM is wrong about this runner, which an earlier failure left behind.
    if (this.driver.queryRunner?.isTransactionActive === true) this.driver.queryRunner = undefined;
    await this.begin(connection);
    const session = this.session(true);
    try {
      const result = await deadline.wait(work(session.runner.manager), 'Writing to the database');
      await this.commit(connection, session);
      return result;
    } catch (error) {
      session.end();
      await this.rollBack(connection);
      throw error;
    } finally {
      session.end();
    }
  }

  async writeAtOnce(statements: readonly Statement[], deadline: Deadline): Promise<void> {
    return this.write((tx) => runStatements(tx, statements, STATEMENT_LIMITS), deadline);
  }

  private session(inTransaction: boolean): GuardedRunner {
    // On many errors, such as a full disk, SQLite rolls the whole transaction back by itself.
    return guardRunner(
      this.driver.createQueryRunner('master'),
      inTransaction,
      () => !this.driver.databaseConnection.inTransaction,
    );
  }

  /** The connection, opened again if its state was unknown. */
  private async connection(): Promise<SqliteConnection> {
    if (!this.dataSource.isInitialized) throw new DatabaseUnavailableError(new Error('The data source is closed.'));
    if (this.fault !== undefined || !this.driver.databaseConnection.open) await this.reopen();
    const connection = this.driver.databaseConnection;
    if (this.prepared !== connection && !connection.inTransaction) {
      // A file in WAL mode that is opened again would sync less often than a new one, and lose commits in a power failure.
      connection.pragma('synchronous = FULL');
      // Deleted rows are overwritten: erased addresses must not stay in the file.
      connection.pragma('secure_delete = ON');
      // SQLite would wait for a lock by blocking the process; here it is tried again instead.
      connection.pragma('busy_timeout = 0');
      this.prepared = connection;
    }
    return connection;
  }

  private async begin(connection: SqliteConnection): Promise<void> {
    try {
      await this.driver.createQueryRunner('master').query('BEGIN IMMEDIATE');
    } catch (error) {
      await this.rollBack(connection);
      throw isLocked(error) ? error : new DatabaseUnavailableError(error);
    }
    if (!connection.inTransaction) {
      throw new DatabaseUnavailableError(new Error('BEGIN did not open a transaction.'));
    }
  }

  private async commit(connection: SqliteConnection, { lost }: GuardedRunner): Promise<void> {
    if (lost !== undefined) throw lost.error;
    if (!connection.inTransaction) {
      throw new DatabaseUnavailableError(new Error('The transaction ended before it was committed.'));
    }
    try {
      await this.driver.createQueryRunner('master').query('COMMIT');
    } catch (error) {
      if (isConstraint(error) || isLocked(error)) throw error;
      throw new DatabaseUnavailableError(error);
    }
    if (connection.inTransaction) throw new DatabaseUnavailableError(new Error('COMMIT left the transaction open.'));
  }

  /** Ends the transaction after a failure. If even that fails, the connection is closed and opened again. */
  private async rollBack(connection: SqliteConnection): Promise<void> {
    for (let attempt = 1; attempt <= ROLLBACK_ATTEMPTS && connection.open && connection.inTransaction; attempt++) {
      try {
        connection.exec('ROLLBACK');
      } catch {
        // What counts is inTransaction.
      }
    }
    if (connection.open && !connection.inTransaction) return;
    this.fault = 'A transaction could not be ended.';
    await this.reopen().catch(() => undefined);
  }

  /** The data source itself stays: it may be an application's. */
  private async reopen(): Promise<void> {
    const connection = this.driver.databaseConnection;
    this.driver.queryRunner = undefined;
    try {
      // A database in memory ends with its connection.
      if (connection.open && connection.memory) connection.exec('ROLLBACK');
      else {
        // Rolls back what is open.
        if (connection.open) connection.close();
        await this.driver.connect();
        await this.driver.afterConnect();
      }
    } catch (error) {
      if (!connection.open || connection.inTransaction) {
        this.fault = 'The connection to the database could not be opened again.';
        throw new DatabaseUnavailableError(error);
      }
    }
    this.fault = undefined;
  }

  /** A transaction that is open before the first statement of a unit of work. */
  private async endForeignTransaction(connection: SqliteConnection): Promise<void> {
    // The application's own, such as a migration: it ends some time.
    if (this.driver.queryRunner?.isTransactionActive === true) {
      const error = new Error('The application has a transaction open on the data source.');
      throw Object.assign(error, { code: 'SQLITE_BUSY' });
    }
    await this.rollBack(connection);
    if (this.fault !== undefined) throw new DatabaseUnavailableError(new Error(this.fault));
  }
}
