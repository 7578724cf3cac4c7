import type { StatementLimits } from './database-engine.ts';
import type { PooledConnection } from './mysql-pool.ts';

/** A connection as the server identifies it. */
export interface ServerSession {
  /** Its number, which counts from 1 again when the server is started again. */
  readonly threadId: number;
  /** Which server it is. */
  readonly server: string;
  /** On the clock of `performance.now()`. */
  readonly connectedAt: number;
}

interface ServerRow {
  readonly server: string;
  readonly version: string;
  readonly packet: number | string;
  readonly id: number | string;
}

/** Below the smallest `max_allowed_packet` that either server ships with. */
const DEFAULT_STATEMENT_BYTES = 1024 * 1024;
/** What a statement needs beside its values. */
const RESERVED_BYTES = 1024;

/** Prepares each physical connection once: limits for its statements and locks, so that a lost client does not block others. */
export class MysqlSessions {
  private readonly known = new WeakMap<PooledConnection, ServerSession>();
  private packetBytes = DEFAULT_STATEMENT_BYTES + RESERVED_BYTES;

  constructor(private readonly timeoutMs: number) {}

  get statementLimits(): StatementLimits {
    const most = this.packetBytes - RESERVED_BYTES;
    return { usual: Math.min(DEFAULT_STATEMENT_BYTES, most), most };
  }

  async of(connection: PooledConnection): Promise<ServerSession> {
    const known = this.known.get(connection);
    if (known !== undefined) return known;
    const connectedAt = performance.now();
    const [rows] = await connection
      .promise()
      .query(
        "SELECT CONCAT(@@hostname, ':', @@port) AS server, VERSION() AS version, @@max_allowed_packet AS packet, CONNECTION_ID() AS id",
      );
    const [row] = rows as ServerRow[];
    if (row === undefined) throw new Error('The database server did not describe itself.');
    await connection.promise().query(this.limits(row.version));
    this.packetBytes = Number(row.packet);
    const session = { threadId: Number(row.id), server: row.server, connectedAt };
    this.known.set(connection, session);
    return session;
  }

  private limits(version: string): string {
    // Ended by the server a little before the deadline, a statement fails with a specific error.
    const statementMs = Math.ceil(this.timeoutMs * 0.8);
    const lockSeconds = Math.max(1, Math.floor(this.timeoutMs / 2_000));
    const locks = `SET SESSION innodb_lock_wait_timeout = ${String(lockSeconds)}, lock_wait_timeout = ${String(lockSeconds)}`;
    if (!version.includes('MariaDB')) return `${locks}, max_execution_time = ${String(statementMs)}`;
    const idleSeconds = Math.max(1, Math.ceil(this.timeoutMs / 1_000));
    return `${locks}, max_statement_time = ${String(statementMs / 1_000)}, idle_write_transaction_timeout = ${String(idleSeconds)}`;
  }
}
