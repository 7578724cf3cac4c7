import 'reflect-metadata';
import { createApplication } from './app.setup.ts';
import { ApiKeysService } from './auth/api-keys.service.ts';
import { ConfigurationError, readConfiguration } from './config/environment.ts';
import { Stop } from './lifecycle/stop.ts';
import { exitOnUncaughtErrors } from './logging/fatal-errors.ts';
import { createLogger } from './logging/logger.ts';
import { start } from './start.ts';
import { welcome } from './welcome.ts';

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

try {
  await main();
} catch (error) {
  if (error instanceof ConfigurationError) process.stderr.write(`${error.message}\n`);
  else createLogger('error').fatal({ err: error }, 'The service cannot start.');
  process.exitCode = 1;
}
