import { dialectOf } from './dialect.ts';
import type { Transaction } from './unit-of-work.ts';

/** A condition with its values. */
export type Condition = readonly [sql: string, ...values: (string | number)[]];

/** Names its index: for few rows, the databases would choose another, and for `ORDER BY id` the whole table. */
export interface IndexedSelect {
  readonly columns: string;
  readonly table: string;
  readonly index: string;
  readonly conditions: readonly Condition[];
  /** What follows the conditions, such as `LIMIT 10`. */
  readonly ending?: string;
}

interface Statement {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

export async function select(tx: Transaction, selection: IndexedSelect): Promise<unknown> {
  const { sql, values } = statementOf(tx, selection);
  return tx.query(sql, [...values]);
}

/** A row as the driver returns it. The MySQL drivers return a bigint as text. */
type SelectedRow<Row extends { readonly id: number }> = Omit<Row, 'id'> & { readonly id: number | string };

/** The rows of several selections with the same columns, `id` among them, in one statement. */
export async function selectRows<Row extends { readonly id: number }>(
  tx: Transaction,
  selections: readonly IndexedSelect[],
): Promise<Row[]> {
  const statements = selections.map((selection) => statementOf(tx, selection));
  const parts = statements.map(({ sql }, position) => `SELECT * FROM (${sql}) AS part_${String(position)}`);
  const rows: SelectedRow<Row>[] = await tx.query(
    parts.join(' UNION ALL '),
    statements.flatMap(({ values }) => values),
  );
  return rows.map((row) => ({ ...row, id: Number(row.id) }) as Row);
}

export function anyOf(column: string, values: readonly (string | number)[]): Condition {
  return [`${column} IN (${values.map(() => '?').join(', ')})`, ...values];
}

function statementOf(tx: Transaction, { columns, table, index, conditions, ending = '' }: IndexedSelect): Statement {
  const isSqlite = dialectOf(tx.connection.options.type) === 'sqlite';
  const from = `${table} ${isSqlite ? `INDEXED BY ${index}` : `FORCE INDEX (${index})`}`;
  const where = conditions.map(([sql]) => sql).join(' AND ');
  return {
    sql: `SELECT ${columns} FROM ${from} WHERE ${where} ${ending}`,
    values: conditions.flatMap(([, ...values]) => values),
  };
}
