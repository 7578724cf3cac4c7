import { type CheckedInput, checkInput, type FieldError } from '@score-crm/adapter-kit';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import { type AuditAction, AuditRepository } from '../audit/audit.repository.ts';
import type { Caller } from '../audit/caller.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import { canonicalJson, DIGEST_LENGTH, IdempotencyKeys } from '../idempotency/idempotency-keys.ts';
import { InvalidInputError, prefixPointers } from '../input/invalid-input.error.ts';
import { checkedNumber, decodeCursor, encodeCursor, type Page, PAGE_LIMITS } from '../input/paging.ts';
import {
  CreateConnectionInput,
  DETAIL_NAMES,
  givenDetails,
  type StoredDetails,
  UpdateConnectionInput,
} from './connection-input.ts';
import { SecretCipher } from '../secrets/secret-cipher.ts';
import { ConnectionLoader, ConnectionNotFoundError, poolKeyOf } from './connection-loader.ts';
import { ConnectionRow } from './connection-row.ts';
import { type Connection, ConnectionPresenter } from './connection.presenter.ts';
import { ConnectionsRepository } from './connections.repository.ts';
import { CONNECTION_USAGES, type ConnectionUsages, EARLIER_TESTS, type EarlierTests } from './ports.ts';
import { modeErrors } from './sending-mode.ts';
import { canonicalDomains, senderErrors, sendersOf, storedSenders } from './senders.ts';
import { limitsErrors, storedLimits } from './sending-limits.ts';
import { type ChangedSettings, changeSettings, SettingsChanges } from './settings.ts';

export interface ConnectionQuery {
  readonly vendor?: string | undefined;
  /** Part of the name or of the sender's address. */
  readonly text?: string | undefined;
  /** Only connections that are enabled, or only those that are disabled. */
  readonly enabled?: boolean | undefined;
  /** Only these connections. */
  readonly ids?: readonly string[] | undefined;
  /** 1 to 100; 25 by default. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the previous page. */
  readonly cursor?: string | undefined;
}

export interface CreateOptions {
  /**
   * Of several calls with the same key, one creates the connection, and the others return it for 24 hours: 1 to 255 visible
   * ASCII characters, unique within the organization.
   */
  readonly idempotencyKey?: string | undefined;
}

export interface CreatedConnection extends Connection {
  /** An earlier call with the same idempotency key created it. */
  readonly replayed?: true;
}

/** Within which the keys of creations are compared. */
const KEY_SCOPE = 'connections';

/** The connection, or another resource, has changed since the caller read it. */
export class VersionMismatchError extends ConnectionsError {
  readonly code = 'version_mismatch';

  constructor(
    override readonly currentVersion: number,
    resource = 'connection',
  ) {
    super(`The ${resource} has changed since you fetched it. Fetch it again, then repeat the change.`);
  }
}

/** How a stored connection changes. */
interface Change {
  readonly action: AuditAction;
  readonly expectedVersion?: number | undefined;
  /** Changes the row in memory and returns the names of the fields that changed. */
  readonly apply: (row: ConnectionRow, tx: Transaction) => Promise<string[]>;
  readonly afterwards?: (row: ConnectionRow, tx: Transaction) => Promise<void>;
}

/** Creates, reads, changes and deletes the connections of an organization. Every call is limited to the caller's organization. */
@Injectable()
export class ConnectionsService {
  private readonly logger = new Logger(ConnectionsService.name);

  constructor(
    private readonly registry: AdapterRegistry,
    private readonly loader: ConnectionLoader,
    private readonly settings: SettingsChanges,
    private readonly presenter: ConnectionPresenter,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
    private readonly audit: AuditRepository,
    private readonly cipher: SecretCipher,
    private readonly keys: IdempotencyKeys,
    @Inject(CONNECTION_USAGES) private readonly usages: ConnectionUsages,
    @Inject(EARLIER_TESTS) private readonly earlierTests: EarlierTests,
  ) {}

