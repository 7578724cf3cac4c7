import type { ColumnType, ValueTransformer } from 'typeorm';

/** The two families of databases. They name a few column types differently; all else is one source. */
export type Dialect = 'mysql' | 'sqlite';

interface ColumnKind {
  readonly type: ColumnType & string;
  readonly precision?: number;
}

interface TextKind<Type extends 'varchar' | 'text' | 'mediumtext' = 'varchar'> {
  readonly type: Type;
  readonly charset?: string;
  readonly collation?: string;
}

interface BytesKind {
  readonly type: 'binary' | 'mediumblob' | 'blob';
}

interface ColumnKinds {
  readonly integer: ColumnKind;
  /** −128 to 127, such as the code of one of a few values. */
  readonly small: ColumnKind;
  /** Beyond 32 bits. The MySQL drivers return it as text: see `NUMBER`. */
  readonly long: ColumnKind;
  /** An id that the database counts up itself. */
  readonly serial: { readonly type: 'bigint' | 'integer' };
  /** UTC with milliseconds. */
  readonly time: ColumnKind;
  /** Text that is compared byte for byte, such as an id: `Acme` and `acme` are two organizations. */
  readonly key: TextKind;
  /** Text that people write, in any language. */
  readonly text: TextKind;
  /** Text in any language that is compared byte for byte, such as an email address. */
  readonly exact: TextKind;
  /** Text too long for a `varchar`: up to 64 KiB. */
  readonly longText: TextKind<'text'>;
  /** A digest of 16 bytes. */
  readonly digest: BytesKind & { readonly length?: number };
  /** Up to 16 MiB. */
  readonly bytes: BytesKind;
  /** A compact JWE: ASCII, and larger than the longest secrets that a vendor may declare. */
  readonly encrypted: TextKind<'mediumtext' | 'text'>;
}

const KINDS: Readonly<Record<Dialect, ColumnKinds>> = {
  mysql: {
    integer: { type: 'int' },
    small: { type: 'tinyint' },
    long: { type: 'bigint' },
    serial: { type: 'bigint' },
    time: { type: 'datetime', precision: 3 },
    // The default collation of a database compares without regard to case.
    key: { type: 'varchar', charset: 'ascii', collation: 'ascii_bin' },
    // The default character set of a database may be one that has no Cyrillic and no emoji.
    text: { type: 'varchar', charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' },
    exact: { type: 'varchar', charset: 'utf8mb4', collation: 'utf8mb4_bin' },
    longText: { type: 'text', charset: 'utf8mb4', collation: 'utf8mb4_bin' },
    digest: { type: 'binary', length: 16 },
    bytes: { type: 'mediumblob' },
    // A `text` ends at 64 KiB, which one field of several lines can fill.
    encrypted: { type: 'mediumtext', charset: 'ascii', collation: 'ascii_bin' },
  },
  // SQLite reports neither `int` nor a precision: either one would be detected as drift.
  sqlite: {
    integer: { type: 'integer' },
    small: { type: 'integer' },
    long: { type: 'integer' },
    serial: { type: 'integer' },
    time: { type: 'datetime' },
    key: { type: 'varchar' },
    text: { type: 'varchar' },
    exact: { type: 'varchar' },
    longText: { type: 'text' },
    digest: { type: 'blob' },
    bytes: { type: 'blob' },
    encrypted: { type: 'text' },
  },
};

/** For numbers of more than 32 bits, all below 2^53. */
export const NUMBER: ValueTransformer = {
  from: (value: unknown) => (value === null ? null : Number(value)),
  to: (value: unknown) => value,
};

/** For a boolean that is stored as 0 or 1. */
export const FLAG: ValueTransformer = {
  from: (value: number | null) => (value === null ? null : value === 1),
  to: (value: boolean | null) => (value === null ? null : Number(value)),
};

export function columnKinds(dialect: Dialect): ColumnKinds {
  return KINDS[dialect];
}

/** The dialect of a TypeORM driver type. @throws TypeError for a driver that this module does not know. */
export function dialectOf(driverType: string): Dialect {
  if (driverType === 'better-sqlite3') return 'sqlite';
  if (driverType === 'mysql' || driverType === 'mariadb') return 'mysql';
  throw new TypeError(`Connections are kept in mysql, mariadb or better-sqlite3; the data source is of ${driverType}.`);
}
