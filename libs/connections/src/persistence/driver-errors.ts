interface DriverError {
  readonly code?: string;
  readonly fatal?: boolean;
  readonly driverError?: unknown;
}

// mysql2 and Node on a server that is down, stopping or full of connections; SQLite on a disk that is full or gone.
const UNAVAILABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'ER_CON_COUNT_ERROR',
  'ER_SERVER_SHUTDOWN',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_DISK_FULL',
  'ER_RECORD_FILE_FULL',
]);
// SQLite says more than the family, e.g. SQLITE_READONLY_DBMOVED.
const UNAVAILABLE_SQLITE = /^SQLITE_(?:BUSY|CANTOPEN|FULL|IOERR|LOCKED|READONLY)/;
// The last: another process wrote since this transaction read.
const CONFLICT = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD', 'SQLITE_BUSY_SNAPSHOT']);

/** Whether the database, rather than the statement, is at fault. */
export function isUnavailable(error: unknown): boolean {
  const { code, fatal } = driverErrorOf(error);
  return fatal === true || (code !== undefined && (UNAVAILABLE.has(code) || UNAVAILABLE_SQLITE.test(code)));
}

/** Whether another transaction was in the way, so that the same one may succeed when it is repeated. */
export function isConflict(error: unknown): boolean {
  return CONFLICT.has(driverErrorOf(error).code ?? '');
}

function driverErrorOf(error: unknown): DriverError {
  const outer = (error ?? {}) as DriverError;
  // TypeORM wraps what the driver threw.
  return (outer.driverError as DriverError | undefined) ?? outer;
}
