import { type DeclaredField, declaredFields, isShown, validateInput } from '@score-crm/adapter-kit';
import { Injectable, type Type } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AdapterRegistry, type RegisteredAdapter } from '../adapters/adapter.registry.ts';
import { UnitOfWork, type WorkOptions } from '../database/unit-of-work.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import { InvalidInputError, prefixPointers } from '../input/invalid-input.error.ts';
import { replacedSecrets, SecretCipher, type Secrets, withoutReplaced } from '../secrets/secret-cipher.ts';
import type { ConnectionRow } from './connection-row.ts';
import { ConnectionsRepository } from './connections.repository.ts';

/** A connection ready for use, with its secrets. Only the loader keeps it for longer than a call. */
export interface ResolvedConnection extends RegisteredAdapter {
  readonly row: ConnectionRow;
  /** An instance of the adapter's settings class. */
  readonly settings: object;
  readonly secrets: Secrets;
  /** For `CallOptions.poolKey`. */
  readonly poolKey: string;
}

/** The organization has no connection with this id. */
export class ConnectionNotFoundError extends ConnectionsError {
  readonly code = 'not_found';

  constructor() {
    super('Connection not found. Check the ID.');
  }
}

/** The connection is disabled: it can be changed and tested, but neither claimed nor sent through. */
export class ConnectionDisabledError extends ConnectionsError {
  readonly code = 'connection_disabled';

  constructor() {
    super('The connection is disabled. Enable it, or use another connection.');
  }
}

/** How old a connection may be that is kept: a change takes effect on every instance within 5 seconds. */
const CACHE = { max: 10_000, maxAgeMs: 4_000 } as const;

interface CachedConnection {
  /** When it began to be read, on the clock of `performance.now()`. */
  readonly begun: number;
  readonly row: Promise<ConnectionRow | null>;
}

/** Reads connections and decrypts their secrets. It changes nothing. */
@Injectable()
export class ConnectionLoader {
  private readonly kept = new LRUCache<string, CachedConnection>({ max: CACHE.max });
  private readonly candidates = new WeakMap<ConnectionRow, Promise<readonly object[]>>();
  private readonly resolved = new WeakMap<ConnectionRow, ResolvedConnection>();

  constructor(
    private readonly registry: AdapterRegistry,
    private readonly cipher: SecretCipher,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
  ) {}

  /** Reads a connection without its secrets. @throws ConnectionNotFoundError */
  async row(organization: string, id: string): Promise<ConnectionRow> {
    const row = await this.unitOfWork.read((tx) => this.connections.find(tx, organization, id));
    if (row === null) throw new ConnectionNotFoundError();
    return row;
  }

  /**
   * @throws ConnectionNotFoundError, SecretsUnreadableError, UnknownVendorError (its adapter is not installed), or
   *   InvalidInputError if the stored settings are not valid for the adapter's current version
   */
  async load(organization: string, id: string): Promise<ResolvedConnection> {
    return this.resolve(await this.row(organization, id));
  }

  /** Like `load`, for a row that was read already. The connection may be deleted. */
  async resolve(row: ConnectionRow): Promise<ResolvedConnection> {
    const registered = this.registry.get(row.vendor);
    const secrets = withoutReplaced(await this.cipher.decryptRow(row));
    const type = registered.adapter.settings;
    const result = validateInput(type, currentSettings(type, { settings: row.settings, secrets }));
    if (!result.ok) throw new InvalidInputError(prefixPointers('/settings', result.errors));
    return { ...registered, row, settings: result.value, secrets, poolKey: poolKeyOf(row) };
  }

  /**
   * Like `load`, but the connection may have been read a few seconds ago. Its settings are validated once.
   * @param options `maxAgeMs`: how long ago at most, in milliseconds; `withDeleted`: the connection may be deleted
   */
  async forSending(
    organization: string,
    id: string,
    { maxAgeMs = CACHE.maxAgeMs, withDeleted = false }: { maxAgeMs?: number; withDeleted?: boolean } = {},
  ): Promise<ResolvedConnection> {
    const row = await this.recent(id, maxAgeMs, { turn: organization });
    if (row === null || row.organization !== organization) throw new ConnectionNotFoundError();
    if (row.deletedAt !== null && !withDeleted) throw new ConnectionNotFoundError();
    const known = this.resolved.get(row);
    if (known !== undefined) return known;
    const resolved = await this.resolve(row);
    this.resolved.set(row, resolved);
    return resolved;
  }

