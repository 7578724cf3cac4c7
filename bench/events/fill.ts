import type { Database } from './database.ts';

/**
 * Adds events to the tables of this service with SQL, as if they had been received over time.
 * @param database after the migrations; the service is not running
 * @param connectionId the SendGrid connection that the events belong to
 * @param rows the number of events
 */
export type FillEvents = (database: Database, connectionId: string, rows: number) => Promise<void>;

/** Undefined until it is written for the tables of events as they are now: the benchmark then omits the filled table. */
export const fillEvents = undefined as FillEvents | undefined;
