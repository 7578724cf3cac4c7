import type { DataSource } from 'typeorm';
import { type Dialect, dialectOf } from './dialect.ts';
import type { Transaction } from './unit-of-work.ts';

const CLOCKS: Readonly<Record<Dialect, string>> = {
  mysql: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000",
  sqlite: "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)",
};

/** The database's clock in milliseconds since 1970, as SQL: instances compare leases by it, because their own clocks differ. */
export function databaseClock({ options }: DataSource): string {
  return CLOCKS[dialectOf(options.type)];
}

/** So many milliseconds from now by the database's clock, as a value of an update. */
export function inFuture(tx: Transaction, ms: number): () => string {
  return () => `${databaseClock(tx.connection)} + ${String(ms)}`;
}
