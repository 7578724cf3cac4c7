const MAX_DEPTH = 5;

/**
 * The message of an error in a form that is safe to log. Databases quote values and statements in their messages
 * (`Duplicate entry 'ada@example.com' for key …`), so quoted parts are left out.
 */
export function safeMessage(error: unknown): string {
  // Anything else that was thrown may contain a secret.
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

/** How servers end a message behind what they quote. Only these fixed words are kept. */
const END =
  /: syntax error$| doesn't exist$| doesn't have a default value$| cannot be null$| at (?:row|line) \d{1,6}$| \(using password: (?:YES|NO)\)$/;

/**
 * Leaves out everything from the first quotation mark on, except for a known end. The end of a value is unknown: it may
 * contain quotation marks itself, or may be cut off.
 */
function withoutQuotes(message: string): string {
  const first = message.search(QUOTE);
  if (first === -1) return message;
  return `${message.slice(0, first)}…${END.exec(message.slice(first + 1))?.[0] ?? ''}`;
}
