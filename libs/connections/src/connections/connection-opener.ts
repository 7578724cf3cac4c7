import { type FieldError, validateSettings } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { AdapterRegistry, type RegisteredAdapter } from '../adapters/adapter.registry.ts';
import { ConnectionsRepository } from '../persistence/connections.repository.ts';
import type { ConnectionRow } from '../persistence/schema/connection-row.ts';
import { UnitOfWork } from '../persistence/unit-of-work.ts';
import { SecretSealer, type Secrets } from '../sealing/secret-sealer.ts';
import { ConnectionNotFoundError, InvalidInputError } from './errors.ts';
import { type ChangedSettings, changeSettings } from './settings-change.ts';

/** A connection ready for use, secrets and all. It must not outlive the call that it was opened for. */
export interface OpenConnection extends RegisteredAdapter {
  readonly row: ConnectionRow;
  /** An instance of the adapter's settings class. */
  readonly settings: object;
  readonly secrets: Secrets;
  /** For `CallOptions.poolKey`. */
  readonly poolKey: string;
}

@Injectable()
export class ConnectionOpener {
  constructor(
    private readonly registry: AdapterRegistry,
    private readonly sealer: SecretSealer,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
  ) {}

  /** @throws ConnectionNotFoundError */
  async row(organisation: string, id: string): Promise<ConnectionRow> {
    const row = await this.unitOfWork.read((tx) => this.connections.find(tx, organisation, id));
    if (row === null) throw new ConnectionNotFoundError();
    return row;
  }

  /**
   * @throws ConnectionNotFoundError, SecretsUnreadableError, UnknownVendorError (its adapter is not installed), or
   *   InvalidInputError if the stored settings are no longer what the adapter asks for.
   */
  async open(organisation: string, id: string): Promise<OpenConnection> {
    const row = await this.row(organisation, id);
    const registered = this.registry.get(row.vendor);
    const secrets = await this.secretsOf(row);
    const result = validateSettings(registered.adapter.settings, { ...row.settings, ...secrets });
    if (!result.ok) throw new InvalidInputError(result.errors);
    return { ...registered, row, settings: result.value, secrets, poolKey: this.poolKey(row) };
  }

  /** What the settings become when somebody's changes are applied to the stored ones. */
  async changeStored(row: ConnectionRow, given: unknown): Promise<ChangedSettings | readonly FieldError[]> {
    const { adapter } = this.registry.get(row.vendor);
    // Where every stored secret is replaced, the old ones need not open: the way out after a lost key.
    const replaced = Object.keys(row.secretInfo).every((name) => (given as Secrets | null)?.[name] !== undefined);
    const secrets = replaced ? {} : await this.secretsOf(row);
    return changeSettings(adapter.settings, { settings: row.settings, secrets }, given);
  }

  poolKey(row: ConnectionRow): string {
    return `${row.id}:${String(row.version)}`;
  }

  private async secretsOf(row: ConnectionRow): Promise<Secrets> {
    return row.secrets === null ? {} : this.sealer.open(row.secrets, row);
  }
}
