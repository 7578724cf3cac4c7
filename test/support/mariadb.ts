import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';

/** A MariaDB or MySQL server that tests may create databases on. */
export interface DatabaseServer {
  /** Without a database. */
  readonly url: string;
  stop(): Promise<void>;
}

const LOCAL = 'mysql://root@127.0.0.1:3306';
const START_TIMEOUT_MS = 60_000;

/**
 * Finds a server: the one that `TEST_MYSQL_URL` names, else the local one, else a private one in a temporary folder,
 * whose program is installed with apt-get where that is possible.
 * @throws Error that says what to do.
 */
export async function findDatabaseServer(): Promise<DatabaseServer> {
  const configured = process.env['TEST_MYSQL_URL'];
  if (configured !== undefined) return { url: configured, stop: async () => undefined };
  if (await answers(LOCAL)) return { url: LOCAL, stop: async () => undefined };
  if (!isInstalled()) install();
  return startPrivateServer();
}

async function answers(url: string): Promise<boolean> {
  try {
    const connection = await createConnection({ uri: `${url}/`, connectTimeout: 2_000 });
    await connection.end();
    return true;
  } catch {
    return false;
  }
}

const PROGRAMS = ['/usr/sbin/mariadbd', '/usr/bin/mariadb-install-db'];

function isInstalled(): boolean {
  return PROGRAMS.every(existsSync);
}

function install(): void {
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'mariadb-server'], {
      stdio: 'inherit',
    });
  } catch (cause) {
    throw new Error(
      'The tests need MariaDB: install mariadb-server, or set TEST_MYSQL_URL=mysql://user:password@host.',
      { cause },
    );
  }
}

async function startPrivateServer(): Promise<DatabaseServer> {
  const folder = mkdtempSync(join(tmpdir(), 'score-mariadb-'));
  const port = await freePort();
  const common = ['--no-defaults', `--datadir=${join(folder, 'data')}`, '--user=root'];
  execFileSync('/usr/bin/mariadb-install-db', [...common, '--auth-root-authentication-method=normal'], {
    stdio: 'ignore',
  });
  const server = spawn(
    '/usr/sbin/mariadbd',
    [...common, '--bind-address=127.0.0.1', `--port=${String(port)}`, `--socket=${join(folder, 'socket')}`],
    { stdio: 'ignore' },
  );
  const stop = async (): Promise<void> => {
    await terminate(server);
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `mysql://root@127.0.0.1:${String(port)}`;
  const end = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(url))) {
    if (Date.now() > end || server.exitCode !== null) {
      await stop();
      throw new Error('The private MariaDB server did not start.');
    }
    await delay(200);
  }
  return { url, stop };
}

async function terminate(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  server.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
