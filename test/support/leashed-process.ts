import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const START_TIMEOUT_MS = 60_000;

/** Runs a program, and ends it when its input ends: when it is stopped, or the process that started it is gone. */
const LEASH = `
  "$@" & program=$!
  exec 3<&0
  { cat <&3; kill -TERM $program; } > /dev/null 2>&1 &
  wait $program`;

/** A program that does not outlast the tests. */
export class LeashedProcess {
  private output = '';

  private constructor(
    private readonly name: string,
    private readonly process: ChildProcess,
  ) {
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
  }

  static start(
    program: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    /** Where it leaves what it writes when it crashes. */
    folder?: string,
  ): LeashedProcess {
    const child = spawn('setsid', ['--wait', 'sh', '-c', LEASH, 'sh', program, ...args], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(folder === undefined ? {} : { cwd: folder }),
    });
    return new LeashedProcess(program, child);
  }

  /** Waits until something holds; throws with the program's output if it ends before. */
  async until(isReady: () => boolean | Promise<boolean>, timeoutMs = START_TIMEOUT_MS): Promise<void> {
    for (const end = Date.now() + timeoutMs; !(await isReady());) {
      if (Date.now() > end || this.process.exitCode !== null) {
        await this.stop();
        throw new Error(`${this.name} did not start: ${this.output}`);
      }
      await delay(50);
    }
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.stdin?.end();
    await ended;
  }
}

/** Whether a mail server greets on a port of 127.0.0.1. */
export async function greets(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    const [greeting] = (await Promise.race([
      once(socket, 'data'),
      once(socket, 'close').then(() => ['']),
      delay(5_000, [''], { ref: false }),
    ])) as [Buffer | string];
    return greeting.toString().startsWith('220');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