  /**
   * @param input validated here, from any source. With the `testId` of `ConnectionTester.testUnsaved`, a test of the
   *   same values is recorded with the connection.
   * @throws InvalidInputError with every error; IdempotencyKeyReusedError
   */
  async create(
    caller: Caller,
    input: CreateConnectionInput,
    { idempotencyKey: key }: CreateOptions = {},
  ): Promise<CreatedConnection> {
    const { errors, valid } = checkInput(CreateConnectionInput, input);
    const { vendor, settings } = valid;
    const registered = vendor === undefined ? undefined : this.registry.find(vendor);
    if (vendor !== undefined && registered === undefined) errors.push(unknownVendor(this.registry.vendors));
    const details = givenDetails(valid);
    errors.push(...senderErrors(valid, details, errors), ...limitsErrors(valid, errors), ...modeErrors(valid, errors));
    const changed =
      registered === undefined || settings === undefined
        ? undefined
        : collect(changeSettings(registered.adapter, undefined, settings), errors);
    if (errors.length > 0 || vendor === undefined || changed === undefined) throw new InvalidInputError(errors);

    const now = new Date();
    const row = Object.assign(new ConnectionRow(), {
      id: uuid(),
      organization: caller.organization,
      vendor,
      lastTest: null,
      secrets: null,
      secretInfo: {},
      version: 1,
      guard: 0,
      createdAt: now,
      updatedAt: now,
      disabledAt: null,
      deletedAt: null,
      leasedUntil: null,
    });
    applyDetails(row, details);
    const given = auditNames(DETAIL_NAMES.filter((name) => (details[name] ?? null) !== null));
    await this.settings.apply(row, changed, now);
    const earlier = await this.unitOfWork.write(async (tx) => {
      if (key !== undefined) {
        // Keyed: the input contains secrets.
        const fingerprint = this.cipher.digest(canonicalJson(valid)).slice(0, DIGEST_LENGTH);
        const { organization } = caller;
        const request = { organization, scope: KEY_SCOPE, key, fingerprint, id: row.id };
        const first = await this.keys.reserveIn(tx, request);
        if (first !== undefined) return this.connections.findAny(tx, first.id);
      }
      await this.connections.insert(tx, row);
      await this.audit.record(tx, caller, 'connection.create', row.id, [...given, ...prefixed(changed.changed)]);
      await this.adoptTest(tx, valid.testId, row, changed.instance);
      return undefined;
    });
    if (earlier === null) throw new ConnectionNotFoundError();
    return earlier === undefined ? this.presenter.one(row) : { ...(await this.presenter.one(earlier)), replayed: true };
  }

  /** @throws ConnectionNotFoundError */
  async get(caller: Caller, id: string): Promise<Connection> {
    return this.presenter.one(await this.loader.row(caller.organization, id));
  }

