import { checkInput, InputField, IsEmailAddress } from '@score-crm/adapter-kit';
import { Inject, Injectable } from '@nestjs/common';
import { ArrayMaxSize, ArrayMinSize, IsOptional, MaxLength } from 'class-validator';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import type { Caller } from '../audit/caller.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { type ConnectionsModuleOptions, MODULE_OPTIONS_TOKEN } from '../options/connections.module-options.ts';
import { InvalidInputError } from '../input/invalid-input.error.ts';
import type { ConnectionRow } from './connection-row.ts';
import { SecretCipher, SecretsUnreadableError } from '../secrets/secret-cipher.ts';
import { ConnectionsRepository } from './connections.repository.ts';
import { isSenderAllowed, senderAt, sendersOf } from './senders.ts';
import { type EffectiveMode, effectiveMode, SendingModeUnknownError, serviceMode } from './sending-mode.ts';

const MAX_CONNECTIONS = 100;

/** What a campaign or journey will send through. */
export class LaunchCheckInput {
  @InputField({
    label: 'Connection ids',
    help: 'The connections of the campaign or journey: one, or all of a percentage split or a round robin. If omitted, the check is whether the organization has a connection that can send.',
    items: 'string',
  })
  @IsOptional()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_CONNECTIONS)
  @MaxLength(36, { each: true })
  connectionIds?: readonly string[];

  @InputField({
    label: 'From email',
    help: 'The sender of the campaign or journey. The default sender of each connection if omitted.',
    example: 'news@example.com',
  })
  @IsOptional()
  @IsEmailAddress()
  fromEmail?: string;
}

export const LAUNCH_PROBLEM_CODES = [
  'no_usable_connection',
  'connection_not_found',
  'connection_disabled',
  'connection_failing',
  'vendor_unavailable',
  'secrets_unreadable',
  'sender_missing',
  'sender_unverified',
  'mode_unknown',
  'mode_redirect',
  'mode_drop',
] as const;
export type LaunchProblemCode = (typeof LAUNCH_PROBLEM_CODES)[number];

/** These do not prevent a launch. */
const WARNINGS: ReadonlySet<LaunchProblemCode> = new Set(['mode_redirect', 'mode_drop']);

/** A reason against a launch, or to think about it. */
export interface LaunchProblem {
  readonly code: LaunchProblemCode;
  /** An error prevents the launch. */
  readonly severity: 'error' | 'warning';
  /** The connection that it is about; null if it is about all of them. */
  readonly connectionId: string | null;
  /** What is wrong and what to do. */
  readonly message: string;
}

export interface LaunchReadiness {
  /** Whether there is no error; there may be warnings. */
  readonly ready: boolean;
  readonly problems: readonly LaunchProblem[];
}

/** Codes of tests whose from address failed. */
const SENDER_FAILURES: ReadonlySet<string> = new Set(['sender_not_verified', 'sender_rejected']);
/** The test had no sender, which is not a failure of the connection. */
const SENDER_MISSING = 'sender_missing';

