import { Injectable } from '@nestjs/common';
import { Brackets, type FindOptionsWhere, In, IsNull, LessThan, LessThanOrEqual, MoreThan, Not } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { takeNumbers } from '../database/counters.ts';
import type { Transaction } from '../database/unit-of-work.ts';
import type { EncryptedTable, UnreadableRows } from '../secrets/encrypted-table.ts';
import type { EncryptedSecrets } from '../secrets/secret-cipher.ts';
import { ConnectionRow, type LastTest } from './connection-row.ts';

export interface ConnectionFilter {
  readonly organization: string;
  readonly vendor?: string | undefined;
  /** Part of the name or of the sender's address. */
  readonly text?: string | undefined;
  readonly enabled?: boolean | undefined;
  /** Only these. */
  readonly ids?: readonly string[] | undefined;
  /** Only connections older than this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** What never changes of a connection. */
export type NumberedConnection = Pick<
  ConnectionRow,
  'id' | 'number' | 'organization' | 'organizationNumber' | 'vendor'
>;

const SHOWN = 20;
// MySQL and MariaDB fail on what is not ASCII in an ASCII column, and compare `acme` and `acme ` as equal.
const ORGANIZATION = /^[\x21-\x7e]{1,64}$/;
const VENDOR = /^[a-z0-9]{1,32}$/;
/** No name and no address is longer. */
const MAX_TEXT = 320;

/**
 * The table `connections`. TypeORM adds `deleted_at IS NULL` to every read without `withDeleted`, but not to updates: they have
 * the condition themselves.
 */
@Injectable()
export class ConnectionsRepository implements EncryptedTable<ConnectionRow> {
  /** Gives the row its numbers. */
  async insert(tx: Transaction, row: ConnectionRow): Promise<void> {
    const organization = organizationKey(row.organization);
    // First, so that two first connections of an organization come one after the other.
    row.number = await takeNumbers(tx, 'connection');
    const other = await tx.findOne(ConnectionRow, {
      select: { organizationNumber: true },
      where: { organization },
      withDeleted: true,
    });
    row.organizationNumber = other?.organizationNumber ?? (await takeNumbers(tx, 'organization'));
    // TypeORM would write the default of a column into the row, on MySQL as the database has it.
    await tx.createQueryBuilder().insert().into(ConnectionRow).values(row).updateEntity(false).execute();
  }

  async find(tx: Transaction, organization: string, id: string): Promise<ConnectionRow | null> {
    // MySQL fails where text that is not ASCII is compared with an ASCII column.
    return isUuid(id) ? tx.findOneBy(ConnectionRow, ofOrganization(organization, id)) : null;
  }

  /** Those with these numbers, of any organization, deleted or not. */
  async findByNumbers(tx: Transaction, numbers: readonly number[]): Promise<NumberedConnection[]> {
    const select = { id: true, number: true, organization: true, organizationNumber: true, vendor: true } as const;
    return tx.find(ConnectionRow, { select, where: { number: In([...numbers]) }, withDeleted: true });
  }

  /** The number of an organization; undefined if it never had a connection. */
  async organizationNumber(tx: Transaction, organization: string): Promise<number | undefined> {
    if (!ORGANIZATION.test(organization)) return undefined;
    const select = { organizationNumber: true } as const;
    return (await tx.findOne(ConnectionRow, { select, where: { organization }, withDeleted: true }))
      ?.organizationNumber;
  }

  /** Of any organization, deleted or not. */
  async findAny(tx: Transaction, id: string): Promise<ConnectionRow | null> {
    return isUuid(id) ? tx.findOne(ConnectionRow, { where: { id }, withDeleted: true }) : null;
  }

  /** Locks the row for the rest of the transaction, then reads it. */
  async lock(tx: Transaction, organization: string, id: string): Promise<ConnectionRow | null> {
    if (!isUuid(id)) return null;
    const where = ofOrganization(organization, id);
    const { affected } = await tx.increment(ConnectionRow, { ...where, deletedAt: IsNull() }, 'guard', 1);
    return affected === 0 ? null : tx.findOneBy(ConnectionRow, where);
  }

