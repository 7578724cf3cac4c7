import { ErasureService } from '@score-crm/connections';
import { Command } from 'commander';
import { organizationOption } from './api-keys.command.ts';
import { withApplication } from './application.ts';

export function eventsCommand(): Command {
  const command = new Command('events').description('Manage stored events.');
  command
    .command('erase')
    .description(
      'Remove the address of a recipient from all events of an organization and from the webhook requests that contained them. It can be repeated.',
    )
    .argument('<address>')
    .addOption(organizationOption())
    .action(async (address: string, { organization }: { readonly organization: string }) => {
      const caller = { organization, actor: 'command-line' };
      const erasure = await withApplication((app) => app.get(ErasureService).erase(caller, address));
      const counts = (['events', 'bodies', 'deliveries', 'tests'] as const).map(
        (name) => `${name} ${String(erasure[name])}`,
      );
      process.stdout.write(`Erasure ${erasure.id}: ${counts.join(', ')}\n`);
    });
  return command;
}
