import { Injectable } from '@nestjs/common';
import { AuditRepository } from '../audit/audit.repository.ts';
import type { Caller } from '../audit/caller.ts';
import {
  ConnectionDisabledError,
  ConnectionLoader,
  ConnectionNotFoundError,
} from '../connections/connection-loader.ts';
import type { ConnectionRow } from '../connections/connection-row.ts';
import { ConnectionsRepository } from '../connections/connections.repository.ts';
import { type Transaction, UnitOfWork } from '../database/unit-of-work.ts';
import { InvalidInputError } from '../input/invalid-input.error.ts';
import { type ConnectionUsageRow, ConnectionUsagesRepository, type UsageKey } from './connection-usages.repository.ts';
import { type ClaimUsageInput, type MoveUsagesInput, readClaim, readMove, readUsageKey } from './usage-input.ts';
import { ACTIVE_STATUSES, TooManyUsagesError, toUsage, type Usage } from './usage.ts';

export interface Claim {
  readonly usage: Usage;
  /** False if the connection was claimed for it before. */
  readonly created: boolean;
}

/** How many usages one connection may have, including those that have ended. */
export const MAX_USAGES = 10_000;
/** How many usages an audit entry names. */
const MAX_AUDITED = 100;

/**
 * The campaigns and journeys that use a connection. Claim the connection before launching one: a connection with an
 * active usage can be neither deleted nor disabled, and a deleted or disabled one cannot be claimed.
 */
@Injectable()
export class UsagesService {
  constructor(
    private readonly loader: ConnectionLoader,
    private readonly unitOfWork: UnitOfWork,
    private readonly connections: ConnectionsRepository,
    private readonly usages: ConnectionUsagesRepository,
    private readonly audit: AuditRepository,
  ) {}

  /** The active ones first, each part by name. @throws ConnectionNotFoundError */
  async list(caller: Caller, connectionId: string): Promise<Usage[]> {
    const { id } = await this.loader.row(caller.organization, connectionId);
    return (await this.unitOfWork.read((tx) => this.usages.list(tx, id))).map(toUsage);
  }

  /**
   * Records that a campaign or journey uses the connection, and its status; the same call again updates both.
   * @param consumer `campaign` or `journey`
   * @param ref the consumer's own id of it: 1 to 64 visible ASCII characters without a slash
   * @param input validated here, from any source
   * @throws ConnectionNotFoundError, InvalidInputError, TooManyUsagesError; ConnectionDisabledError unless it is the end of a
   *   known campaign or journey
   */
  async claim(
    caller: Caller,
    connectionId: string,
    consumer: string,
    ref: string,
    input: ClaimUsageInput,
  ): Promise<Claim> {
    const { key, claim: given } = readClaim(connectionId, consumer, ref, input);
    return this.unitOfWork.write(async (tx) => {
      const { disabledAt } = await this.lock(tx, caller, connectionId);
      const row = await this.usages.find(tx, key);
      if (disabledAt !== null && (row === null || ACTIVE_STATUSES.includes(given.status))) {
        throw new ConnectionDisabledError();
      }
      return row === null ? this.insert(tx, caller, key, given) : this.update(tx, caller, row, given);
    });
  }

  /**
   * Removes the usage of a campaign or journey. If there is none, nothing happens.
   * @throws ConnectionNotFoundError, InvalidInputError
   */
  async release(caller: Caller, connectionId: string, consumer: string, ref: string): Promise<void> {
    const key = readUsageKey(connectionId, consumer, ref);
    await this.unitOfWork.write(async (tx) => {
      await this.lock(tx, caller, connectionId);
      const released = await this.usages.delete(tx, key);
      if (released) await this.audit.record(tx, caller, 'connection.release', connectionId, [auditName(key)]);
    });
  }

