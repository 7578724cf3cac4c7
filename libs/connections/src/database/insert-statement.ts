import { setImmediate as turn } from 'node:timers/promises';
import type { DataSource, EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { Statement, StatementLimits } from './database-engine.ts';
import { StatementTooLargeError } from './database-errors.ts';
import { type Dialect, dialectOf } from './dialect.ts';

type Column = ReturnType<DataSource['getMetadata']>['columns'][number];

/**
 * Runs statements in their order. With `multipleStatements` in the options of the data source, several of them share one round
 * trip to the server, as far as the limits allow.
 */
export async function runStatements(
  tx: EntityManager,
  statements: Iterable<Statement>,
  { usual }: StatementLimits,
): Promise<void> {
  const areCombined = takesSeveralStatements(tx.connection);
  let group: Statement[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (group.length === 0) return;
    const sql = group.map((statement) => statement.sql).join('; ');
    const values = group.length === 1 ? group[0]?.values : group.flatMap((statement) => statement.values);
    [group, bytes] = [[], 0];
    await tx.query(sql, values as unknown[]);
    // Lets the event loop turn: on SQLite, nothing else would.
    await turn();
  };
  for (const statement of statements) {
    if (!areCombined || bytes + statement.bytes > usual) await flush();
    group.push(statement);
    bytes += statement.bytes;
  }
  await flush();
}

/** Whether the driver sends several statements in one query. */
export function takesSeveralStatements({ options }: DataSource): boolean {
  return (options as { multipleStatements?: boolean }).multipleStatements ?? false;
}

/** Whether an INSERT of several rows found none of its keys in the table. MySQL and MariaDB report that; SQLite does not. */
export function isWithoutDuplicates(result: unknown): boolean {
  const { info } = (result ?? {}) as { info?: unknown };
  return typeof info === 'string' && info.includes('Duplicates: 0');
}

// A few milliseconds of work each. SQLite accepts 32,766 values in one statement; an event has twenty.
const ROWS_PER_STATEMENT = 200;

/** The INSERT statements of an entity, one for each data source. TypeORM would compose each of them again from every value. */
export class InsertStatements<NewRow extends object> {
  private readonly statements = new WeakMap<DataSource, InsertStatement<NewRow>>();

  /** @param endings what follows the values, such as a clause about conflicts */
  constructor(
    private readonly entity: EntityTarget<ObjectLiteral>,
    private readonly endings: Readonly<Record<Dialect, string>> = { mysql: '', sqlite: '' },
  ) {}

  of(dataSource: DataSource): InsertStatement<NewRow> {
    const known = this.statements.get(dataSource);
    if (known !== undefined) return known;
    const ending = this.endings[dialectOf(dataSource.options.type)];
    const statement = new InsertStatement<NewRow>(dataSource, this.entity, ending);
    this.statements.set(dataSource, statement);
    return statement;
  }
}

/** Inserts rows with all their columns, except those that the database generates. */
class InsertStatement<NewRow extends object> {
  private readonly columns: readonly Column[];
  private readonly head: string;
  private readonly row: string;

  constructor(
    private readonly dataSource: DataSource,
    entity: EntityTarget<ObjectLiteral>,
    private readonly ending: string,
  ) {
    const { driver } = dataSource;
    const { columns, tableName } = dataSource.getMetadata(entity);
    this.columns = columns.filter(({ isGenerated }) => !isGenerated);
    const names = this.columns.map(({ databaseName }) => driver.escape(databaseName)).join(', ');
    this.head = `INSERT INTO ${driver.escape(tableName)} (${names}) VALUES `;
    this.row = `(${this.columns.map(() => '?').join(', ')})`;
  }

  /**
   * As many statements as the limits require.
   * @throws StatementTooLargeError if a single row is larger than a statement may be
   */
  *of(rows: Iterable<NewRow>, limits: StatementLimits): Generator<Statement, undefined> {
    const frame = this.head.length + this.ending.length;
    let values: unknown[] = [];
    let count = 0;
    let bytes = frame;
    for (const row of rows) {
      const own = this.valuesOf(row);
      const size = own.reduce((sum: number, value) => sum + sqlBytes(value), this.row.length);
      if (size + frame > limits.most) throw new StatementTooLargeError(limits.most);
      if (count > 0 && (count === ROWS_PER_STATEMENT || bytes + size > limits.usual)) {
        yield { sql: this.sqlOf(count), values, bytes };
        [values, count, bytes] = [[], 0, frame];
      }
      values.push(...own);
      count++;
      bytes += size;
    }
    if (count > 0) yield { sql: this.sqlOf(count), values, bytes };
  }

  private sqlOf(count: number): string {
    return this.head + Array.from({ length: count }, () => this.row).join(', ') + this.ending;
  }

  private valuesOf(row: object): unknown[] {
    const { driver } = this.dataSource;
    return this.columns.map((column): unknown =>
      driver.preparePersistentValue((row as Readonly<Record<string, unknown>>)[column.propertyName], column),
    );
  }
}

/** How many bytes a value needs in a statement at most: escaped, text may double, and bytes are written in hexadecimal. */
function sqlBytes(value: unknown): number {
  if (typeof value === 'string') return 4 + 2 * Buffer.byteLength(value);
  return value instanceof Uint8Array ? 4 + 2 * value.length : 32;
}
