import { type Scope, SCOPES } from '@score-crm/connections-http';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ApiKeyResponse } from '../auth/api-key.dto.ts';
import { ApiKeysService } from '../auth/api-keys.service.ts';
import { withApplication } from './application.ts';

const ACTOR = 'command-line';
const ORGANIZATION = /^[A-Za-z0-9._:-]{1,64}$/;

interface Organization {
  readonly organization: string;
}

interface CreateOptions extends Organization {
  readonly name: string;
  readonly scope: Scope;
  readonly connection?: readonly string[];
  readonly expires?: Date;
}

export function apiKeysCommand(): Command {
  const command = new Command('api-keys').description('Create, list and revoke API keys.');
  command
    .command('create')
    .description('Create an API key and print it. It cannot be shown again.')
    .addOption(organizationOption())
    .requiredOption('--name <name>', 'a name that describes what the key is used for', parseName)
    .addOption(new Option('--scope <scope>', 'what the key is allowed to do').choices(SCOPES).default('manage'))
    .option('--connection <id>', 'restrict the key to this connection; repeat for more connections', collect)
    .option(
      '--expires <date or days>',
      'the last day the key is valid, in UTC (2027-06-30), or the number of days',
      parseExpiry,
    )
    .action(async (options: CreateOptions) => {
      await withApplication(async (app) => {
        const caller = { organization: options.organization, actor: ACTOR };
        const { name, scope, connection: connectionIds = null, expires: expiresAt = null } = options;
        const { id, key } = await app.get(ApiKeysService).create(caller, { name, scope, connectionIds, expiresAt });
        process.stdout.write(`id   ${id}\nkey  ${key}\n`);
      });
    });
  command
    .command('list')
    .description('List the API keys of an organization, except revoked ones.')
    .addOption(organizationOption())
    .action(async ({ organization }: Organization) => {
      await withApplication(async (app) => {
        const keys = await app.get(ApiKeysService).list({ organization, actor: ACTOR });
        for (const key of keys) process.stdout.write(`${lineOf(key)}\n`);
      });
    });
  command
    .command('revoke')
    .description('Revoke an API key immediately.')
    .argument('<id>')
    .addOption(organizationOption())
    .action(async (id: string, { organization }: Organization) => {
      await withApplication(async (app) => {
        const revoked = await app.get(ApiKeysService).revoke({ organization, actor: ACTOR }, id);
        if (!revoked) throw new Error(`The organization ${organization} has no active API key with the ID ${id}.`);
        process.stdout.write(`Revoked ${id}\n`);
      });
    });
  return command;
}

/** Such as "0197…  send    …3f9c  created 2026-01-31T08:00:00.000Z  never used  Campaign service  (only 0198…)". */
function lineOf({ id, scope, hint, createdAt, lastUsedAt, expiresAt, name, connectionIds }: ApiKeyResponse): string {
  return [
    id,
    scope.padEnd(6),
    `…${hint}`,
    `created ${createdAt.toISOString()}`,
    lastUsedAt === null ? 'never used' : `used ${lastUsedAt.toISOString()}`,
    ...(expiresAt === null
      ? []
      : [`${expiresAt.getTime() <= Date.now() ? 'expired' : 'expires'} ${expiresAt.toISOString()}`]),
    name,
    ...(connectionIds === null ? [] : [`(only ${connectionIds.join(', ')})`]),
  ].join('  ');
}

export function organizationOption(): Option {
  return new Option('--organization <id>', 'the ID of the organization').default('default').argParser((text) => {
    if (ORGANIZATION.test(text)) return text;
    throw new InvalidArgumentError('Use 1 to 64 letters, digits, dots, colons, hyphens or underscores.');
  });
}

function collect(id: string, ids: readonly string[] = []): readonly string[] {
  return [...ids, id];
}

/** @returns the end of the given day in UTC, or the time after so many days */
function parseExpiry(text: string): Date {
  const days = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;
  if (days !== undefined) return new Date(Date.now() + days * 24 * 60 * 60_000);
  const end = new Date(`${text}T23:59:59.999Z`);
  const isDate = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(end.getTime()) && end.toISOString().startsWith(text);
  if (!isDate) throw new InvalidArgumentError('Use a date such as 2027-06-30, or a number of days such as 90.');
  if (end.getTime() <= Date.now()) throw new InvalidArgumentError('This date is in the past.');
  return end;
}

function parseName(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (text.trim() !== '' && text.length <= 200 && !/[\0-\x1f\x7f]/.test(text)) return text;
  throw new InvalidArgumentError('Use 1 to 200 characters without control characters.');
}
