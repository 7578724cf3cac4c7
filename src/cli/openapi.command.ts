import { Command } from 'commander';
import { createDocument } from '../openapi/document.ts';
import { withoutInstallation } from './without-installation.ts';

export function openapiCommand(): Command {
  return new Command('openapi').description('Print the OpenAPI document.').action(async () => {
    const document = await withoutInstallation((app) => JSON.stringify(createDocument(app), null, 2));
    process.stdout.write(`${document}\n`);
  });
}
