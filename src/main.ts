import 'reflect-metadata';
import { createApplication } from './app.setup.ts';
import { ApiKeysService } from './auth/api-keys.service.ts';
import { ConfigurationError, readConfiguration } from './config/environment.ts';
import { createLogger } from './logging/logger.ts';
import { welcome } from './welcome.ts';

async function main(): Promise<void> {
  const configuration = readConfiguration();
  const logger = createLogger(configuration.logLevel);
  const app = await createApplication(configuration, logger);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  await app.listen(configuration.port, configuration.host);
  const url = await app.getUrl();
  if (!configuration.production) process.stdout.write(await welcome(url, app.get(ApiKeysService)));
}

try {
  await main();
} catch (error) {
  if (error instanceof ConfigurationError) process.stderr.write(`${error.message}\n`);
  else createLogger('error').fatal({ err: error }, 'The service cannot start.');
  process.exitCode = 1;
}
