import 'reflect-metadata';
import { createApplication, start } from './app.setup.ts';
import { ApiKeysService } from './auth/api-keys.service.ts';
import { ConfigurationError, readConfiguration } from './config/environment.ts';
import { Stop } from './lifecycle/stop.ts';
import { createLogger, exitOnUncaughtErrors } from './logging/logger.ts';

const OWNER = { organization: 'default', actor: 'first-start' };
/** How long a start that failed may take to close its database. */
const FAILED_START_MS = 5_000;

async function main(): Promise<void> {
  const configuration = readConfiguration();
  const logger = createLogger(configuration.logLevel);
  exitOnUncaughtErrors(logger);
  const stop = new Stop(logger, configuration);
  try {
    const app = await createApplication(configuration, logger);
    stop.of(app);
    await start(app, configuration);
    if (!configuration.production) {
      process.stdout.write(await welcome(await app.getUrl(), app.get(ApiKeysService)));
    }
  } catch (error) {
    // A stop closes what the start needs.
    if (stop.begun) return;
    logger.fatal({ err: error }, 'The service cannot start.');
    await stop.exit(1, FAILED_START_MS);
  }
}

/** The text for a person who starts the service in a terminal. The first start creates an API key. */
async function welcome(url: string, apiKeys: ApiKeysService): Promise<string> {
  const lines = ['', '  score-connections is running.', '', `  Console    ${url}`, `  API docs   ${url}/api/docs`];
  const first = await apiKeys.createFirst(OWNER, 'First key', 'manage');
  if (first !== undefined) {
    lines.push(
      `  API key    ${first.key}`,
      '',
      '  Sign in to the console with this key. Copy it now: it is not shown again.',
      '  It has full access to the organization "default".',
    );
  }
  return `${lines.join('\n')}\n\n`;
}

try {
  await main();
} catch (error) {
  if (error instanceof ConfigurationError) process.stderr.write(`${error.message}\n`);
  else createLogger('error').fatal({ err: error }, 'The service cannot start.');
  process.exitCode = 1;
}
