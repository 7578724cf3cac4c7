import type { FieldError } from '@score-crm/adapter-kit';
import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { AdapterRegistry } from '../adapters/adapter.registry.ts';
import { UnknownVendorError } from '../adapters/unknown-vendor.error.ts';
import type { Caller } from '../caller.ts';
import { AuditRepository } from '../persistence/audit.repository.ts';
import { ConnectionUsagesRepository } from '../persistence/connection-usages.repository.ts';
import { ConnectionsRepository } from '../persistence/connections.repository.ts';
import { ConnectionRow } from '../persistence/schema/connection-row.ts';
import { type Transaction, UnitOfWork } from '../persistence/unit-of-work.ts';
import { SecretCipher } from '../secrets/secret-cipher.ts';
import { ConnectionInUseError } from '../usages/errors.ts';
import { toUsage } from '../usages/usage.ts';
import { AdapterRelease } from './adapter-release.ts';
import { ConnectionLoader } from './connection-loader.ts';
import type { Connection } from './connection.ts';
import { type CheckedDetails, readDetails, splitInput } from './connection-input.ts';
import { ConnectionPresenter } from './connection.presenter.ts';
import { checkedNumber, decodeCursor, encodeCursor, type Page, PAGE_LIMITS } from './paging.ts';
import { ConnectionNotFoundError, InvalidInputError, VersionMismatchError, prefixPointers } from './errors.ts';
import { describeSecrets } from './secret-hint.ts';
import { UnsavedTests } from './unsaved-tests.ts';
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
   * @param input `{ name, vendor, settings, fromEmail?, fromName?, allowedSenderDomains?, testId? }` as it was sent. With the
   *   `testId` of `ConnectionTester.testUnsaved`, a test of the same values is recorded with the connection.
   * @throws InvalidInputError that names every fault.
   */
  async create(caller: Caller, input: unknown): Promise<Connection> {
    const { details, rest } = splitInput(input, ['vendor', 'settings', 'testId']);
    const errors: FieldError[] = [];
    const checked = collect(readDetails(details), errors);
    const vendor = this.vendorOf(rest['vendor'], errors);
    const testId = testIdOf(rest['testId'], errors);
    const changed =
      vendor === undefined
        ? undefined
        : collect(changeSettings(this.registry.get(vendor).adapter, undefined, rest['settings']), errors, '/settings');
    if (checked === undefined || vendor === undefined || changed === undefined || errors.length > 0)
      throw new InvalidInputError(errors);

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
    applyDetails(row, checked);
    await this.applySettings(row, changed, now);
    await this.unitOfWork.write(async (tx) => {
      await this.connections.insert(tx, row);
      await this.audit.record(tx, caller, 'connection.create', row.id, [
        ...Object.entries(checked).flatMap(([name, value]) => (value === null ? [] : [name])),
        ...prefixed(changed.changed),
      ]);
      await this.unsavedTests.adopt(tx, testId, row, changed.instance);
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
   * Keeps what is absent and clears what is null.
   * @param input any of `{ name, settings, fromEmail, fromName, allowedSenderDomains, testId }` as it was sent.
   * @param expectedVersion the version that the caller saw; undefined to change whatever there is.
   * @throws ConnectionNotFoundError, VersionMismatchError, InvalidInputError, SecretsUnreadableError
   */
  async update(caller: Caller, id: string, input: unknown, expectedVersion?: number): Promise<Connection> {
    const { details, rest } = splitInput(input, ['settings', 'testId']);
    const { row, changed, poolKey } = await this.unitOfWork.write(async (tx) => {
      const row = await this.connections.lock(tx, caller.organization, id);
      assertVersion(row, expectedVersion);
      const poolKey = this.loader.poolKey(row);
      const changed = await this.applyUpdate(row, details, rest);
      if (changed.length > 0) {
        await this.connections.save(tx, row);
        await this.audit.record(tx, caller, 'connection.update', id, changed);
      }
      const testId = testIdOf(rest['testId']);
      if (testId !== undefined) {
        await this.unsavedTests.adopt(tx, testId, row, (await this.loader.openRow(row)).settings);
      }
      return { row, changed, poolKey };
    });
    if (changed.length > 0) await this.adapters.release(row, poolKey);
    return this.views.one(row);
  }

  /**
   * Takes a connection out of use. Its row stays, because bounces and complaints come late.
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

  /** Changes the row in memory. @returns the names of the fields that changed. */
  private async applyUpdate(
    row: ConnectionRow,
    details: Readonly<Record<string, unknown>>,
    rest: Readonly<Record<string, unknown>>,
  ): Promise<string[]> {
    const before = detailsOf(row);
    const errors: FieldError[] = [];
    const checked = collect(readDetails({ ...before, ...details }), errors);
    const changed =
      rest['settings'] === undefined
        ? undefined
        : collect(await this.loader.changeStored(row, rest['settings']), errors, '/settings');
    testIdOf(rest['testId'], errors);
    if (checked === undefined || errors.length > 0) throw new InvalidInputError(errors);

    applyDetails(row, checked);
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

  private vendorOf(vendor: unknown, errors: FieldError[]): string | undefined {
    if (typeof vendor === 'string' && this.registry.find(vendor) !== undefined) return vendor;
    const { message } = new UnknownVendorError(this.registry.vendors);
    errors.push({ pointer: '/vendor', code: vendor === undefined ? 'required' : 'unknown_vendor', message });
    return undefined;
  }
}

/** Undefined if it is absent, or after its fault was added to `errors`. */
function testIdOf(value: unknown, errors: FieldError[] = []): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  errors.push({ pointer: '/testId', code: 'wrong_type', message: 'Send the testId that the test returned.' });
  return undefined;
}

function assertVersion(row: ConnectionRow | null, expected: number | undefined): asserts row is ConnectionRow {
  if (row === null) throw new ConnectionNotFoundError();
  if (expected !== undefined && row.version !== expected) throw new VersionMismatchError(row.version);
}

/** The value, or undefined after its faults were added to `errors`. */
function collect<T extends object>(
  result: T | readonly FieldError[],
  errors: FieldError[],
  prefix = '',
): T | undefined {
  if (!Array.isArray(result)) return result as T;
  errors.push(...prefixPointers(prefix, result as FieldError[]));
  return undefined;
}

const DETAIL_NAMES = ['name', 'fromEmail', 'fromName', 'allowedSenderDomains'] as const;

function detailsOf(row: ConnectionRow): Pick<ConnectionRow, (typeof DETAIL_NAMES)[number]> {
  const { name, fromEmail, fromName, allowedSenderDomains } = row;
  return { name, fromEmail, fromName, allowedSenderDomains };
}

function applyDetails(row: ConnectionRow, details: CheckedDetails): void {
  row.name = details.name;
  row.fromEmail = details.fromEmail ?? null;
  row.fromName = details.fromName ?? null;
  row.allowedSenderDomains = details.allowedSenderDomains;
}

function prefixed(names: readonly string[]): string[] {
  return names.map((name) => `settings.${name}`);
}
