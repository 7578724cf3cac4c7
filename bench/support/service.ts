import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { type Environment, output, Process, ROOT } from './process.ts';

/** The script that starts the service. */
export const SERVICE = join(ROOT, 'dist/main.js');

export function newEncryptionKeys(): string {
  return `bench:${randomBytes(32).toString('base64')}`;
}

/** The documented configuration of the service as it is deployed. */
export function serviceEnvironment(databaseUrl: string, encryptionKeys: string): Environment {
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    ENCRYPTION_KEYS: encryptionKeys,
    LOG_LEVEL: 'warn',
    SHUTDOWN_DRAIN_MS: '0',
  };
}

/** Of the API keys, and of what is created with them. */
export const ORGANIZATION = 'bench';

/** @param environment of the service */
export async function createApiKey(environment: Environment): Promise<string> {
  const printed = await output(
    process.execPath,
    [join(ROOT, 'dist/cli/main.js'), 'api-keys', 'create', '--organization', ORGANIZATION, '--name', 'Bench'],
    environment,
  );
  const apiKey = /sk_[A-Za-z0-9_-]{43}/.exec(printed)?.[0];
  if (apiKey === undefined) throw new Error('The command line did not print an API key.');
  return apiKey;
}

/** A program that accepts requests at the port that its environment says, and reports at /health/ready when it does. */
export class RunningServer {
  private constructor(
    readonly url: string,
    private readonly child: Process,
  ) {}

  static async start(script: string, environment: Environment, profileFolder?: string): Promise<RunningServer> {
    const port = await freePort();
    const url = `http://127.0.0.1:${String(port)}`;
    const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    const child = new Process(process.execPath, [...profile, script], { ...environment, PORT: String(port) });
    await child.waitUntil(() =>
      fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    return new RunningServer(url, child);
  }

  /** In bytes. */
  peakMemory(): number {
    return this.child.peakMemory();
  }

  processorSeconds(): number {
    return this.child.processorSeconds();
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}