  /** Newest first. @throws InvalidQueryError for an invalid cursor or limit. */
  async list(caller: Caller, query: ConnectionQuery = {}): Promise<Page<Connection>> {
    const limit = checkedNumber('limit', query.limit, PAGE_LIMITS);
    const rows = await this.unitOfWork.read((tx) =>
      this.connections.list(tx, {
        organization: caller.organization,
        vendor: query.vendor,
        text: query.text,
        enabled: query.enabled,
        ids: query.ids,
        before: query.cursor === undefined ? undefined : decodeCursor(query.cursor),
        limit: limit + 1,
      }),
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      data: await this.presenter.all(page),
      nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last.id) : null,
    };
  }

  /**
   * Omitted fields keep their value; null clears a field.
   * @param input validated here, from any source
   * @param expectedVersion the version that the caller saw; undefined to update any version
   * @throws ConnectionNotFoundError, VersionMismatchError, InvalidInputError, SecretsUnreadableError
   */
  async update(
    caller: Caller,
    id: string,
    input: UpdateConnectionInput,
    expectedVersion?: number,
  ): Promise<Connection> {
    const checked = checkInput(UpdateConnectionInput, input);
    const { testId } = checked.valid;
    const row = await this.change(caller, id, {
      action: 'connection.update',
      expectedVersion,
      apply: (row) => this.applyUpdate(row, checked),
      afterwards: async (row, tx) => {
        const tested = testId === undefined ? undefined : await this.usableSettings(row);
        if (tested !== undefined) await this.adoptTest(tx, testId, row, tested);
      },
    });
    return this.presenter.one(row);
  }

  /**
   * Creates the `generated` secrets that the connection does not have, such as after an update of its adapter.
   * @throws ConnectionNotFoundError, InvalidInputError, SecretsUnreadableError
   */
  async ensureGeneratedSecrets(caller: Caller, id: string): Promise<void> {
    const apply = async (row: ConnectionRow): Promise<string[]> => {
      const errors: FieldError[] = [];
      const changed = collect(await this.settings.prepare(row, {}), errors);
      if (changed === undefined) throw new InvalidInputError(errors);
      return this.applyChange(row, [], changed);
    };
    await this.change(caller, id, { action: 'connection.update', apply });
  }

  /**
   * Disables a connection, so that nothing can be sent through it and it cannot be claimed, until it is enabled again. It can
   * still be tested, and its webhook still receives events. Disabling it twice changes nothing.
   * @throws ConnectionNotFoundError, VersionMismatchError, ConnectionInUseError
   */
  async disable(caller: Caller, id: string, expectedVersion?: number): Promise<Connection> {
    const row = await this.change(caller, id, {
      action: 'connection.disable',
      expectedVersion,
      apply: async (row, tx) => {
        if (row.disabledAt !== null) return [];
        await this.usages.assertUnused(tx, id);
        row.disabledAt = new Date();
        return this.applyChange(row, ['enabled'], undefined);
      },
    });
    return this.presenter.one(row);
  }

  /** Enabling an enabled connection changes nothing. @throws ConnectionNotFoundError, VersionMismatchError */
  async enable(caller: Caller, id: string, expectedVersion?: number): Promise<Connection> {
    const row = await this.change(caller, id, {
      action: 'connection.enable',
      expectedVersion,
      apply: async (row) => {
        if (row.disabledAt === null) return [];
        row.disabledAt = null;
        return this.applyChange(row, ['enabled'], undefined);
      },
    });
    return this.presenter.one(row);
  }

  /**
   * Deletes a connection. Its row stays, because bounces and complaints come late.
   * @throws ConnectionNotFoundError, VersionMismatchError, ConnectionInUseError
   */
  async delete(caller: Caller, id: string, expectedVersion?: number): Promise<void> {
    const row = await this.unitOfWork.write(async (tx) => {
      const row = await this.connections.lock(tx, caller.organization, id);
      assertVersion(row, expectedVersion);
      await this.usages.assertUnused(tx, id);
      row.deletedAt = new Date();
      await this.connections.save(tx, row);
      await this.audit.record(tx, caller, 'connection.delete', id);
      return row;
    });
    await this.release(row, poolKeyOf(row));
  }

  /** Changes a connection in one transaction, with an audit entry, and releases its sockets. */
  private async change(
    caller: Caller,
    id: string,
    { action, expectedVersion, apply, afterwards }: Change,
  ): Promise<ConnectionRow> {
    const { row, changed, poolKey } = await this.unitOfWork.write(async (tx) => {
      const row = await this.connections.lock(tx, caller.organization, id);
      assertVersion(row, expectedVersion);
      const poolKey = poolKeyOf(row);
      const changed = await apply(row, tx);
      if (changed.length > 0) {
        await this.connections.save(tx, row);
        await this.audit.record(tx, caller, action, id, changed);
      }
      await afterwards?.(row, tx);
      return { row, changed, poolKey };
    });
    if (changed.length > 0) await this.release(row, poolKey);
    return row;
  }

  /** A test of exactly these values is shown as the connection's. Without one, the connection is saved anyway. */
  private async adoptTest(
    tx: Transaction,
    testId: string | undefined,
    row: ConnectionRow,
    settings: object,
  ): Promise<void> {
    const lastTest = testId === undefined ? null : await this.earlierTests.adopt(tx, testId, row, settings);
    if (lastTest === null) return;
    // A test of the saved values may have run since.
    if (row.lastTest === null || Date.parse(row.lastTest.testedAt) <= Date.parse(lastTest.testedAt))
      row.lastTest = lastTest;
    await this.connections.recordTest(tx, row.id, row.version, row.lastTest);
  }

  /** Undefined if the stored settings cannot be used, such as without their encryption key: no test can be of these. */
  private async usableSettings(row: ConnectionRow): Promise<object | undefined> {
    try {
      return (await this.loader.resolve(row)).settings;
    } catch (error) {
      if (error instanceof ConnectionsError) return undefined;
      throw error;
    }
  }

  /** Changes the row in memory. @returns the names of the fields that changed. */
  private async applyUpdate(row: ConnectionRow, checked: CheckedInput<UpdateConnectionInput>): Promise<string[]> {
    const { valid } = checked;
    const errors = checked.errors.map(withImmutableVendor);
    const before = detailsOf(row);
    const details = { ...before, ...givenDetails(valid) };
    errors.push(
      ...senderErrors(valid, details, errors),
      ...limitsErrors(details, errors),
      ...modeErrors(details, errors),
    );
    const changed =
      valid.settings === undefined ? undefined : collect(await this.settings.prepare(row, valid.settings), errors);
    if (errors.length > 0) throw new InvalidInputError(errors);

    applyDetails(row, details);
    const after = detailsOf(row);
    const changedNames = DETAIL_NAMES.filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
    return this.applyChange(row, auditNames(changedNames), changed);
  }

  /** @returns the names of the changed details and settings */
  private async applyChange(
    row: ConnectionRow,
    details: readonly string[],
    changed: ChangedSettings | undefined,
  ): Promise<string[]> {
    const all = [...details, ...prefixed(changed?.changed ?? [])];
    if (all.length === 0) return all;
    const now = new Date();
    if (changed !== undefined && changed.changed.length > 0) {
      await this.settings.apply(row, changed, now);
      // It was a test of other settings.
      if (changed.affectsSending) row.lastTest = null;
    }
    row.version++;
    row.updatedAt = now;
    return all;
  }

  /** Gives up what is kept for a connection that has changed, here and in its adapter. It never fails: the change is committed. */
  private async release({ id, vendor }: ConnectionRow, poolKey: string): Promise<void> {
    this.loader.forget(id);
    try {
      await this.registry.find(vendor)?.adapter.release?.(poolKey);
    } catch {
      // The cause stays out of the log: no scrubber has the secrets any longer.
      this.logger.error(`The adapter of ${vendor} failed to release connection ${id}.`);
    }
  }
}

