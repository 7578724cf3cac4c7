import { PurgeService } from '@score-crm/connections';
import { Command } from 'commander';
import { withApplication } from './with-application.ts';

export function purgeCommand(): Command {
  return new Command('purge')
    .description(
      'Purge connections that were deleted more than DELETED_CONNECTION_RETENTION_DAYS ago. The service does this once an hour.',
    )
    .action(async () => {
      const { connections, postponed, failed } = await withApplication((app) => app.get(PurgeService).purge());
      process.stdout.write(
        `Purged ${String(connections)}, postponed ${String(postponed.length)}, failed ${String(failed.length)}\n`,
      );
      for (const id of postponed) process.stdout.write(`postponed  ${id}\n`);
      for (const id of failed) process.stdout.write(`failed     ${id}\n`);
      // The log has the reasons. The service tries again a day later.
      if (postponed.length > 0 || failed.length > 0) process.exitCode = 2;
    });
}
