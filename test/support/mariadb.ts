import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { freePort } from './free-port.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A MariaDB or MySQL server that tests may create databases on. */
export interface DatabaseServer {
  /** Without a database. */
  readonly url: string;
  stop(): Promise<void>;
}

const LOCAL = 'mysql://root@127.0.0.1:3306';
const START_TIMEOUT_MS = 60_000;

/**
 * Finds a server: the one that `TEST_MYSQL_URL` names, else a private one, which need not wait for the disk, else the local
 * one, else a private one whose program is installed with apt-get where that is possible.
 * @throws Error that says what to do.
 */
export async function findDatabaseServer(): Promise<DatabaseServer> {
  const configured = process.env['TEST_MYSQL_URL'];
  if (configured !== undefined) return { url: configured, stop: async () => undefined };
  if (!isInstalled()) {
    if (await answers(LOCAL)) return { url: LOCAL, stop: async () => undefined };
    install();
  }
  // The leash of this one removes what all tests have left.
  return startPrivateServer([], process.env['TEST_FOLDER']);
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

/** Runs a program, and ends it and removes a folder when its input ends: when it is told to, or whoever started it is gone. */
const LEASH = `
  folder=$1; shift
  "$@" & program=$!
  exec 3<&0
  { cat <&3; kill -9 $program; } > /dev/null 2>&1 &
  wait $program
  rm -rf "$folder"`;

/**
 * Creates the files of a server.
 * @returns its arguments and environment
 */
export function installServer(folder: string): { readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv } {
  const args = ['--no-defaults', `--datadir=${join(folder, 'data')}`, '--user=root'];
  // A server that starts removes all temporary tables from the folder for temporary files, those of other servers, too.
  const env = { ...process.env, TMPDIR: folder };
  const install = ['/usr/bin/mariadb-install-db', ...args, '--auth-root-authentication-method=normal'] as const;
  const { status, stdout, stderr } = spawnSync(install[0], install.slice(1), { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`mariadb-install-db failed: ${stdout.slice(-2_000)}${stderr.slice(-2_000)}`);
  return { args, env };
}

/**
 * @param options of mariadbd, such as `--ssl-cert=…`
 * @param removed the folder that is removed with the server; its own by default
 */
export async function startPrivateServer(options: readonly string[] = [], removed?: string): Promise<DatabaseServer> {
  const folder = temporaryFolder('mariadb-');
  const port = await freePort();
  const { args, env } = installServer(folder);
  const server = spawn(
    'sh',
    [
      '-c',
      LEASH,
      'sh',
      removed ?? folder,
      '/usr/sbin/mariadbd',
      ...args,
      '--bind-address=127.0.0.1',
      `--port=${String(port)}`,
      `--socket=${join(folder, 'socket')}`,
      '--skip-name-resolve',
      // What it holds need not survive it.
      '--innodb-flush-log-at-trx-commit=0',
      '--innodb-doublewrite=0',
      ...options,
    ],
    // In a group of its own, or Ctrl+C would end the shell before it has cleared up.
    { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env },
  );
  const stop = async (): Promise<void> => {
    if (server.exitCode !== null) return;
    const ended = once(server, 'exit');
    server.stdin.end();
    await ended;
  };
  const url = `mysql://root@127.0.0.1:${String(port)}`;
  const end = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(url))) {
    if (Date.now() > end || server.exitCode !== null) {
      await stop();
      throw new Error('The private MariaDB server did not start.');
    }
    await delay(50);
  }
  return { url, stop };
}
