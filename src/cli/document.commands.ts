import { AdapterRegistry } from '@score-crm/connections';
import { Command } from 'commander';
import { createDocument } from '../openapi/document.ts';
import { withoutInstallation } from './application.ts';
import { vendorMatrix } from '../vendors/vendor-matrix.ts';
import { errorReference } from '../problems/error-reference.ts';

export function openapiCommand(): Command {
  return new Command('openapi').description('Print the OpenAPI document.').action(async () => {
    const document = await withoutInstallation((app) => JSON.stringify(createDocument(app), null, 2));
    process.stdout.write(`${document}\n`);
  });
}

export function vendorMatrixCommand(): Command {
  return new Command('vendor-matrix')
    .description('Print the vendor matrix (what each vendor supports) as Markdown.')
    .action(async () => {
      process.stdout.write(await withoutInstallation((app) => vendorMatrix(app.get(AdapterRegistry).all())));
    });
}

export function errorsCommand(): Command {
  return new Command('errors')
    .description('Print the reference of all error codes, as Markdown.')
    .action(() => void process.stdout.write(errorReference()));
}
