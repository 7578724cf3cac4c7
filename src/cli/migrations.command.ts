import { Command } from 'commander';
import { readConfiguration } from '../config/environment.ts';
import { migrate, pendingMigrations, revertLastMigration } from '../database/migrate.ts';
import { withDataSource } from '../database/with-data-source.ts';

export function migrationsCommand(): Command {
  const command = new Command('migrations').description(
    'Manage database migrations. The service runs pending migrations when it starts.',
  );
  command
    .command('run')
    .description('Run pending migrations.')
    .action(async () => {
      print(await withDataSource(readConfiguration().database, migrate), 'No pending migrations.');
    });
  command
    .command('pending')
    .description('List pending migrations.')
    .action(async () => {
      print(await withDataSource(readConfiguration().database, pendingMigrations), 'No pending migrations.');
    });
  command
    .command('revert')
    .description('Revert the last migration. Deletes the data in the tables and columns that it created.')
    .action(async () => {
      await withDataSource(readConfiguration().database, revertLastMigration);
    });
  return command;
}

function print(names: readonly string[], none: string): void {
  process.stdout.write(names.length === 0 ? `${none}\n` : names.map((name) => `${name}\n`).join(''));
}
