#!/usr/bin/env node
import 'reflect-metadata';
import { safeMessage } from '@score-crm/connections';
import { Command } from 'commander';
import { ConfigurationError } from '../config/environment.ts';
import { apiKeysCommand } from './api-keys.command.ts';
import { errorsCommand } from './errors.command.ts';
import { keysCommand } from './keys.command.ts';
import { migrationsCommand } from './migrations.command.ts';
import { openapiCommand } from './openapi.command.ts';
import { purgeCommand } from './purge.command.ts';
import { exitOnUncaughtErrors } from '../logging/fatal-errors.ts';
import { createLogger } from '../logging/logger.ts';
import { vendorMatrixCommand } from './vendor-matrix.command.ts';

exitOnUncaughtErrors(createLogger('error', process.stderr));

const program = new Command('score-connections')
  .description('Manage a score-connections installation. Reads the same environment variables as the service.')
  .addCommand(apiKeysCommand())
  .addCommand(migrationsCommand())
  .addCommand(keysCommand())
  .addCommand(purgeCommand())
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
