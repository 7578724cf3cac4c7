import { Command } from 'commander';
import { errorReference } from '../problems/error-reference.ts';

export function errorsCommand(): Command {
  return new Command('errors')
    .description('Print the reference of all error codes, as Markdown.')
    .action(() => void process.stdout.write(errorReference()));
}
