import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { freePort } from './free-port.ts';
import { LeashedProcess } from './leashed-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface RabbitMqServer {
  readonly port: number;
  /** With a user that may do everything. */
  readonly url: string;
  stop(): Promise<void>;
}

const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const LOCAL_PORT = 5_672;
/** Erlang needs more than a minute on a busy machine. */
const START_TIMEOUT_MS = 240_000;

/** The local server, else a private one; the program is installed with apt-get if it is missing and that is possible. */
export async function findRabbitMq(): Promise<RabbitMqServer> {
  if (await answers(LOCAL_PORT)) return { port: LOCAL_PORT, url: urlOf(LOCAL_PORT), stop: async () => undefined };
  return startRabbitMq();
}

/** A private server. */
export interface PrivateRabbitMq extends RabbitMqServer {
  /** Stops the server. Its data stay. */
  halt(): Promise<void>;
  /** Starts it again after `halt`, on the same port. */
  resume(): Promise<void>;
}

export async function startRabbitMq(): Promise<PrivateRabbitMq> {
  if (!existsSync(PROGRAM)) install();
  const folder = temporaryFolder('rabbitmq-');
  const [port, namesPort, clusterPort] = [await freePort(), await freePort(), await freePort()];
  const names = { ERL_EPMD_PORT: String(namesPort), ERL_EPMD_ADDRESS: '127.0.0.1', HOME: folder };
  const configuration = join(folder, 'rabbitmq.conf');
  writeFileSync(configuration, `listeners.tcp.1 = 127.0.0.1:${String(port)}\n`);
  // Otherwise the server would start it, and leave it behind.
  const registry = LeashedProcess.start('/usr/bin/epmd', [], names);
  const environment = {
    ...names,
    RABBITMQ_NODENAME: `score-${String(port)}@localhost`,
    // Instead of the files in /etc.
    RABBITMQ_CONFIG_FILE: configuration,
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_DIST_PORT: String(clusterPort),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'logs'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
  };
  let server: LeashedProcess | undefined;
  const halt = async (): Promise<void> => server?.stop();
  const stop = async (): Promise<void> => {
    await halt();
    await registry.stop();
  };
  const resume = async (): Promise<void> => {
    server = LeashedProcess.start(PROGRAM, [], environment, folder);
    await server.until(() => answers(port), START_TIMEOUT_MS);
  };
  try {
    await resume();
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, url: urlOf(port), stop, halt, resume };
}

function urlOf(port: number): string {
  return `amqp://guest:guest@127.0.0.1:${String(port)}`;
}

async function answers(port: number): Promise<boolean> {
  try {
    const connection = await connect(urlOf(port), { timeout: 2_000 });
    await connection.close();
    return true;
  } catch {
    return false;
  }
}

function install(): void {
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'rabbitmq-server'], {
      stdio: 'inherit',
    });
  } catch (cause) {
    throw new Error('The tests need RabbitMQ: install rabbitmq-server.', { cause });
  }
}
