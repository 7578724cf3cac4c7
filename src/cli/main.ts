#!/usr/bin/env node
import 'reflect-metadata';
import { Command } from 'commander';
import { ConfigurationError } from '../config/environment.ts';
import { apiKeysCommand } from './api-keys.command.ts';
import { migrationsCommand } from './migrations.command.ts';
import { openapiCommand } from './openapi.command.ts';
import { purgeCommand } from './purge.command.ts';
import { resealCommand } from './reseal.command.ts';
import { vendorMatrixCommand } from './vendor-matrix.command.ts';

const program = new Command('score-connections')
  .description('Looks after a score-connections installation. It reads the same environment as the service.')
  .addCommand(apiKeysCommand())
  .addCommand(migrationsCommand())
  .addCommand(resealCommand())
  .addCommand(purgeCommand())
  .addCommand(openapiCommand())
  .addCommand(vendorMatrixCommand());

try {
  await program.parseAsync();
} catch (error) {
  const { message } = error as Error;
  process.stderr.write(error instanceof ConfigurationError ? `${message}\n` : `Failed: ${message}\n`);
  process.exitCode = 1;
}
