import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TestProcess } from './process.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A process with a method with `@OnEmailEvent`. */
export class SubscriberProcess {
  private readonly file = join(temporaryFolder('subscriber-'), 'ids');
  private process: TestProcess | undefined;

  constructor(private readonly environment: Readonly<Record<string, string>>) {}

  async start(): Promise<void> {
    const { DATABASE_URL = '', ENCRYPTION_KEYS = '' } = this.environment;
    const own = { DATABASE_URL, ENCRYPTION_KEYS, RECORD: this.file };
    this.process = new TestProcess(resolve('test/support/subscriber.js'), [], own);
    await this.process.says(/ready/);
  }

  async kill(): Promise<void> {
    this.process?.kill('SIGKILL');
    await this.process?.exited;
  }

  /** The ids of all events that it received. */
  get ids(): readonly string[] {
    if (!existsSync(this.file)) return [];
    return readFileSync(this.file, 'utf8').split('\n').slice(0, -1);
  }
}
