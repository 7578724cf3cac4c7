import type { Logger } from 'typeorm';

const nothing = (): void => undefined;

/** TypeORM's own logging prints statements, parameters and messages of the database. The service logs the errors that it throws. */
export const QUIET_LOGGER: Logger = {
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: nothing,
  log: nothing,
};
