import { type FieldError, validateInput } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { AdapterRegistry, type RegisteredAdapter } from '../adapters/adapter.registry.ts';
import { ConnectionsRepository } from '../persistence/connections.repository.ts';
import type { ConnectionRow } from '../persistence/schema/connection-row.ts';
import { UnitOfWork } from '../persistence/unit-of-work.ts';
import { SecretCipher, type Secrets } from '../secrets/secret-cipher.ts';
import { SecretsUnreadableError } from '../secrets/secrets-unreadable.error.ts';
import { ConnectionNotFoundError, InvalidInputError, prefixPointers } from './errors.ts';
import { keepReplaced, replacedSecrets, withoutReplaced } from './replaced-secrets.ts';
import { type ChangedSettings, changeSettings } from './settings-change.ts';
import { currentSettings } from './stored-settings.ts';

/** A connection ready for use, secrets and all. It must not outlive the call that it was opened for. */
export interface ResolvedConnection extends RegisteredAdapter {
  readonly row: ConnectionRow;
  /** An instance of the adapter's settings class. */
  readonly settings: object;
  readonly secrets: Secrets;
  /** For `CallOptions.poolKey`. */
  readonly poolKey: string;
}

@Injectable()
export class ConnectionLoader {
  constructor(
    private readonly registry: AdapterRegistry,
    private readonly cipher: SecretCipher,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
  ) {}

  /** @throws ConnectionNotFoundError */
  async row(organization: string, id: string): Promise<ConnectionRow> {
    const row = await this.unitOfWork.read((tx) => this.connections.find(tx, organization, id));
    if (row === null) throw new ConnectionNotFoundError();
    return row;
  }

  /**
   * @throws ConnectionNotFoundError, SecretsUnreadableError, UnknownVendorError (its adapter is not installed), or
   *   InvalidInputError if the stored settings are no longer what the adapter asks for.
   */
  async open(organization: string, id: string): Promise<ResolvedConnection> {
    return this.openRow(await this.row(organization, id));
  }

  /** As `open`, of a row that was read already, which may be a deleted one's. */
  async openRow(row: ConnectionRow): Promise<ResolvedConnection> {
    const registered = this.registry.get(row.vendor);
    const secrets = await this.secretsOf(row);
    const type = registered.adapter.settings;
    const result = validateInput(type, currentSettings(type, { settings: row.settings, secrets }));
    if (!result.ok) throw new InvalidInputError(prefixPointers('/settings', result.errors));
    return { ...registered, row, settings: result.value, secrets, poolKey: this.poolKey(row) };
  }

  /** The settings after a caller's changes to the stored ones. */
  async changeStored(
    row: ConnectionRow,
    given: Readonly<Record<string, unknown>>,
  ): Promise<ChangedSettings | readonly FieldError[]> {
    const { adapter } = this.registry.get(row.vendor);
    const names = Object.keys(row.secretInfo);
    // If every stored secret is replaced or cleared, the old ones need not be decrypted: the way out after a lost key.
    const replaced = names.every((name) => Object.hasOwn(given, name) && given[name] !== undefined);
    const secrets = replaced ? Object.fromEntries(names.map((name) => [name, ''])) : await this.secretsOf(row);
    return changeSettings(adapter, { settings: row.settings, secrets }, given);
  }

  poolKey(row: ConnectionRow): string {
    return `${row.id}:${String(row.version)}`;
  }

  /**
   * The settings that a webhook is checked with: the current ones, then those with secrets that were replaced lately. They
   * are not validated: an error in a field for sending must not lose events.
   * @throws SecretsUnreadableError, UnknownVendorError
   */
  async webhookSettings(row: ConnectionRow): Promise<readonly object[]> {
    const type = this.registry.get(row.vendor).adapter.settings;
    const encrypted = await this.decryptedOf(row);
    const secrets = withoutReplaced(encrypted);
    const replaced = replacedSecrets(encrypted, new Date());
    const candidates = Object.keys(replaced).length === 0 ? [secrets] : [secrets, { ...secrets, ...replaced }];
    return candidates.map((candidate) => {
      const values = currentSettings(type, { settings: row.settings, secrets: candidate });
      return Object.assign(new type(), values) as object;
    });
  }

  /** The secrets to encrypt, which replace those of the row. */
  async secretsToEncrypt(row: ConnectionRow, secrets: Secrets, now: Date): Promise<Secrets> {
    try {
      return keepReplaced(this.registry.get(row.vendor).adapter.settings, await this.decryptedOf(row), secrets, now);
    } catch (error) {
      // The way out after a lost key: what cannot be opened cannot be kept.
      if (error instanceof SecretsUnreadableError) return secrets;
      throw error;
    }
  }

  private async secretsOf(row: ConnectionRow): Promise<Secrets> {
    return withoutReplaced(await this.decryptedOf(row));
  }

  private async decryptedOf(row: ConnectionRow): Promise<Secrets> {
    return row.secrets === null ? {} : this.cipher.decrypt(row.secrets, row);
  }
}
