#!/usr/bin/env node
import 'reflect-metadata';
import { safeMessage } from '@score-crm/connections';
import { Command } from 'commander';
import { ConfigurationError } from '../config/environment.ts';
import { apiKeysCommand } from './api-keys.command.ts';
import { consumersCommand } from './consumers.command.ts';
import { eventsCommand } from './events.command.ts';
import { errorsCommand, openapiCommand, vendorMatrixCommand } from './document.commands.ts';
import { keysCommand, migrationsCommand, purgeCommand } from './maintenance.commands.ts';
import { projectionsCommand } from './projections.command.ts';
import { createLogger, exitOnUncaughtErrors } from '../logging/logger.ts';

exitOnUncaughtErrors(createLogger('error', process.stderr));

const program = new Command('score-connections')
  .description('Manage a score-connections installation. Reads the same environment variables as the service.')
  .addCommand(apiKeysCommand())
  .addCommand(migrationsCommand())
  .addCommand(keysCommand())
  .addCommand(purgeCommand())
  .addCommand(eventsCommand())
  .addCommand(consumersCommand())
  .addCommand(projectionsCommand())
  .addCommand(openapiCommand())
  .addCommand(vendorMatrixCommand())
  .addCommand(errorsCommand());

try {
  await program.parseAsync();
} catch (error) {
  const isExpected = error instanceof ConfigurationError;
  process.stderr.write(isExpected ? `${error.message}\n` : `Failed: ${safeMessage(error)}\n`);
  process.exitCode = 1;
}
