import {
  KeyHealthService,
  KeyRotationService,
  PurgeService,
  QuotaService,
  RetentionService,
} from '@score-crm/connections';
import { Command } from 'commander';
import { withApplication } from './application.ts';
import { readConfiguration } from '../config/environment.ts';
import { migrate, pendingMigrations, revertLastMigration } from '../database/migrate.ts';
import { withDataSource } from '../database/data-source.ts';

export function keysCommand(): Command {
  const command = new Command('keys').description('Manage the keys that encrypt secrets.');
  command
    .command('rotate')
    .description('Re-encrypt all secrets with the first key in ENCRYPTION_KEYS, so that the other keys can be removed.')
    .action(rotate);
  command
    .command('verify')
    .description(
      'Decrypt the secrets of all connections and webhook endpoints, and list those that cannot be decrypted. Changes no secrets.',
    )
    .action(verify);
  return command;
}

async function verify(): Promise<void> {
  const { readable, unreadable } = await withApplication((app) => app.get(KeyHealthService).verify());
  process.stdout.write(`Readable ${String(readable)}, unreadable ${String(unreadable.length)}\n`);
  for (const id of unreadable) process.stdout.write(`unreadable  ${id}\n`);
  if (unreadable.length > 0) process.exitCode = 2;
}

async function rotate(): Promise<void> {
  const { reencrypted, skipped, unreadable } = await withApplication((app) => app.get(KeyRotationService).rotate());
  process.stdout.write(
    `Re-encrypted ${String(reencrypted)}, changed by others ${String(skipped)}, unreadable ${String(unreadable.length)}\n`,
  );
  for (const id of unreadable) process.stdout.write(`unreadable  ${id}\n`);
  // An older key must not be removed yet.
  if (skipped > 0 || unreadable.length > 0) process.exitCode = 2;
}

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

export function purgeCommand(): Command {
  return new Command('purge')
    .description(
      'Purge connections that were deleted more than DELETED_CONNECTION_RETENTION_DAYS ago, and delete events and other data after their retention and beyond the quota of their organization. The service does this once an hour.',
    )
    .action(async () => {
      const [{ connections, postponed, failed }, expired, excess] = await withApplication(async (app) => [
        await app.get(PurgeService).purge(),
        await app.get(RetentionService).prune(),
        await app.get(QuotaService).enforce(),
      ]);
      const deleted = [...Object.entries(expired), ...Object.entries(excess)].filter(([, count]) => count > 0);
      process.stdout.write(
        `Purged ${String(connections)}, postponed ${String(postponed.length)}, failed ${String(failed.length)}\n`,
      );
      for (const [name, count] of deleted) process.stdout.write(`deleted    ${name} ${String(count)}\n`);
      for (const id of postponed) process.stdout.write(`postponed  ${id}\n`);
      for (const id of failed) process.stdout.write(`failed     ${id}\n`);
      // The log has the reasons. The service tries again a day later.
      if (postponed.length > 0 || failed.length > 0) process.exitCode = 2;
    });
}
