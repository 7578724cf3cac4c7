import { type EntityTarget, type FindOptionsWhere, LessThanOrEqual } from 'typeorm';
import type { Transaction } from './unit-of-work.ts';

export interface DeletedRows {
  readonly deleted: number;
  /** Whether the connection has no more rows in this table. */
  readonly isLast: boolean;
}

/** The rows of a connection that one step of a purge deletes. */
interface Step<Row extends { connectionId: string }> {
  readonly where: FindOptionsWhere<Row>;
  /** The key of the last row of this step; undefined in the last step, which deletes all remaining rows. */
  readonly lastKey: string | number | undefined;
}

/**
 * Finds the next rows of a connection, in the order of a key.
 * @param size how many rows; fewer if they are large
 */
export async function nextStep<Row extends { connectionId: string }>(
  tx: Transaction,
  target: EntityTarget<Row>,
  key: keyof Row & string,
  connectionId: string,
  size: number,
): Promise<Step<Row>> {
  const [last] = await tx
    .createQueryBuilder(target, 'row')
    .select(`row.${key}`, 'key')
    .where('row.connectionId = :connectionId', { connectionId })
    .orderBy(`row.${key}`, 'ASC')
    .offset(size - 1)
    .limit(1)
    .getRawMany<{ key: string | number }>();
  const lastKey = last?.key;
  const where = { connectionId, ...(lastKey === undefined ? {} : { [key]: LessThanOrEqual(lastKey) }) };
  return { where: where as FindOptionsWhere<Row>, lastKey };
}

/** Deletes the next rows of a connection, in the order of a key. */
export async function deleteNext<Row extends { connectionId: string }>(
  tx: Transaction,
  target: EntityTarget<Row>,
  key: keyof Row & string,
  connectionId: string,
  size: number,
): Promise<DeletedRows> {
  const { where, lastKey } = await nextStep(tx, target, key, connectionId, size);
  const { affected } = await tx.delete(target, where);
  return { deleted: affected ?? 0, isLast: lastKey === undefined };
}
