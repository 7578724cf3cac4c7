import { Injectable } from '@nestjs/common';
import { Brackets, IsNull } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { ConnectionRow } from './schema/connection-row.ts';
import type { Transaction } from './unit-of-work.ts';

export interface ConnectionFilter {
  readonly organisation: string;
  readonly vendor?: string | undefined;
  /** Part of the name or of the sender's address. */
  readonly text?: string | undefined;
  /** Only connections older than this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** The connections that are not retired, always within one organisation. */
@Injectable()
export class ConnectionsRepository {
  async insert(tx: Transaction, row: ConnectionRow): Promise<void> {
    await tx.insert(ConnectionRow, row);
  }

  async find(tx: Transaction, organisation: string, id: string): Promise<ConnectionRow | null> {
    // MySQL fails where text that is not ASCII is compared with an ASCII column.
    return isUuid(id) ? tx.findOneBy(ConnectionRow, { id, organisation, retiredAt: IsNull() }) : null;
  }

  /** Locks the row for the rest of the transaction, then reads it. */
  async lock(tx: Transaction, organisation: string, id: string): Promise<ConnectionRow | null> {
    if (!isUuid(id)) return null;
    const where = { id, organisation, retiredAt: IsNull() };
    const { affected } = await tx.increment(ConnectionRow, where, 'guard', 1);
    return affected === 0 ? null : tx.findOneBy(ConnectionRow, where);
  }

  async save(tx: Transaction, row: ConnectionRow): Promise<void> {
    const { id, guard: _guard, ...changes } = row;
    await tx.update(ConnectionRow, { id }, changes);
  }

  /** Newest first. */
  async list(tx: Transaction, filter: ConnectionFilter): Promise<ConnectionRow[]> {
    const query = tx
      .createQueryBuilder(ConnectionRow, 'c')
      .where('c.organisation = :organisation AND c.retiredAt IS NULL', { organisation: filter.organisation })
      .orderBy('c.id', 'DESC')
      .take(filter.limit);
    if (filter.vendor !== undefined) query.andWhere('c.vendor = :vendor', { vendor: filter.vendor });
    if (filter.before !== undefined) query.andWhere('c.id < :before', { before: filter.before });
    if (filter.text !== undefined) {
      const pattern = `%${filter.text.toLowerCase().replace(/[!%_]/g, '!$&')}%`;
      query.andWhere(
        new Brackets((either) => {
          either
            .where("LOWER(c.name) LIKE :pattern ESCAPE '!'", { pattern })
            .orWhere("LOWER(c.fromEmail) LIKE :pattern ESCAPE '!'", { pattern });
        }),
      );
    }
    return query.getMany();
  }
}
