import { ConnectionsError } from '../errors/connections.error.ts';

/** The database does not respond, or cannot write at the moment. The same call may succeed later. */
export class DatabaseUnavailableError extends ConnectionsError {
  readonly code = 'database_unavailable';

  constructor(cause: unknown) {
    super('The database is unavailable. Try again in a moment.', { cause });
  }
}

/** Too many operations are waiting for the database. The same call may succeed in a moment. */
export class DatabaseOverloadedError extends ConnectionsError {
  readonly code = 'overloaded';

  constructor() {
    super('The database is overloaded. Try again in a moment.');
  }
}

/** The database stopped a query that read too many rows for the time a query may take. */
export class QueryTimeoutError extends ConnectionsError {
  readonly code = 'query_timeout';

  constructor(cause: unknown) {
    super('The query took too long. Narrow it, for example to fewer days or to one recipient.', { cause });
  }
}

/** A value is larger than the largest statement that the database server accepts (`max_allowed_packet`). */
export class StatementTooLargeError extends ConnectionsError {
  readonly code = 'statement_too_large';

  constructor(
    /** The maximum size of a statement in bytes. */
    readonly limit: number,
    cause?: unknown,
  ) {
    super(
      `The data is larger than the database accepts (${String(limit)} bytes). Send less, or ask the operator to raise max_allowed_packet.`,
      { cause },
    );
  }
}

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
  'ENETUNREACH',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_QUERY_INTERRUPTED',
  'ER_CONNECTION_KILLED',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
  'ER_READ_ONLY_MODE',
  'ER_DISK_FULL',
  'ER_RECORD_FILE_FULL',
]);
// The statement is at fault, even where the server ends the connection after it.
const FATAL_STATEMENT = new Set(['ER_NET_PACKET_TOO_LARGE', 'SQLITE_TOOBIG']);
const STATEMENT_TIMEOUT = new Set(['ER_STATEMENT_TIMEOUT', 'ER_QUERY_TIMEOUT']);
// MariaDB's number, which mysql2 has no name for.
const STATEMENT_TIMEOUT_NUMBERS = new Set([1969, 3024]);
const KILLED_NUMBER = 1927;
// SQLite says more than the family, e.g. SQLITE_READONLY_DBMOVED.
const UNAVAILABLE_SQLITE =
  /^SQLITE_(?:BUSY|CANTOPEN|CORRUPT|FULL|INTERRUPT|IOERR|LOCKED|NOMEM|NOTADB|PROTOCOL|READONLY)/;
const LOCKED_SQLITE = /^SQLITE_(?:BUSY|LOCKED)/;
// The last: another process wrote since this transaction read.
const CONFLICT = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD', 'SQLITE_BUSY_SNAPSHOT']);

const DUPLICATE_KEY = new Set(['ER_DUP_ENTRY', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE']);

/** Whether the database, rather than the statement, is at fault. */
export function isUnavailable(error: unknown): boolean {
  const { code, fatal, errno } = driverErrorOf(error);
  if (code !== undefined && FATAL_STATEMENT.has(code)) return false;
  if (fatal === true || errno === KILLED_NUMBER) return true;
  return code !== undefined && (UNAVAILABLE.has(code) || UNAVAILABLE_SQLITE.test(code));
}

/** Whether another transaction was in the way, so that the same one may succeed when it is repeated. */
export function isConflict(error: unknown): boolean {
  return CONFLICT.has(driverErrorOf(error).code ?? '');
}

/** Whether a lock of another process is in the way (SQLite). It may last long. */
export function isLocked(error: unknown): boolean {
  return LOCKED_SQLITE.test(driverErrorOf(error).code ?? '');
}

/** Whether the statement is larger than the server accepts. */
export function isTooLarge(error: unknown): boolean {
  return FATAL_STATEMENT.has(driverErrorOf(error).code ?? '');
}

/** Whether the connection to the server was lost. */
export function isConnectionLost(error: unknown): boolean {
  const { code, fatal, errno } = driverErrorOf(error);
  return fatal === true || errno === KILLED_NUMBER || ['PROTOCOL_CONNECTION_LOST', 'EPIPE'].includes(code ?? '');
}

/** Whether the server could not tell if a COMMIT has succeeded. */
export function isCommitFailure(error: unknown): boolean {
  return driverErrorOf(error).code === 'ER_ERROR_DURING_COMMIT';
}

/** Whether the server ended a statement that took longer than its limit. */
export function isStatementTimeout(error: unknown): boolean {
  const { code, errno } = driverErrorOf(error);
  return STATEMENT_TIMEOUT.has(code ?? '') || STATEMENT_TIMEOUT_NUMBERS.has(errno ?? 0);
}

/** Whether a key is in the table already. */
export function isDuplicateKey(error: unknown): boolean {
  return DUPLICATE_KEY.has(driverErrorOf(error).code ?? '');
}

/** Whether a rule of the schema was broken. */
export function isConstraint(error: unknown): boolean {
  return (driverErrorOf(error).code ?? '').startsWith('SQLITE_CONSTRAINT');
}

function driverErrorOf(error: unknown): DriverError & { readonly errno?: number } {
  const outer = (error ?? {}) as DriverError;
  // TypeORM wraps what the driver threw.
  return (outer.driverError as DriverError | undefined) ?? outer;
}
