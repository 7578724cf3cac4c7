import type { DataSource } from 'typeorm';
import { dialectOf } from './dialect.ts';
import { waitAtMost } from './database-engine.ts';
import { connectionsOf, destroyConnections } from './mysql-connections.ts';

const DEFAULT_CLOSE_TIMEOUT_MS = 5_000;

/**
 * Closes a data source. `DataSource.destroy` waits until every connection is closed, and a connection that does not respond
 * never is: after the timeout, the remaining ones are destroyed. It never rejects.
 * @param timeoutMs in milliseconds; 5 s by default
 * @param destroy closes it without a limit
 * @returns whether all connections were closed in the regular way
 */
export async function closeDataSource(
  dataSource: DataSource,
  timeoutMs = DEFAULT_CLOSE_TIMEOUT_MS,
  destroy = (): Promise<void> => dataSource.destroy(),
): Promise<boolean> {
  if (!dataSource.isInitialized) return true;
  // TypeORM forgets its pool when it begins to close it.
  const connections = dialectOf(dataSource.options.type) === 'mysql' ? connectionsOf(dataSource) : [];
  try {
    await waitAtMost(destroy(), timeoutMs, 'Closing the database');
    return true;
  } catch {
    destroyConnections(connections);
    return false;
  }
}
