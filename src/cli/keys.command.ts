import { KeyHealthService, KeyRotationService } from '@score-crm/connections';
import { Command } from 'commander';
import { withApplication } from './with-application.ts';

export function keysCommand(): Command {
  const command = new Command('keys').description('Manage the keys that encrypt secrets.');
  command
    .command('rotate')
    .description('Re-encrypt all secrets with the first key in ENCRYPTION_KEYS, so that the other keys can be removed.')
    .action(rotate);
  command
    .command('verify')
    .description('Decrypt the secrets of all connections and list those that cannot be decrypted. Changes no secrets.')
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
