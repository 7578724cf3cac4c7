import type { FieldError } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import type { Caller } from '../caller.ts';
import { AuditRepository } from '../persistence/audit.repository.ts';
import { ConnectionUsagesRepository } from '../persistence/connection-usages.repository.ts';
import { ConnectionsRepository } from '../persistence/connections.repository.ts';
import { ConnectionsError } from '../errors/connections.error.ts';
import { ConnectionRow } from '../persistence/schema/connection-row.ts';
import { type Transaction, UnitOfWork } from '../persistence/unit-of-work.ts';
import { SecretCipher } from '../secrets/secret-cipher.ts';
import { ConnectionInUseError } from '../usages/errors.ts';
import { toUsage } from '../usages/usage.ts';
import { AdapterRelease } from './adapter-release.ts';
import { ConnectionLoader } from './connection-loader.ts';
import type { Connection } from './connection.ts';
import { type CheckedInput, checkInput } from './check-input.ts';
import {
  type ConnectionDetails,
  CreateConnectionInput,
  DETAIL_NAMES,
  givenDetails,
  senderErrors,
  UpdateConnectionInput,
} from './connection-input.ts';
import { ConnectionPresenter } from './connection.presenter.ts';
import { checkedNumber, decodeCursor, encodeCursor, type Page, PAGE_LIMITS } from './paging.ts';
import { ConnectionNotFoundError, InvalidInputError, VersionMismatchError, prefixPointers } from './errors.ts';
import { describeSecrets } from './secret-hint.ts';
import { UnsavedTests } from './unsaved-tests.ts';
import { canonicalDomains } from './sender-domains.ts';
import { type ChangedSettings, changeSettings } from './settings-change.ts';

export interface ConnectionQuery {
  readonly vendor?: string | undefined;
  /** Part of the name or of the sender's address. */
  readonly text?: string | undefined;
  /** Only these connections. */
  readonly ids?: readonly string[] | undefined;
  /** 1 to 100; 25 by default. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the previous page. */
  readonly cursor?: string | undefined;
}

/** How many usages are named that keep a connection in use. */
const SHOWN_USAGES = 100;

/** Creates, reads, changes and deletes the connections of an organization. Every call stays within the caller's. */
@Injectable()
export class ConnectionsService {
  constructor(
    private readonly registry: AdapterRegistry,
    private readonly cipher: SecretCipher,
    private readonly loader: ConnectionLoader,
    private readonly adapters: AdapterRelease,
    private readonly views: ConnectionPresenter,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
    private readonly usages: ConnectionUsagesRepository,
    private readonly audit: AuditRepository,
    private readonly unsavedTests: UnsavedTests,
  ) {}

