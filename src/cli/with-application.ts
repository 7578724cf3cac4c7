import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { AppModule } from '../app.module.ts';
import { readConfiguration } from '../config/environment.ts';
import { SchemaMigration } from '../database/schema-migration.ts';
import { createLogger } from '../logging/logger.ts';
import { NestLogger } from '../logging/nest-logger.ts';

/** Runs a command inside the application, without the HTTP server. Logs go to standard error, so that output can be piped. */
export async function withApplication<T>(work: (app: INestApplicationContext) => Promise<T>): Promise<T> {
  const logger = new NestLogger(createLogger('warn', process.stderr));
  // A long command must not start the hourly purge, which calls vendors.
  const module = AppModule.forRoot({ ...readConfiguration(), purgeIntervalMs: 0 });
  const app = await NestFactory.createApplicationContext(module, { logger, abortOnError: false });
  try {
    await app.get(SchemaMigration).run();
    return await work(app);
  } finally {
    await app.close();
  }
}
