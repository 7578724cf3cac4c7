import { randomBytes } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { BackgroundWorkSetting } from '@score-crm/connections';
import { AppModule } from '../app.module.ts';
import { readConfiguration } from '../config/environment.ts';
import { SchemaMigration } from '../database/migrate.ts';
import { createLogger } from '../logging/logger.ts';
import { NestLogger } from '../logging/nest-logger.ts';
import { createApplication } from '../app.setup.ts';

/**
 * Runs a command inside the application, without the HTTP server. Logs go to standard error, so that output can be piped.
 * @param backgroundWork nothing by default: what the instances of the service do, a command must not do for a second, with leases
 * that they then wait for
 */
export async function withApplication<T>(
  work: (app: INestApplicationContext) => Promise<T>,
  backgroundWork: BackgroundWorkSetting = 'none',
): Promise<T> {
  const logger = new NestLogger(createLogger('warn', process.stderr));
  const module = AppModule.forRoot({ ...readConfiguration(), backgroundWork });
  const app = await NestFactory.createApplicationContext(module, { logger, abortOnError: false });
  try {
    await app.get(SchemaMigration).run();
    return await work(app);
  } finally {
    await app.close();
  }
}

/** Runs a command that depends only on the code: it needs neither a database nor encryption keys. */
export async function withoutInstallation(work: (app: NestFastifyApplication) => string): Promise<string> {
  const app = await createApplication(
    {
      production: false,
      host: '127.0.0.1',
      port: 0,
      trustProxy: false,
      database: { kind: 'sqlite', path: ':memory:' },
      encryptionKeys: `none:${randomBytes(32).toString('base64')}`,
      outboundAllow: [],
      outboundPorts: [],
      vendorEndpoints: {},
      sendTimeoutMs: 45_000,
      deletedConnectionRetentionDays: 30,
      rateLimits: { requests: 0, connectionTests: 0, signInFailures: 0 },
      migrationLockTimeoutMs: 60_000,
      shutdownDrainMs: 0,
      shutdownTimeoutMs: 60_000,
      logLevel: 'error',
    },
    // No warning about a console that is not built: nothing is served.
    createLogger('error', process.stderr),
  );
  try {
    await app.init();
    return work(app);
  } finally {
    await app.close();
  }
}
