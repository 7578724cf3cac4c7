const MAX_DEPTH = 5;

/**
 * The message of an error as a log may have it. A database quotes values and statements in its messages (`Duplicate entry
 * 'ada@example.com' for key …`): what is between quotation marks is left out.
 */
export function safeMessage(error: unknown): string {
  // What else is thrown may hold anything.
  if (!isError(error)) return typeof error === 'string' ? error : `thrown: ${typeof error}`;
  return hasDatabaseError(error) ? withoutQuotes(error.message) : error.message;
}

/** Also one that was created in another realm, such as a driver's: `instanceof` does not recognize it. */
export function isError(value: unknown): value is Error {
  if (value instanceof Error) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { name, message, stack } = value as Partial<Error>;
  return [name, message, stack].every((part) => typeof part === 'string');
}

/** Also an error that repeats the message of a database error in its own. */
function hasDatabaseError(error: unknown, depth = 0): boolean {
  if (!isError(error) || depth > MAX_DEPTH) return false;
  const errors: unknown = (error as Partial<AggregateError>).errors;
  return (
    isDatabaseError(error) ||
    hasDatabaseError(error.cause, depth + 1) ||
    (Array.isArray(errors) && errors.some((inner) => hasDatabaseError(inner, depth + 1)))
  );
}

function isDatabaseError(error: Error): boolean {
  // TypeORM wraps the driver's error (`driverError`, `query`); mysql2 has `sql`, `sqlState` and `sqlMessage`.
  return (
    error.name === 'SqliteError' ||
    ['driverError', 'query', 'sql', 'sqlMessage', 'sqlState'].some((key) => key in error)
  );
}

const QUOTE = /['"]/;

/** Leaves out everything from the first quotation mark to the last: a value may hold some itself, or may be cut off. */
function withoutQuotes(message: string): string {
  const first = message.search(QUOTE);
  if (first === -1) return message;
  const last = Math.max(message.lastIndexOf("'"), message.lastIndexOf('"'));
  return `${message.slice(0, first)}…${last > first ? message.slice(last + 1) : ''}`;
}
