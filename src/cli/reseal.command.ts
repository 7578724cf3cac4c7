import { ResealService } from '@score-crm/connections';
import { Command } from 'commander';
import { withApplication } from './with-application.ts';

export function resealCommand(): Command {
  return new Command('reseal')
    .description('Seals all secrets with the newest of ENCRYPTION_KEYS, so that older keys can be thrown away.')
    .action(async () => {
      const { resealed, skipped, unreadable } = await withApplication((app) => app.get(ResealService).resealAll());
      process.stdout.write(
        `Resealed ${String(resealed)}, changed meanwhile ${String(skipped)}, unreadable ${String(unreadable.length)}\n`,
      );
      for (const id of unreadable) process.stdout.write(`unreadable  ${id}\n`);
      // An older key must not be thrown away yet.
      if (skipped > 0 || unreadable.length > 0) process.exitCode = 2;
    });
}
