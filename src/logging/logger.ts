import { AsyncLocalStorage } from 'node:async_hooks';
import { isError, safeMessage } from '@score-crm/connections';
import { type DestinationStream, type LogFn, type Logger, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from '../config/configuration.ts';
import { safeError } from './safe-error.ts';

/** The fields of every log line of a request. */
export const requestContext = new AsyncLocalStorage<{ readonly requestId: string }>();

/** Writes JSON lines. Headers, queries and bodies of requests are never logged; of an error, only its message and stack. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: () => requestContext.getStore() ?? {},
    serializers: { err: safeError, error: safeError, req: () => undefined, res: () => undefined },
    hooks: { logMethod: logSafely },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Pino uses the message of an error if a line has none, and Fastify passes it along itself. */
function logSafely(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first, message, ...rest] = args as [unknown, unknown?, ...unknown[]];
  const error = isError(first) ? first : (first as { err?: unknown } | null | undefined)?.err;
  if (!isError(error)) {
    method.apply(this, args);
    return;
  }
  const fields = isError(first) ? { err: first } : first;
  const isMissing = message === undefined || message === error.message;
  method.apply(this, [fields, isMissing ? safeMessage(error) : message, ...rest] as unknown as Parameters<LogFn>);
}
