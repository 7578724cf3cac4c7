import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from '../app.setup.ts';
import { createLogger } from '../logging/logger.ts';

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
