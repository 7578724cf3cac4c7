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
      const { id, events, bodies } = await withApplication((app) => app.get(ErasureService).erase(caller, address));
      process.stdout.write(`Erasure ${id}: events ${String(events)}, bodies ${String(bodies)}\n`);
    });
  return command;
}
