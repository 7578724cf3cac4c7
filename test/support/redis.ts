import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';

/** A private Redis server that keeps everything in memory. */
export interface RedisServer {
  readonly port: number;
  readonly password: string;
  /** Stops answering without closing its connections. */
  hang(): void;
  resume(): void;
  stop(): Promise<void>;
}

const PROGRAM = '/usr/bin/redis-server';
const START_TIMEOUT_MS = 60_000;

/** Starts a server; the program is installed with apt-get if it is missing and that is possible. */
export async function startRedis(password: string): Promise<RedisServer> {
  if (!existsSync(PROGRAM)) install();
  const port = await freePort();
  const server = spawn(
    PROGRAM,
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--requirepass', password],
    { stdio: 'ignore' },
  );
  // A test that ends early must not leave it behind.
  const kill = (): void => void server.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  const end = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(port, password))) {
    if (Date.now() > end || server.exitCode !== null) {
      await stop();
      throw new Error('The private Redis server did not start.');
    }
    await delay(50);
  }
  return {
    port,
    password,
    hang: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    stop,
  };
}

async function answers(port: number, password: string): Promise<boolean> {
  const client = new Redis({ port, password, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

function install(): void {
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], { stdio: 'inherit' });
  } catch (cause) {
    throw new Error('The tests need Redis: install redis-server.', { cause });
  }
}
