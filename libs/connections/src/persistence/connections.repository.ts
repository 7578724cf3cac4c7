import { Injectable } from '@nestjs/common';
import { Brackets, type FindOptionsWhere, IsNull } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { ConnectionRow } from './schema/connection-row.ts';
import type { Transaction } from './unit-of-work.ts';

export interface ConnectionFilter {
  readonly organization: string;
  readonly vendor?: string | undefined;
  /** Part of the name or of the sender's address. */
  readonly text?: string | undefined;
  /** Only these. */
  readonly ids?: readonly string[] | undefined;
  /** Only connections older than this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

// MySQL and MariaDB fail on what is not ASCII in an ASCII column, and compare `acme` and `acme ` as equal.
const ORGANIZATION = /^[\x21-\x7e]{1,64}$/;
const VENDOR = /^[a-z0-9]{1,32}$/;
/** No name and no address is longer. */
const MAX_TEXT = 320;

/** The connections that are not deleted, always within one organization. */
@Injectable()
export class ConnectionsRepository {
  async insert(tx: Transaction, row: ConnectionRow): Promise<void> {
    organizationKey(row.organization);
    await tx.insert(ConnectionRow, row);
  }

  async find(tx: Transaction, organization: string, id: string): Promise<ConnectionRow | null> {
    // MySQL fails where text that is not ASCII is compared with an ASCII column.
    return isUuid(id) ? tx.findOneBy(ConnectionRow, inUse(organization, id)) : null;
  }

  /** Locks the row for the rest of the transaction, then reads it. */
  async lock(tx: Transaction, organization: string, id: string): Promise<ConnectionRow | null> {
    if (!isUuid(id)) return null;
    const where = inUse(organization, id);
    const { affected } = await tx.increment(ConnectionRow, where, 'guard', 1);
    return affected === 0 ? null : tx.findOneBy(ConnectionRow, where);
  }

  async save(tx: Transaction, row: ConnectionRow): Promise<void> {
    const { id, guard: _guard, ...changes } = row;
    await tx.update(ConnectionRow, { id }, changes);
  }

  /** Newest first. */
  async list(tx: Transaction, filter: ConnectionFilter): Promise<ConnectionRow[]> {
    const organization = organizationKey(filter.organization);
    if (!VENDOR.test(filter.vendor ?? 'any') || (filter.text ?? '').length > MAX_TEXT) return [];
    const ids = filter.ids?.filter((id) => isUuid(id));
    if (ids?.length === 0) return [];
    const query = tx
      .createQueryBuilder(ConnectionRow, 'c')
      .where('c.organization = :organization AND c.deletedAt IS NULL', { organization })
      .orderBy('c.id', 'DESC')
      .take(filter.limit);
    if (filter.vendor !== undefined) query.andWhere('c.vendor = :vendor', { vendor: filter.vendor });
    if (ids !== undefined) query.andWhere('c.id IN (:...ids)', { ids });
    if (filter.before !== undefined) query.andWhere('c.id < :before', { before: filter.before });
    if (filter.text !== undefined) query.andWhere(holds(filter.text));
    return query.getMany();
  }
}

function inUse(organization: string, id: string): FindOptionsWhere<ConnectionRow> {
  return { id, organization: organizationKey(organization), deletedAt: IsNull() };
}

function holds(text: string): Brackets {
  // LIKE disregards case, but SQLite's only that of ASCII letters: there, `é` is also looked for as `É`.
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