  /**
   * @param input validated here, from any source. With the `testId` of `ConnectionTester.testUnsaved`, a test of the
   *   same values is recorded with the connection.
   * @throws InvalidInputError with every error
   */
  async create(caller: Caller, input: CreateConnectionInput): Promise<Connection> {
    const { errors, valid } = checkInput(CreateConnectionInput, input);
    const { vendor, settings } = valid;
    const registered = vendor === undefined ? undefined : this.registry.find(vendor);
    if (vendor !== undefined && registered === undefined) errors.push(unknownVendor(this.registry.vendors));
    errors.push(...senderErrors(valid, errors));
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
      deletedAt: null,
      leasedUntil: null,
    });
    applyDetails(row, valid);
    const given = DETAIL_NAMES.filter((name) => row[name] !== null);
    await this.applySettings(row, changed, now);
    await this.unitOfWork.write(async (tx) => {
      await this.connections.insert(tx, row);
      await this.audit.record(tx, caller, 'connection.create', row.id, [...given, ...prefixed(changed.changed)]);
      await this.unsavedTests.adopt(tx, valid.testId, row, changed.instance);
    });
    return this.views.one(row);
  }

  /** @throws ConnectionNotFoundError */
  async get(caller: Caller, id: string): Promise<Connection> {
    return this.views.one(await this.loader.row(caller.organization, id));
  }

  /** Newest first. @throws InvalidQueryError for an invalid cursor or limit. */
  async list(caller: Caller, query: ConnectionQuery = {}): Promise<Page<Connection>> {
    const limit = checkedNumber('limit', query.limit, PAGE_LIMITS);
    const rows = await this.unitOfWork.read((tx) =>
      this.connections.list(tx, {
        organization: caller.organization,
        vendor: query.vendor,
        text: query.text,
        ids: query.ids,
        before: query.cursor === undefined ? undefined : decodeCursor(query.cursor),
        limit: limit + 1,
      }),
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      data: await this.views.all(page),
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
    const { row, changed, poolKey } = await this.unitOfWork.write(async (tx) => {
      const row = await this.connections.lock(tx, caller.organization, id);
      assertVersion(row, expectedVersion);
      const poolKey = this.loader.poolKey(row);
      const changed = await this.applyUpdate(row, checked);
      if (changed.length > 0) {
        await this.connections.save(tx, row);
        await this.audit.record(tx, caller, 'connection.update', id, changed);
      }
      const { testId } = checked.valid;
      const tested = testId === undefined ? undefined : await this.usableSettings(row);
      if (tested !== undefined) await this.unsavedTests.adopt(tx, testId, row, tested);
      return { row, changed, poolKey };
    });
    if (changed.length > 0) await this.adapters.release(row, poolKey);
    return this.views.one(row);
  }

  /**
   * Deletes a connection. Its row stays, because bounces and complaints come late.
   * @throws ConnectionNotFoundError, VersionMismatchError, ConnectionInUseError
   */
  async delete(caller: Caller, id: string, expectedVersion?: number): Promise<void> {
    const row = await this.unitOfWork.write(async (tx) => {
      const row = await this.connections.lock(tx, caller.organization, id);
      assertVersion(row, expectedVersion);
      await this.assertUnused(tx, id);
      row.deletedAt = new Date();
      await this.connections.save(tx, row);
      await this.audit.record(tx, caller, 'connection.delete', id);
      return row;
    });
    await this.adapters.release(row, this.loader.poolKey(row));
  }

  private async assertUnused(tx: Transaction, id: string): Promise<void> {
    const [rows, total] = await this.usages.listActive(tx, id, SHOWN_USAGES);
    if (total > 0) throw new ConnectionInUseError(rows.map(toUsage), total);
  }

  /** Undefined if the stored settings cannot be used, such as without their encryption key: no test can be of these. */
  private async usableSettings(row: ConnectionRow): Promise<object | undefined> {
    try {
      return (await this.loader.openRow(row)).settings;
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
    errors.push(...senderErrors(details, errors));
    const changed =
      valid.settings === undefined ? undefined : collect(await this.loader.changeStored(row, valid.settings), errors);
    if (errors.length > 0) throw new InvalidInputError(errors);

    applyDetails(row, details);
    const after = detailsOf(row);
    const names = DETAIL_NAMES.filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
    const all = [...names, ...prefixed(changed?.changed ?? [])];
    if (all.length === 0) return all;
    const now = new Date();
    if (changed !== undefined && changed.changed.length > 0) {
      await this.applySettings(row, changed, now);
      // It was a test of other settings.
      if (changed.affectsSending) row.lastTest = null;
    }
    row.version++;
    row.updatedAt = now;
    return all;
  }

  private async applySettings(row: ConnectionRow, changed: ChangedSettings, now: Date): Promise<void> {
    row.settings = changed.settings;
    row.secretInfo = describeSecrets(changed.secrets, changed.changed, row.secretInfo, now);
    const isEmpty = Object.keys(changed.secrets).length === 0;
    const encrypted = isEmpty
      ? { secrets: null, keyId: null }
      : await this.cipher.encrypt(await this.loader.secretsToEncrypt(row, changed.secrets, now), row);
    Object.assign(row, encrypted);
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
function detailsOf({ name, fromEmail, fromName, allowedSenderDomains }: ConnectionRow): Details {
  return { name, fromEmail, fromName, allowedSenderDomains };
}

function applyDetails(row: ConnectionRow, details: Partial<ConnectionDetails>): void {
  row.name = details.name ?? '';
  row.fromEmail = details.fromEmail ?? null;
  row.fromName = details.fromName ?? null;
  row.allowedSenderDomains = canonicalDomains(details.allowedSenderDomains ?? null);
}

function prefixed(names: readonly string[]): string[] {
  return names.map((name) => `settings.${name}`);
}