  /**
   * The connection of a webhook URL, of any organization, deleted or not. It may have been read a few seconds ago, and is one
   * object for all requests of that time.
   * @param maxAgeMs how long ago at most, in milliseconds
   * @throws DatabaseUnavailableError
   */
  async forWebhook(id: string, maxAgeMs: number = CACHE.maxAgeMs): Promise<ConnectionRow | null> {
    return this.recent(id, maxAgeMs, { lane: 'ingest', turn: id });
  }

  /** Call it after a connection has changed: it is then read again. */
  forget(id: string): void {
    this.kept.delete(id);
  }

  private async recent(id: string, maxAgeMs: number, options: WorkOptions): Promise<ConnectionRow | null> {
    const cached = this.kept.get(id);
    if (cached !== undefined && performance.now() - cached.begun <= maxAgeMs) return cached.row;
    const row = this.unitOfWork.read((tx) => this.connections.findAny(tx, id), options);
    const entry = { begun: performance.now(), row };
    this.kept.set(id, entry);
    // Only what exists is kept: unknown ids would take the places of others.
    const drop = (): void => {
      if (this.kept.peek(id) === entry) this.kept.delete(id);
    };
    row.then((found) => found === null && drop(), drop);
    return row;
  }

  /**
   * The settings that a webhook is checked with: the current ones, then those with secrets that were replaced lately. They
   * are not validated: an error in a field for sending must not lose events. For one row, they are the same objects each time.
   * @throws SecretsUnreadableError, UnknownVendorError
   */
  async webhookSettings(row: ConnectionRow): Promise<readonly object[]> {
    const known = this.candidates.get(row);
    if (known !== undefined) return known;
    const read = this.readWebhookSettings(row);
    this.candidates.set(row, read);
    return read;
  }

  private async readWebhookSettings(row: ConnectionRow): Promise<readonly object[]> {
    const type = this.registry.get(row.vendor).adapter.settings;
    const decrypted = await this.cipher.decryptRow(row);
    const secrets = withoutReplaced(decrypted);
    const replaced = replacedSecrets(decrypted, new Date());
    const candidates = Object.keys(replaced).length === 0 ? [secrets] : [secrets, { ...secrets, ...replaced }];
    return candidates.map((candidate) => {
      const values = currentSettings(type, { settings: row.settings, secrets: candidate });
      return Object.assign(new type(), values) as object;
    });
  }
}

export type PlainSettings = Readonly<Record<string, string | number | boolean>>;

export interface StoredSettings {
  readonly settings: PlainSettings;
  readonly secrets: Secrets;
}

interface SettingsFields {
  readonly fields: readonly DeclaredField[];
  readonly names: ReadonlySet<string>;
  readonly hasConditionalFields: boolean;
}

const knownFields = new WeakMap<Type<object>, SettingsFields>();

/** The fields of a settings class. They are read once: decorators do not change after the class is loaded. */
export function settingsFields(type: Type<object>): SettingsFields {
  const known = knownFields.get(type);
  if (known !== undefined) return known;
  const fields = declaredFields(type);
  const names = new Set(fields.map((field) => field.name));
  const read = { fields, names, hasConditionalFields: fields.some(({ showIf }) => showIf !== undefined) };
  knownFields.set(type, read);
  return read;
}

/**
 * Stored settings as the current version of the adapter reads them: new fields have their default, and fields that were removed
 * or no longer apply are absent.
 */
export function currentSettings(type: Type<object>, stored: StoredSettings): PlainSettings {
  return applicable(type, { ...new type(), ...declaredValues(type, stored) }) as PlainSettings;
}

/** The stored values of the fields that the class declares. */
export function declaredValues(type: Type<object>, stored: StoredSettings): PlainSettings {
  const { names } = settingsFields(type);
  const all = Object.entries({ ...stored.settings, ...stored.secrets });
  return Object.fromEntries(all.filter(([name]) => names.has(name)));
}

/** The values of fields whose `showIf` holds. Removing a field may hide others, so this is repeated until nothing changes. */
export function applicable(
  type: Type<object>,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { fields, hasConditionalFields } = settingsFields(type);
  if (!hasConditionalFields) return values;
  const shown = { ...values };
  for (let before = -1; before !== Object.keys(shown).length;) {
    before = Object.keys(shown).length;
    for (const field of fields) if (!isShown(field, shown)) delete shown[field.name];
  }
  return shown;
}

/** The key of the sockets that an adapter keeps open for a connection. It changes with the connection. */
export function poolKeyOf({ id, version }: Pick<ConnectionRow, 'id' | 'version'>): string {
  return `${id}:${String(version)}`;
}
