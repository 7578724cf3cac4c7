import { CountsRebuild, type RebuildProgress } from '@score-crm/connections';
import { Argument, Command } from 'commander';
import { withApplication } from './application.ts';

export function projectionsCommand(): Command {
  const command = new Command('projections').description('Manage what is derived from the events.');
  command
    .command('rebuild')
    .description(
      'Count the events that are in the feed again, and wait until all are counted. Counts of days whose events have been deleted are kept. It can be repeated.',
    )
    .addArgument(new Argument('<name>', 'what to rebuild').choices(['counts']))
    .action(async () => {
      // No instance of the service needs to run.
      await withApplication((app) => app.get(CountsRebuild).run({ onProgress: progressPrinter() }), 'projections');
      process.stdout.write('The counts are complete.\n');
    });
  return command;
}

/** Prints each percent once. */
function progressPrinter(): (progress: RebuildProgress) => void {
  let printed = -1;
  return ({ counted, total }) => {
    const percent = total === 0 ? 100 : Math.floor((counted / total) * 100);
    if (percent === printed) return;
    printed = percent;
    process.stdout.write(`Counted ${String(counted)} of ${String(total)} entries of the feed (${String(percent)} %)\n`);
  };
}
