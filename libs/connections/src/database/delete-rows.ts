import {
  And,
  type EntityTarget,
  type FindManyOptions,
  type FindOptionsWhere,
  LessThan,
  LessThanOrEqual,
  MoreThan,
  MoreThanOrEqual,
  type ObjectLiteral,
} from 'typeorm';
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

/** A primary key. */
export type RowKey = number | string | Buffer;

/** Keys between two others, both excluded. */
export interface KeyRange<Key extends RowKey> {
  readonly after: Key;
  readonly before: Key;
}

export interface DeletedRange<Key extends RowKey> {
  readonly deleted: number;
  /** The last key of the deleted rows; undefined if no row of the range is left. */
  readonly last: Key | undefined;
}

/** Deletes the next rows of a range of a primary key. It reads no other rows, however large the table is. */
export async function deleteRange<Row extends ObjectLiteral, Key extends RowKey>(
  tx: Transaction,
  target: EntityTarget<Row>,
  key: keyof Row & string,
  { after, before }: KeyRange<Key>,
  size: number,
): Promise<DeletedRange<Key>> {
  const rows = await tx.find(target, {
    select: { [key]: true },
    where: { [key]: And(MoreThan(after), LessThan(before)) },
    order: { [key]: 'ASC' },
    skip: size - 1,
    take: 1,
  } as FindManyOptions<Row>);
  const last = rows[0]?.[key] as Key | undefined;
  const end = last === undefined ? LessThan(before) : LessThanOrEqual(last);
  const { affected } = await tx.delete(target, { [key]: And(MoreThan(after), end) });
  return { deleted: affected ?? 0, last };
}

/** Rows before the result that must be older, so that one row with a wrong time is not decisive. */
const NEIGHBORS = 20;

/**
 * Finds the key from which on rows are not older than a time, in a table whose keys grow with the time. It reads a row for
 * each step of a binary search, by the primary key.
 * @returns the key after the last one if all rows are older; 0 for an empty table
 */
export async function keyAt<Row extends ObjectLiteral>(
  tx: Transaction,
  target: EntityTarget<Row>,
  [key, timeKey]: readonly [keyof Row & string, keyof Row & string],
  time: Date,
): Promise<number> {
  const read = async (where: object, direction: 'ASC' | 'DESC', take: number): Promise<readonly KeyAndTime[]> => {
    const select = { [key]: true, [timeKey]: true };
    const rows = await tx.find(target, { select, where, order: { [key]: direction }, take } as FindManyOptions<Row>);
    return rows.map((row) => ({ key: Number(row[key]), isOld: (row[timeKey] as Date) < time }));
  };
  const [first] = await read({}, 'ASC', 1);
  const [last] = await read({}, 'DESC', 1);
  if (first === undefined || last === undefined) return 0;
  let end = last.key + 1;
  for (;;) {
    let begin = first.key;
    while (begin < end) {
      const middle = Math.floor((begin + end) / 2);
      const [row] = await read({ [key]: MoreThanOrEqual(middle) }, 'ASC', 1);
      if (row?.isOld === true && row.key < end) begin = row.key + 1;
      else end = middle;
    }
    const before = await read({ [key]: LessThan(begin) }, 'DESC', NEIGHBORS);
    const newer = before.findLast(({ isOld }) => !isOld);
    if (newer === undefined) return begin;
    end = newer.key;
  }
}

interface KeyAndTime {
  readonly key: number;
  readonly isOld: boolean;
}