  /**
   * Gives the campaigns and journeys that need a connection to another one of the organization, so that the first can be deleted
   * or disabled. Those that have claimed both keep their usage of the other. Inactive ones stay.
   * @returns the usages as the other connection has them now: the campaigns and journeys must send through it from now on
   * @throws ConnectionNotFoundError, InvalidInputError; of the other connection, ConnectionDisabledError and TooManyUsagesError
   */
  async move(caller: Caller, connectionId: string, input: MoveUsagesInput): Promise<Usage[]> {
    const { to } = readMove(connectionId, input);
    return this.unitOfWork.write(async (tx) => {
      const target = await this.lockBoth(tx, caller, connectionId, to);
      if (target.disabledAt !== null) throw new ConnectionDisabledError();
      const active = await this.usages.active(tx, connectionId);
      if (active.length === 0) return [];
      const moved = new Set(active.map(auditName));
      const known = (await this.usages.list(tx, to)).filter((row) => moved.has(auditName(row)));
      const count = await this.usages.count(tx, to);
      if (count + active.length - known.length > MAX_USAGES) throw new TooManyUsagesError(MAX_USAGES);
      const now = new Date();
      await this.mergeShared(tx, active, known, now);
      await this.usages.moveActive(tx, connectionId, to, now);
      await this.recordMove(tx, caller, connectionId, to, [...moved]);
      return (await this.usages.list(tx, to)).filter((row) => moved.has(auditName(row))).map(toUsage);
    });
  }

  /** Of campaigns that use both connections, the usage of the other one stays. */
  private async mergeShared(
    tx: Transaction,
    active: readonly ConnectionUsageRow[],
    known: readonly ConnectionUsageRow[],
    updatedAt: Date,
  ): Promise<void> {
    const byName = new Map(active.map((row) => [auditName(row), row]));
    for (const row of known) {
      const { connectionId, consumer, ref, name, status } = byName.get(auditName(row)) as ConnectionUsageRow;
      await this.usages.delete(tx, { connectionId, consumer, ref });
      if (ACTIVE_STATUSES.includes(row.status)) continue;
      await this.usages.save(tx, Object.assign(row, { name, status, updatedAt }));
    }
  }

  /** An entry for each of the two connections. */
  private async recordMove(
    tx: Transaction,
    caller: Caller,
    from: string,
    to: string,
    usages: readonly string[],
  ): Promise<void> {
    const more = usages.length - MAX_AUDITED;
    const names = more > 0 ? [...usages.slice(0, MAX_AUDITED), `${String(more)} more`] : usages;
    await this.audit.record(tx, caller, 'connection.move_usages', from, [`to/${to}`, ...names]);
    await this.audit.record(tx, caller, 'connection.move_usages', to, [`from/${from}`, ...names]);
  }

  /** Always in the same order, so that two moves in opposite directions do not wait for each other. @returns the row of `to` */
  private async lockBoth(tx: Transaction, { organization }: Caller, from: string, to: string): Promise<ConnectionRow> {
    const rows = new Map<string, ConnectionRow | null>();
    for (const id of [from, to].toSorted()) rows.set(id, await this.connections.lock(tx, organization, id));
    const target = rows.get(to) ?? null;
    if ((rows.get(from) ?? null) === null) throw new ConnectionNotFoundError();
    if (target !== null) return target;
    const message = 'There is no connection with this ID. Use one of your organization.';
    throw new InvalidInputError([{ pointer: '/to', code: 'not_found', message }]);
  }

  private async lock(tx: Transaction, caller: Caller, connectionId: string): Promise<ConnectionRow> {
    const row = await this.connections.lock(tx, caller.organization, connectionId);
    if (row === null) throw new ConnectionNotFoundError();
    return row;
  }

  private async insert(tx: Transaction, caller: Caller, key: UsageKey, given: ClaimUsageInput): Promise<Claim> {
    if ((await this.usages.count(tx, key.connectionId)) >= MAX_USAGES) throw new TooManyUsagesError(MAX_USAGES);
    const now = new Date();
    const row = { ...key, name: given.name, status: given.status, createdAt: now, updatedAt: now };
    await this.usages.insert(tx, row);
    await this.audit.record(tx, caller, 'connection.claim', key.connectionId, [auditName(key)]);
    return { usage: toUsage(row), created: true };
  }

  private async update(
    tx: Transaction,
    caller: Caller,
    row: ConnectionUsageRow,
    given: ClaimUsageInput,
  ): Promise<Claim> {
    const changed = (['name', 'status'] as const).filter((member) => row[member] !== given[member]);
    if (changed.length === 0) return { usage: toUsage(row), created: false };
    Object.assign(row, given, { updatedAt: new Date() });
    await this.usages.save(tx, row);
    const fields = changed.map((member) => `${auditName(row)}.${member}`);
    await this.audit.record(tx, caller, 'connection.claim', row.connectionId, fields);
    return { usage: toUsage(row), created: false };
  }
}

function auditName({ consumer, ref }: Pick<UsageKey, 'consumer' | 'ref'>): string {
  return `usages/${consumer}/${ref}`;
}
