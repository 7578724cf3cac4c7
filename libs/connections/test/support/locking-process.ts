import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { TestDatabase } from '../../../../test/support/databases.ts';

const SCRIPT = `
  const database = new (require(process.argv[1]))(process.argv[2]);
  database.exec('BEGIN IMMEDIATE');
  process.stdout.write('locked');
  process.stdin.once('data', () => {
    database.exec('COMMIT');
    database.close();
    process.exit();
  });`;

/** Another process that holds the write lock of an SQLite file. */
export class LockingProcess {
  private constructor(private readonly child: ChildProcess) {}

  static async start({ url }: TestDatabase): Promise<LockingProcess> {
    const sqlite = createRequire(import.meta.url).resolve('better-sqlite3');
    const child = spawn(process.execPath, ['-e', SCRIPT, sqlite, url.slice('sqlite:'.length)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (child.stdout !== null) await once(child.stdout, 'data');
    return new LockingProcess(child);
  }

  /** Lets go of the lock. */
  async end(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.stdin?.write('end');
    await ended;
  }
}
