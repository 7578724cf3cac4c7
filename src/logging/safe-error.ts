import { isError, safeMessage } from '@score-crm/connections';

/** The parts of an error that may be logged. */
export interface SafeError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: SafeError;
  readonly errors?: readonly SafeError[];
}

const MAX_DEPTH = 5;
const MAX_ERRORS = 10;

/**
 * An error without what drivers and clients attach to it: statements, parameters, headers. The message of a database error quotes
 * values and statements (`Duplicate entry 'ada@example.com' for key …`), so quoted parts are omitted, in the stack too.
 */
export function safeError(error: unknown, depth = 0): SafeError {
  if (!isError(error)) return { type: typeof error, message: safeMessage(error) };
  const message = safeMessage(error);
  const { code } = error as { code?: unknown };
  const stack = frames(error);
  const nested = (inner: unknown): SafeError => safeError(inner, depth + 1);
  const { cause } = error;
  const errors: unknown = (error as Partial<AggregateError>).errors;
  return {
    type: error.name,
    message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    ...(stack === '' ? {} : { stack: `${error.name}: ${message}\n${stack}` }),
    ...(cause === undefined || depth === MAX_DEPTH ? {} : { cause: nested(cause) }),
    ...(Array.isArray(errors) && depth < MAX_DEPTH ? { errors: errors.slice(0, MAX_ERRORS).map(nested) } : {}),
  };
}

/** The lines of the stack after the message. */
function frames(error: Error): string {
  const stack = error.stack ?? '';
  const at = error.message === '' ? -1 : stack.indexOf(error.message);
  const rest = at === -1 ? stack : stack.slice(at + error.message.length);
  return rest
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .join('\n');
}
