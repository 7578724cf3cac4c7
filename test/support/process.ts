import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export type Environment = Readonly<Record<string, string>>;

/** Where the tests of this run have the bundled service. */
export function compiledFolder(): string {
  return join(process.env['TEST_FOLDER'] ?? '', 'compiled-service');
}

// The long run starts what is published.
const LONG = process.env['TEST_LONG'] === '1';
/** The built service. */
export const SERVICE = LONG ? resolve('dist/main.js') : join(compiledFolder(), 'main.cjs');
/** The built command line. */
export const COMMAND_LINE = LONG ? resolve('dist/cli/main.js') : join(compiledFolder(), 'cli.cjs');

/** A built program of the project in a process of its own, with nothing of this environment but the path. */
export class TestProcess {
  stdout = '';
  stderr = '';
  readonly exited: Promise<number | null>;
  private static readonly running = new Set<ChildProcess>();
  private readonly child: ChildProcess;

  constructor(script: string, args: readonly string[], environment: Environment) {
    this.child = spawn(process.execPath, [script, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...environment },
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    TestProcess.running.add(this.child);
    this.exited = new Promise((resolve) => this.child.once('close', resolve));
    void this.exited.then(() => TestProcess.running.delete(this.child));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Waits for a text on standard output. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const end = Date.now() + 120_000;
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) return match;
      if (Date.now() > end || this.child.exitCode !== null) {
        throw new Error(`It never said ${String(pattern)}:\n${this.stdout}\n${this.stderr}`);
      }
      await delay(20);
    }
  }

  /** Ends what a test that failed has left behind; it would keep the runner from ending. */
  static endAll(): void {
    for (const child of TestProcess.running) child.kill('SIGKILL');
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
