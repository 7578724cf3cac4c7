import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { Logger } from '@nestjs/common';
import { type StatementLimits, waitAtMost } from './database-engine.ts';

/** What is used of a pooled connection of mysql2. */
export interface PooledConnection {
  readonly threadId: number | null;
  destroy(): void;
  promise(): { query(sql: string, values?: readonly unknown[]): Promise<[unknown, unknown]> };
}

/** mysql2's own list, of which it publishes nothing. */
interface ConnectionList {
  readonly length: number;
  get(index: number): PooledConnection | undefined;
}

interface Pool {
  readonly config?: { readonly connectionLimit?: number };
  readonly _allConnections?: ConnectionList;
  readonly _freeConnections?: ConnectionList;
}

/** What mysql2 opens if no number is configured. */
const DEFAULT_POOL_SIZE = 10;

/** How many connections the pool of a data source may have. */
export function poolSize(dataSource: DataSource): number {
  return poolOf(dataSource)?.config?.connectionLimit ?? DEFAULT_POOL_SIZE;
}

/** Closes the connections that nothing uses at the moment; the pool opens others when it needs them. */
export function destroyIdleConnections(dataSource: DataSource): void {
  destroyConnections(listed(poolOf(dataSource)?._freeConnections));
}

/** Every connection of the pool, in use or not. */
export function connectionsOf(dataSource: DataSource): readonly PooledConnection[] {
  return listed(poolOf(dataSource)?._allConnections);
}

/** Closes connections without notifying the server. */
export function destroyConnections(connections: readonly PooledConnection[]): void {
  for (const connection of connections) {
    connection.destroy();
    destroySocket(connection);
  }
}

/** mysql2's `destroy` only ends the socket, which a silent peer never confirms. */
export function destroySocket(connection: PooledConnection): void {
  const { stream } = connection as { stream?: Socket };
  // It no longer has another listener.
  stream?.on('error', () => undefined);
  stream?.destroy();
}

function listed(list: ConnectionList | undefined): PooledConnection[] {
  return Array.from({ length: list?.length ?? 0 }, (_, index) => list?.get(index)).filter(
    (connection) => connection !== undefined,
  );
}

function poolOf(dataSource: DataSource): Pool | undefined {
  return (dataSource.driver as { pool?: Pool }).pool;
}

/** A connection as the server identifies it. */
export interface ServerSession {
  /** Its number, which counts from 1 again when the server is started again. */
  readonly threadId: number;
  /** Which server it is. */
  readonly server: string;
  /** On the clock of `performance.now()`. */
  readonly connectedAt: number;
  /** When it last did what it was asked, on the same clock. */
  usedAt: number;
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
    const session = { threadId: Number(row.id), server: row.server, connectedAt, usedAt: performance.now() };
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

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 250;
const STEP_MS = 3_000;
const MAX_WAITING = 100;
const NO_SUCH_THREAD = 1094;

/**
 * Ends connections on the server that were given up here. The server does not notice a lost client for hours, and would keep
 * the locks of its transaction.
 */
export class ConnectionKiller {
  private readonly logger = new Logger(ConnectionKiller.name);
  private readonly waiting: ServerSession[] = [];
  private isRunning = false;

  constructor(private readonly dataSource: DataSource) {}

  kill(session: ServerSession): void {
    if (this.waiting.length >= MAX_WAITING) return;
    this.waiting.push(session);
    if (!this.isRunning) void this.run();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) await this.attempt(next);
    this.isRunning = false;
  }

  private async attempt(session: ServerSession): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS && this.dataSource.isInitialized; attempt++) {
      try {
        await this.killOnce(session);
        return;
      } catch {
        await delay(FIRST_PAUSE_MS * 2 ** attempt, undefined, { ref: false });
      }
    }
    this.logger.warn(
      `Connection ${String(session.threadId)} could not be ended on the database server ${session.server}.`,
    );
  }

  private async killOnce({ threadId, server, connectedAt }: ServerSession): Promise<void> {
    const runner = this.dataSource.createQueryRunner('master');
    const connecting = runner.connect() as Promise<PooledConnection>;
    let connection: PooledConnection | undefined;
    try {
      connection = await waitAtMost(connecting, STEP_MS, 'Connecting to the database');
      const query = async (sql: string): Promise<unknown> =>
        (await waitAtMost((connection as PooledConnection).promise().query(sql), STEP_MS, 'A statement'))[0];
      const [found] = (await query("SELECT CONCAT(@@hostname, ':', @@port) AS server")) as { server: string }[];
      const [status] = (await query("SHOW GLOBAL STATUS LIKE 'Uptime'")) as { Value: string }[];
      const age = (performance.now() - connectedAt) / 1_000;
      // On another server, or on this one after a restart, the number is another connection's.
      if (found?.server !== server || Number(status?.Value) + 1 < age) return;
      await query(`KILL CONNECTION ${String(threadId)}`).catch((error: unknown) => {
        if ((error as { errno?: number }).errno !== NO_SUCH_THREAD) throw error;
      });
    } catch (error) {
      connection?.destroy();
      if (connection !== undefined) destroySocket(connection);
      throw error;
    } finally {
      // Also when it arrives late.
      connecting.then(
        () => void runner.release(),
        () => undefined,
      );
    }
  }
}
