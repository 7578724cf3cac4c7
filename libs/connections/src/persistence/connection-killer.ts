import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { waitAtMost } from './deadline.ts';
import { destroySocket, type PooledConnection } from './mysql-pool.ts';
import type { ServerSession } from './mysql-sessions.ts';

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
