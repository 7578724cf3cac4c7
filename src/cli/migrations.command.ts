import { Command } from 'commander';
import { readConfiguration } from '../config/environment.ts';
import { migrate, pendingMigrations, revertLastMigration } from '../database/migrate.ts';
import { withDataSource } from '../database/with-data-source.ts';

export function migrationsCommand(): Command {
  const command = new Command('migrations').description(
    'Brings the database’s schema up to date. The service does so itself when it starts.',
  );
  command
    .command('run')
    .description('Runs what is pending.')
    .action(async () => {
      print(await withDataSource(readConfiguration().database, migrate), 'Nothing to run.');
    });
  command
    .command('pending')
    .description('Lists what is pending.')
    .action(async () => {
      print(await withDataSource(readConfiguration().database, pendingMigrations), 'Nothing is pending.');
    });
  command
    .command('revert')
    .description('Takes back the migration that was run last, and with it the data in its tables.')
    .action(async () => {
      await withDataSource(readConfiguration().database, revertLastMigration);
    });
  return command;
}

function print(names: readonly string[], none: string): void {
  process.stdout.write(names.length === 0 ? `${none}\n` : names.map((name) => `${name}\n`).join(''));
}