/** Checks before a campaign or journey is launched that it can be sent. It contacts no vendor. */
@Injectable()
export class LaunchCheck {
  private readonly service: EffectiveMode;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) options: ConnectionsModuleOptions,
    private readonly registry: AdapterRegistry,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
    private readonly cipher: SecretCipher,
  ) {
    this.service = serviceMode(options);
  }

  /**
   * @param input validated here, from any source
   * @param visible the only connections that exist for the caller; all of the organization by default
   * @throws InvalidInputError
   */
  async run(
    { organization }: Caller,
    input: LaunchCheckInput = {},
    visible?: readonly string[],
  ): Promise<LaunchReadiness> {
    const { errors, valid } = checkInput(LaunchCheckInput, input);
    if (errors.length > 0) throw new InvalidInputError(errors);
    const { connectionIds, fromEmail } = valid;
    const ids = connectionIds?.filter((id) => visible?.includes(id) ?? true) ?? visible;
    const problems =
      connectionIds === undefined
        ? await this.problemsOfAll(organization, fromEmail, ids)
        : await this.problemsOf(organization, fromEmail, connectionIds, ids ?? []);
    return { ready: !problems.some(isError), problems };
  }

  private async problemsOf(
    organization: string,
    fromEmail: string | undefined,
    connectionIds: readonly string[],
    ids: readonly string[],
  ): Promise<LaunchProblem[]> {
    const rows = await this.unitOfWork.read((tx) =>
      this.connections.list(tx, { organization, ids, limit: MAX_CONNECTIONS }),
    );
    const found = new Map(rows.map((row) => [row.id, row]));
    const problems = [...new Set(connectionIds)].map(async (id) => {
      const row = found.get(id);
      return row === undefined ? [notFound(id)] : this.problemsOfRow(row, fromEmail ?? row.fromEmail ?? null);
    });
    return (await Promise.all(problems)).flat();
  }

  /** Only the warnings of the first connection that can send. */
  private async problemsOfAll(
    organization: string,
    fromEmail: string | undefined,
    ids: readonly string[] | undefined,
  ): Promise<LaunchProblem[]> {
    const problems: LaunchProblem[] = [];
    for (let before: string | undefined; ;) {
      const filter = { organization, ids, before, limit: MAX_CONNECTIONS };
      const rows = await this.unitOfWork.read((tx) => this.connections.list(tx, filter));
      for (const row of rows) {
        // Without a sender, the campaign has yet to choose one.
        const found = await this.problemsOfRow(row, fromEmail);
        if (!found.some(isError)) return found;
        if (problems.length < MAX_CONNECTIONS) problems.push(...found);
      }
      before = rows.at(-1)?.id;
      if (rows.length < MAX_CONNECTIONS) return [noneUsable(problems.length > 0), ...problems];
    }
  }

  /** @param fromEmail null if there is no sender, undefined if it does not matter */
  private async problemsOfRow(row: ConnectionRow, fromEmail: string | null | undefined): Promise<LaunchProblem[]> {
    const problems: LaunchProblem[] = [];
    const { name, vendor, lastTest } = row;
    const report = (code: LaunchProblemCode, message: string): void => {
      problems.push(problem(code, row.id, message));
    };
    if (row.disabledAt !== null) {
      report('connection_disabled', `“${name}” is disabled. Enable it, or choose another connection.`);
    }
    if (this.registry.find(vendor) === undefined) {
      const message = `“${name}” cannot send: the vendor “${vendor}” is not available. Choose another connection, or ask the operator to install its adapter.`;
      report('vendor_unavailable', message);
    } else if (!(await this.areSecretsReadable(row))) {
      const message = `“${name}” cannot send: its secrets cannot be decrypted. Enter all of them again, or ask the operator to add the encryption key.`;
      report('secrets_unreadable', message);
    }
    const code = lastTest?.ok === false ? (lastTest.code ?? 'unexpected') : undefined;
    if (code !== undefined && !SENDER_FAILURES.has(code) && code !== SENDER_MISSING) {
      report('connection_failing', `The last test of “${name}” failed (${code}). Fix the cause, then test it again.`);
    }
    if (fromEmail === null) {
      const message = `“${name}” has no default sender. Add one, or choose a sender for the campaign or journey.`;
      report('sender_missing', message);
    } else if (fromEmail !== undefined) {
      const message = senderProblem(row, fromEmail, code);
      if (message !== undefined) report('sender_unverified', message);
    }
    const unusual = this.modeProblem(row);
    if (unusual !== undefined) report(...unusual);
    return problems;
  }

  private async areSecretsReadable(row: ConnectionRow): Promise<boolean> {
    try {
      await this.cipher.decryptRow(row);
      return true;
    } catch (error) {
      if (error instanceof SecretsUnreadableError) return false;
      throw error;
    }
  }

  private modeProblem(row: ConnectionRow): [LaunchProblemCode, string] | undefined {
    const { name } = row;
    try {
      const effective = effectiveMode(this.service, row);
      if (effective.mode === 'live') return undefined;
      if (effective.mode === 'drop')
        return ['mode_drop', `“${name}” sends nothing: its emails are dropped. Use the mode live to send them.`];
      const { redirectTo } = effective;
      return [
        'mode_redirect',
        `All emails of “${name}” go to ${redirectTo}. Use the mode live to send them to their recipients.`,
      ];
    } catch (error) {
      if (error instanceof SendingModeUnknownError)
        return ['mode_unknown', `“${name}” sends nothing: its mode is unknown. Set the mode again.`];
      throw error;
    }
  }
}

function problem(code: LaunchProblemCode, connectionId: string | null, message: string): LaunchProblem {
  return { code, severity: WARNINGS.has(code) ? 'warning' : 'error', connectionId, message };
}

function isError({ severity }: LaunchProblem): boolean {
  return severity === 'error';
}

function senderProblem(row: ConnectionRow, fromEmail: string, failure: string | undefined): string | undefined {
  const { name, allowedSenderDomains: domains } = row;
  const senders = sendersOf(row);
  const own = senderAt(senders, fromEmail);
  if (own !== undefined && own === senders[0] && failure !== undefined && SENDER_FAILURES.has(failure)) {
    return `The last test of “${name}” failed because ${fromEmail} is not verified with the vendor. Verify it, then test the connection again.`;
  }
  if (!isSenderAllowed(fromEmail, domains) || (domains === null && own === undefined)) {
    return `${fromEmail} is not a sender of “${name}”. Add it to the senders of the connection, or its domain to the allowed sender domains.`;
  }
  return undefined;
}

function notFound(connectionId: string): LaunchProblem {
  const message = 'The connection does not exist or was deleted. Choose another connection.';
  return problem('connection_not_found', connectionId, message);
}

function noneUsable(hasConnections: boolean): LaunchProblem {
  const message = hasConnections
    ? 'No connection of the organization can send. Fix one of them, or add another.'
    : 'The organization has no connection. Add one.';
  return problem('no_usable_connection', null, message);
}
