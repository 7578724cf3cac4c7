import { AdapterRegistry } from '@score-crm/connections';
import { Command } from 'commander';
import { vendorMatrix } from '../vendors/vendor-matrix.ts';
import { withoutInstallation } from './without-installation.ts';

export function vendorMatrixCommand(): Command {
  return new Command('vendor-matrix')
    .description('Print the vendor matrix (what each vendor supports) as Markdown.')
    .action(async () => {
      process.stdout.write(await withoutInstallation((app) => vendorMatrix(app.get(AdapterRegistry).all())));
    });
}
