import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';

/** The root of the repository, from the compiled file. */
export const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));

export type Environment = Readonly<Record<string, string>>;

const KEPT_OUTPUT = 4_000;
/** Linux counts the processor time of a process in these. */
const TICKS_PER_SECOND = 100;
const STOP_TIMEOUT_MS = 20_000;
const running = new Set<ChildProcess>();
// A benchmark that fails or is interrupted leaves no process behind.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A child process, which ends with this one. */
export class Process {
  /** The end of what it wrote, for the error that reports its failure. */
  private output = '';
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;

  constructor(program: string, args: readonly string[], environment: Environment = {}) {
    this.child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', ...environment },
    });
    running.add(this.child);
    this.closed = once(this.child, 'close');
    this.child.once('exit', () => running.delete(this.child));
    const keep = (chunk: Buffer): void => void (this.output = (this.output + chunk.toString()).slice(-KEPT_OUTPUT));
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** @throws Error if the process ends before, or the condition is not met in time */
  async waitUntil(isMet: () => Promise<boolean>, seconds = 60): Promise<void> {
    const end = Date.now() + seconds * 1_000;
    while (!(await isMet())) {
      if (this.hasEnded || Date.now() > end) throw new Error(`A process did not start:\n${this.output}`);
      await delay(20);
    }
  }

  /** The largest resident memory since the start, in bytes. */
  peakMemory(): number {
    return peakMemory(String(this.child.pid));
  }

  /** The processor time that all its threads have used, in seconds (Linux). */
  processorSeconds(): number {
    const stat = readFileSync(`/proc/${String(this.child.pid)}/stat`, 'utf8');
    // The second field is a name in parentheses, which may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /**
   * Waits until it ends by itself.
   * @returns the end of what it wrote
   * @throws Error if it fails
   */
  async finish(): Promise<string> {
    await this.closed;
    if (this.child.exitCode !== 0) throw new Error(`A process failed:\n${this.output}`);
    return this.output;
  }

  /** Ends it in order, or forcibly if that takes too long. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }
}

/** The largest resident memory of a process since its start, in bytes (Linux). */
export function peakMemory(process: string): number {
  const status = readFileSync(`/proc/${process}/status`, 'utf8');
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error('Could not read the peak memory of a process.');
  return Number(kilobytes) * 1_024;
}

/** Runs a program until it ends, and returns its standard output. */
export async function output(program: string, args: readonly string[], environment: Environment = {}): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  return (await promisify(execFile)(program, args, { env })).stdout;
}
