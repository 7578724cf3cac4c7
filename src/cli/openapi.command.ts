import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { createApplication } from '../app.setup.ts';
import { createLogger } from '../logging/logger.ts';
import { createDocument } from '../openapi/document.ts';

export function openapiCommand(): Command {
  return new Command('openapi').description('Prints the OpenAPI document.').action(async () => {
    // The document depends on the code alone: no database and no key of an installation is needed.
    const app = await createApplication(
      {
        production: false,
        host: '127.0.0.1',
        port: 0,
        trustProxy: false,
        database: { kind: 'sqlite', path: ':memory:' },
        encryptionKeys: `none:${randomBytes(32).toString('base64')}`,
        outboundAllow: [],
        vendorEndpoints: {},
        retiredWebhookDays: 30,
        logLevel: 'warn',
      },
      createLogger('warn', process.stderr),
    );
    try {
      await app.init();
      process.stdout.write(`${JSON.stringify(createDocument(app), null, 2)}\n`);
    } finally {
      await app.close();
    }
  });
}
