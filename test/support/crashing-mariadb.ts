import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { freePort } from './free-port.ts';
import { installServer } from './mariadb.ts';
import { temporaryFolder } from './temporary-folder.ts';

const START_TIMEOUT_MS = 60_000;

/** A MariaDB server with its default durability, which can be killed and started again on the same files. */
export class CrashingMariaDb {
  private static readonly running = new Set<ChildProcess>();
  private process: ChildProcess | undefined;

  private constructor(
    readonly url: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly args: readonly string[],
  ) {}

  static async start(): Promise<CrashingMariaDb> {
    const folder = temporaryFolder('crashing-mariadb-');
    const port = await freePort();
    const { args, env } = installServer(folder);
    const server = new CrashingMariaDb(`mysql://root@127.0.0.1:${String(port)}`, env, [
      ...args,
      '--bind-address=127.0.0.1',
      `--port=${String(port)}`,
      `--socket=${join(folder, 'socket')}`,
      '--skip-name-resolve',
      '--innodb-buffer-pool-size=64M',
    ]);
    await server.restart();
    return server;
  }

  /** Ends what a test that failed has left behind. */
  static endAll(): void {
    for (const process of CrashingMariaDb.running) process.kill('SIGKILL');
  }

  async kill(): Promise<void> {
    if (this.process === undefined) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
    this.process = undefined;
  }

  /** Resolves when it accepts connections. */
  async restart(): Promise<void> {
    const process = spawn('/usr/sbin/mariadbd', this.args, { stdio: 'ignore', env: this.env });
    this.process = process;
    CrashingMariaDb.running.add(process);
    process.once('exit', () => CrashingMariaDb.running.delete(process));
    const end = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      try {
        const connection = await createConnection({ uri: `${this.url}/`, connectTimeout: 2_000 });
        await connection.end();
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
        await delay(50);
      }
    }
  }
}
