import type { ColumnType } from 'typeorm';

/** The two families of databases. They name a few column types differently; all else is one source. */
export type Dialect = 'mysql' | 'sqlite';

interface ColumnKind {
  readonly type: ColumnType & string;
  readonly precision?: number;
}

interface KeyKind {
  readonly type: 'varchar';
  readonly charset?: string;
  readonly collation?: string;
}

interface ColumnKinds {
  readonly integer: ColumnKind;
  /** UTC with milliseconds. */
  readonly time: ColumnKind;
  /** Text that is compared byte for byte, such as an id: `Acme` and `acme` are two organisations. */
  readonly key: KeyKind;
}

const KINDS: Readonly<Record<Dialect, ColumnKinds>> = {
  mysql: {
    integer: { type: 'int' },
    time: { type: 'datetime', precision: 3 },
    // The default collation of a database compares without regard to case.
    key: { type: 'varchar', charset: 'ascii', collation: 'ascii_bin' },
  },
  // SQLite reports neither `int` nor a precision back: either one would look like drift.
  sqlite: { integer: { type: 'integer' }, time: { type: 'datetime' }, key: { type: 'varchar' } },
};

export function columnKinds(dialect: Dialect): ColumnKinds {
  return KINDS[dialect];
}

/** The dialect of a TypeORM driver type. */
export function dialectOf(driverType: string): Dialect {
  return driverType === 'better-sqlite3' ? 'sqlite' : 'mysql';
}
