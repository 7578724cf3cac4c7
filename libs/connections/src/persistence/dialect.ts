import type { ColumnType } from 'typeorm';

/** The two families of databases. They name a few column types differently; all else is one source. */
export type Dialect = 'mysql' | 'sqlite';

interface ColumnKind {
  readonly type: ColumnType & string;
  readonly precision?: number;
}

interface ColumnKinds {
  readonly integer: ColumnKind;
  /** UTC with milliseconds. */
  readonly time: ColumnKind;
}

const KINDS: Readonly<Record<Dialect, ColumnKinds>> = {
  mysql: { integer: { type: 'int' }, time: { type: 'datetime', precision: 3 } },
  // SQLite reports neither `int` nor a precision back: either one would look like drift.
  sqlite: { integer: { type: 'integer' }, time: { type: 'datetime' } },
};

export function columnKinds(dialect: Dialect): ColumnKinds {
  return KINDS[dialect];
}

/** The dialect of a TypeORM driver type. */
export function dialectOf(driverType: string): Dialect {
  return driverType === 'better-sqlite3' ? 'sqlite' : 'mysql';
}
