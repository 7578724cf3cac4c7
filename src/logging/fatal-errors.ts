import type { Logger } from 'pino';

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