  /** Saves a row that this transaction has locked. With `deletedAt`, this deletes the connection. */
  async save(tx: Transaction, row: ConnectionRow): Promise<void> {
    const { id, guard: _guard, ...changes } = row;
    await tx.update(ConnectionRow, { id, deletedAt: IsNull() }, changes);
  }

  /**
   * Stores the latest test, unless the connection has changed since the version that was tested.
   * @returns false if the connection was deleted in the meantime
   */
  async recordTest(tx: Transaction, id: string, version: number, lastTest: LastTest): Promise<boolean> {
    if (!(await tx.existsBy(ConnectionRow, { id }))) return false;
    await tx.update(ConnectionRow, { id, version, deletedAt: IsNull() }, { lastTest });
    return true;
  }

  /** Newest first. */
  async list(tx: Transaction, filter: ConnectionFilter): Promise<ConnectionRow[]> {
    const organization = organizationKey(filter.organization);
    if (!VENDOR.test(filter.vendor ?? 'any') || (filter.text ?? '').length > MAX_TEXT) return [];
    const ids = filter.ids?.filter((id) => isUuid(id));
    if (ids?.length === 0) return [];
    const query = tx
      .createQueryBuilder(ConnectionRow, 'c')
      .where('c.organization = :organization', { organization })
      .orderBy('c.id', 'DESC')
      .take(filter.limit);
    if (filter.vendor !== undefined) query.andWhere('c.vendor = :vendor', { vendor: filter.vendor });
    if (filter.enabled !== undefined) query.andWhere({ disabledAt: filter.enabled ? IsNull() : Not(IsNull()) });
    if (ids !== undefined) query.andWhere('c.id IN (:...ids)', { ids });
    if (filter.before !== undefined) query.andWhere('c.id < :before', { before: filter.before });
    if (filter.text !== undefined) query.andWhere(containsText(filter.text));
    return query.getMany();
  }

  /** The next connections after `id`, of any organization, in the order of their ids. */
  async nextActive(tx: Transaction, id: string, limit: number): Promise<ConnectionRow[]> {
    return tx.find(ConnectionRow, { where: { id: MoreThan(id) }, order: { id: 'ASC' }, take: limit });
  }

