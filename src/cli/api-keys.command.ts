import { Command, InvalidArgumentError, Option } from 'commander';
import { ApiKeysService } from '../auth/api-keys.service.ts';
import { type Scope, SCOPES } from '../auth/scope.ts';
import { withApplication } from './with-application.ts';

const ACTOR = 'command-line';
const ORGANIZATION = /^[A-Za-z0-9._:-]{1,64}$/;

interface Organization {
  readonly organization: string;
}

export function apiKeysCommand(): Command {
  const command = new Command('api-keys').description('Creates, lists and revokes API keys.');
  command
    .command('create')
    .description('Creates a key and prints it, this once.')
    .addOption(organizationOption())
    .requiredOption('--name <name>', 'what the key is for', parseName)
    .addOption(new Option('--scope <scope>', 'what it may do').choices(SCOPES).default('manage'))
    .option('--connection <id>', 'a connection that the key is restricted to; can be repeated', collect)
    .action(async (options: Organization & { name: string; scope: Scope; connection?: readonly string[] }) => {
      await withApplication(async (app) => {
        const caller = { organization: options.organization, actor: ACTOR };
        const { name, scope, connection = null } = options;
        const { id, key } = await app.get(ApiKeysService).create(caller, name, scope, connection);
        process.stdout.write(`id   ${id}\nkey  ${key}\n`);
      });
    });
  command
    .command('list')
    .description('Lists the keys of an organization that are not revoked.')
    .addOption(organizationOption())
    .action(async ({ organization }: Organization) => {
      await withApplication(async (app) => {
        const keys = await app.get(ApiKeysService).list({ organization, actor: ACTOR });
        for (const { id, scope, connectionIds, hint, createdAt, name } of keys) {
          const restriction = connectionIds === null ? '' : `  (only ${connectionIds.join(', ')})`;
          process.stdout.write(
            `${id}  ${scope.padEnd(6)}  …${hint}  ${createdAt.toISOString()}  ${name}${restriction}\n`,
          );
        }
      });
    });
  command
    .command('revoke')
    .description('Revokes a key, at once.')
    .argument('<id>')
    .addOption(organizationOption())
    .action(async (id: string, { organization }: Organization) => {
      await withApplication(async (app) => {
        const revoked = await app.get(ApiKeysService).revoke({ organization, actor: ACTOR }, id);
        if (!revoked) throw new Error(`The organization ${organization} has no API key with the id ${id}.`);
        process.stdout.write(`Revoked ${id}\n`);
      });
    });
  return command;
}

function organizationOption(): Option {
  return new Option('--organization <id>', 'the organization').default('default').argParser((text) => {
    if (ORGANIZATION.test(text)) return text;
    throw new InvalidArgumentError('Use 1 to 64 letters, digits, dots, colons, hyphens or underscores.');
  });
}

function collect(id: string, ids: readonly string[] = []): readonly string[] {
  return [...ids, id];
}

function parseName(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (text.trim() !== '' && text.length <= 200 && !/[\0-\x1f\x7f]/.test(text)) return text;
  throw new InvalidArgumentError('Use 1 to 200 characters without line breaks.');
}