function assertVersion(row: ConnectionRow | null, expected: number | undefined): asserts row is ConnectionRow {
  if (row === null) throw new ConnectionNotFoundError();
  if (expected !== undefined && row.version !== expected) throw new VersionMismatchError(row.version);
}

/** The changed settings, or undefined after their errors were added to `errors`. */
function collect(result: ChangedSettings | readonly FieldError[], errors: FieldError[]): ChangedSettings | undefined {
  if ('instance' in result) return result;
  errors.push(...prefixPointers('/settings', result));
  return undefined;
}

function unknownVendor(vendors: readonly string[]): FieldError {
  const message = `Unknown vendor. Use one of: ${vendors.join(', ')}.`;
  return { pointer: '/vendor', code: 'unknown_vendor', message };
}

function withImmutableVendor(error: FieldError): FieldError {
  if (error.pointer !== '/vendor') return error;
  const message = 'The vendor of a connection cannot be changed. Create a new connection instead.';
  return { pointer: '/vendor', code: 'immutable', message };
}

type Details = Pick<ConnectionRow, (typeof DETAIL_NAMES)[number]>;
function detailsOf(row: ConnectionRow): Details {
  const { name, allowedSenderDomains, checkSuppressions, mode, redirectTo, limits } = row;
  return {
    name,
    // Without an address, there is only a name.
    ...(row.fromEmail === null ? { ...NO_SENDERS, fromName: row.fromName } : storedSenders(sendersOf(row))),
    allowedSenderDomains,
    checkSuppressions,
    mode,
    redirectTo,
    limits: storedLimits(limits),
  };
}

const NO_SENDERS = storedSenders([]);

/** The audit names senders as the API does. */
function auditNames(names: readonly (keyof Details)[]): string[] {
  return [...new Set(names.map((name) => (name === 'replyTo' || name === 'otherSenders' ? 'senders' : name)))];
}

function applyDetails(row: ConnectionRow, details: StoredDetails): void {
  row.name = details.name ?? '';
  row.fromEmail = details.fromEmail ?? null;
  row.fromName = details.fromName ?? null;
  row.replyTo = details.replyTo ?? null;
  row.otherSenders = details.otherSenders ?? null;
  row.allowedSenderDomains = canonicalDomains(details.allowedSenderDomains ?? null);
  row.checkSuppressions = details.checkSuppressions ?? true;
  row.mode = details.mode ?? 'live';
  row.redirectTo = details.redirectTo ?? null;
  row.limits = storedLimits(details.limits ?? null);
}

function prefixed(names: readonly string[]): string[] {
  return names.map((name) => `settings.${name}`);
}
