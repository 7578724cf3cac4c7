import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { HAS_FAST_CONTEXT, isError, safeMessage } from '@score-crm/connections';
import { callerOf } from '@score-crm/connections-http';
import { type DestinationStream, type LogFn, type Logger, pino, stdTimeFunctions } from 'pino';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import type { LogLevel } from '../config/configuration.ts';
import { traceFields, traceFieldsOf } from '../tracing/trace-requests.ts';

/** The fields of every log line of a request. */
const requestContext = new AsyncLocalStorage<{ readonly requestId: string }>();

/** Writes JSON lines. Headers, queries and bodies of requests are never logged; of an error, only its message and stack. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: () => ({ ...requestContext.getStore(), ...traceFields() }),
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

/** The parts of an error that may be logged. */
interface SafeError {
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
function safeError(error: unknown, depth = 0): SafeError {
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

/**
 * Logs an uncaught error and ends the process with 1, because its state is unknown. Node itself would print the error with all
 * its properties, including SQL and parameters.
 */
export function exitOnUncaughtErrors(logger: Logger): void {
  const exit = (message: string) => (error: unknown) => {
    logger.fatal({ err: error }, message);
    process.exit(1);
  };
  process.on('uncaughtException', exit('An uncaught error ends the process.'));
  process.on('unhandledRejection', exit('An unhandled rejection ends the process.'));
}

const nothing = (): void => undefined;

/** TypeORM's own logging prints statements, parameters and messages of the database. The service logs the errors that it throws. */
export const QUIET_DATABASE_LOGGER = {
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: nothing,
  log: nothing,
};

const REQUEST_ID = /^[A-Za-z0-9._:-]{1,100}$/;

/** The `x-request-id` of the caller or proxy if it is safe to log, otherwise a new one. */
function requestIdOf(request: IncomingMessage | { headers: IncomingMessage['headers'] }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** The options of Fastify with which only `logRequests` logs requests. The logger adds the request ID from the request's context. */
export function requestLogging(
  logger: Logger,
): Pick<FastifyServerOptions, 'loggerInstance' | 'logController' | 'childLoggerFactory' | 'genReqId'> {
  return {
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (parent: FastifyBaseLogger) => parent,
    genReqId: requestIdOf,
  };
}

/**
 * One line for each request: the route's pattern, never its path or query, which may hold a token.
 * @param production whether lines about errors within a request may lack its ID where adding it is slow
 */
export function logRequests(fastify: FastifyInstance, production: boolean): void {
  const hasContext = HAS_FAST_CONTEXT || !production;
  const enter = (request: FastifyRequest, done: () => void): void => {
    if (hasContext) requestContext.run({ requestId: request.id }, done);
    else done();
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    enter(request, done);
  });
  // The events of the body do not run in the context of the request, so it is entered again after them.
  fastify.addHook('preValidation', (request, _reply, done) => enter(request, done));
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched');
    request.log.info(
      {
        requestId: request.id,
        ...traceFieldsOf(request),
        method: request.method,
        route,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime),
        ...senderOf(request),
      },
      'request',
    );
    done();
  });
}

function senderOf(request: FastifyRequest): { readonly organization?: string; readonly actor?: string } {
  const caller = callerOf(request);
  return caller === undefined ? {} : { organization: caller.organization, actor: caller.actor };
}