  /** The names of those of these ids that are connections of the organization, deleted ones too, by id. */
  async names(tx: Transaction, organization: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const known = ids.filter((id) => isUuid(id));
    if (known.length === 0) return new Map();
    const where = { id: In(known), organization: organizationKey(organization) };
    const select = { id: true, name: true } as const;
    const rows = await tx.find(ConnectionRow, { select, where, withDeleted: true });
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /** Connections, including deleted ones, whose secrets were encrypted with none of these keys. */
  async encryptedWithout(tx: Transaction, keyIds: readonly string[]): Promise<UnreadableRows> {
    const [rows, count] = await tx.findAndCount(ConnectionRow, {
      select: { id: true },
      withDeleted: true,
      where: { keyId: Not(In(keyIds)), secrets: Not(IsNull()) },
      order: { id: 'ASC' },
      take: SHOWN,
    });
    return { count, ids: rows.map((row) => row.id) };
  }

  /** The number of connections with secrets, including deleted ones. */
  async countEncrypted(tx: Transaction): Promise<number> {
    return tx.count(ConnectionRow, { where: { secrets: Not(IsNull()) }, withDeleted: true });
  }

  /** The next connections after `id` that have secrets, including deleted ones. */
  async nextEncrypted(tx: Transaction, id: string, limit: number): Promise<ConnectionRow[]> {
    return tx.find(ConnectionRow, {
      withDeleted: true,
      where: { id: MoreThan(id), secrets: Not(IsNull()) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /** The next connections after `id`, including deleted ones, whose secrets were encrypted with another key than this one. */
  async nextNotEncryptedWith(tx: Transaction, keyId: string, id: string, limit: number): Promise<ConnectionRow[]> {
    return tx.find(ConnectionRow, {
      withDeleted: true,
      where: { id: MoreThan(id), keyId: Not(keyId), secrets: Not(IsNull()) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /** Replaces the encrypted secrets, also of a deleted connection, unless the row has changed since it was read. */
  async replaceEncrypted(tx: Transaction, row: ConnectionRow, encrypted: EncryptedSecrets): Promise<boolean> {
    const where = { id: row.id, version: row.version, secrets: row.secrets as string };
    return (await tx.update(ConnectionRow, where, encrypted)).affected === 1;
  }

  /** The next organization that has connections, deleted ones too, in the order of their ids. */
  async nextOrganization(
    tx: Transaction,
    after: string,
  ): Promise<Pick<ConnectionRow, 'organization' | 'organizationNumber'> | null> {
    const select = { organization: true, organizationNumber: true } as const;
    const where = { organization: MoreThan(after) };
    const [row] = await tx.find(ConnectionRow, {
      select,
      where,
      withDeleted: true,
      order: { organization: 'ASC' },
      take: 1,
    });
    return row ?? null;
  }

  /** The connections of an organization, deleted ones too. */
  async ofOrganization(tx: Transaction, organization: string): Promise<Pick<ConnectionRow, 'id' | 'number'>[]> {
    const select = { id: true, number: true } as const;
    return tx.find(ConnectionRow, { select, where: { organization }, withDeleted: true, order: { id: 'ASC' } });
  }

  /** The ids of the next connections, of any organization, that were deleted before `deletedBefore` and have no lease. */
  async dueForPurge(
    tx: Transaction,
    deletedBefore: Date,
    now: Date,
    afterId: string,
    limit: number,
  ): Promise<string[]> {
    const where = { id: MoreThan(afterId), deletedAt: LessThan(deletedBefore) };
    const rows = await tx.find(ConnectionRow, {
      select: { id: true },
      withDeleted: true,
      where: [
        { ...where, leasedUntil: IsNull() },
        { ...where, leasedUntil: LessThanOrEqual(now) },
      ],
      order: { id: 'ASC' },
      take: limit,
    });
    return rows.map(({ id }) => id);
  }

  /** Leases a deleted connection until the given time. Null if another instance has leased it. */
  async lease(tx: Transaction, id: string, now: Date, until: Date): Promise<ConnectionRow | null> {
    const { affected } = await tx
      .createQueryBuilder()
      .update(ConnectionRow)
      .set({ leasedUntil: until })
      .where('id = :id AND deletedAt IS NOT NULL AND (leasedUntil IS NULL OR leasedUntil <= :now)', { id, now })
      .execute();
    return affected === 1 ? tx.findOne(ConnectionRow, { where: { id }, withDeleted: true }) : null;
  }

  async endLease(tx: Transaction, id: string): Promise<void> {
    await tx.update(ConnectionRow, deletedConnection(id), { leasedUntil: null });
  }

  /** Clears the secrets of a deleted connection. */
  async clearSecrets(tx: Transaction, id: string): Promise<void> {
    await tx.update(ConnectionRow, deletedConnection(id), { secrets: null, secretInfo: {}, keyId: null });
  }

  /** Removes the row of a deleted connection. @returns false if it was removed already */
  async remove(tx: Transaction, id: string): Promise<boolean> {
    return (await tx.delete(ConnectionRow, deletedConnection(id))).affected === 1;
  }
}

function ofOrganization(organization: string, id: string): FindOptionsWhere<ConnectionRow> {
  return { id, organization: organizationKey(organization) };
}

function deletedConnection(id: string): FindOptionsWhere<ConnectionRow> {
  return { id, deletedAt: Not(IsNull()) };
}

function containsText(text: string): Brackets {
  // LIKE disregards case, but SQLite's only that of ASCII letters: there, the search for `é` also includes `É`.
  const spellings = new Set([text, text.toLowerCase(), text.toUpperCase()]);
  return new Brackets((either) => {
    for (const [index, spelling] of [...spellings].entries()) {
      const name = `text${String(index)}`;
      const pattern = { [name]: `%${spelling.replace(/[!%_]/g, '!$&')}%` };
      either
        .orWhere(`c.name LIKE :${name} ESCAPE '!'`, pattern)
        .orWhere(`c.fromEmail LIKE :${name} ESCAPE '!'`, pattern);
    }
  });
}

/**
 * The id of an organization, checked before it reaches the database.
 * @throws TypeError if it would not mean the same organization in every database
 */
function organizationKey(organization: string): string {
  if (ORGANIZATION.test(organization)) return organization;
  throw new TypeError('An organization is 1 to 64 visible ASCII characters without spaces.');
}
