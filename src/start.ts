import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Configuration } from './config/configuration.ts';
import { SchemaMigration } from './database/schema-migration.ts';

/** Listens, runs pending migrations behind the closed gate, then opens the gate. */
export async function start(app: NestFastifyApplication, configuration: Configuration): Promise<void> {
  await app.listen(configuration.port, configuration.host);
  await app.get(SchemaMigration).run();
  new Logger('Service').log('The service is ready.');
}
